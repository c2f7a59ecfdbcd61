//! Providers as options name them.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error, error::ErrorKind};
use ocamba_hood::{ProviderInfo, did_you_mean, providers};

/// Returns a parser of a provider's ID or name. Digits are an ID, and a name must be known.
pub fn parser() -> impl TypedValueParser<Value = String> {
    Parser
}

#[derive(Clone)]
struct Parser;

impl TypedValueParser for Parser {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &std::ffi::OsStr) -> Result<String, Error> {
        let text = value.to_string_lossy();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(text.into_owned());
        }
        ProviderInfo::find(&text).map(|provider| provider.id.to_owned()).ok_or_else(|| {
            let known: Vec<_> = providers().iter().map(|it| format!("{} ({})", it.title, it.id)).collect();
            let option = argument.map(ToString::to_string).unwrap_or_default();
            let meant = did_you_mean(&text, providers().iter().flat_map(|it| [it.title, it.type_name]));
            let message = format!(
                "invalid value '{text}' for '{option}': expected the ID of a provider, or a name: {}{meant}",
                known.join(", ")
            );
            Error::raw(ErrorKind::ValueValidation, message + "\n").with_cmd(command)
        })
    }

    /// For completions: the names of their types, which have no spaces.
    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // As they are typed, and as the help writes them: shells compare the case.
        let name = |provider: &'static ProviderInfo| {
            PossibleValue::new(provider.type_name.to_lowercase()).help(provider.title)
        };
        Some(Box::new(providers().iter().map(name)))
    }
}
