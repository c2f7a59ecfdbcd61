//! `--set` and `--unset`: changes to settings on the command line.

use ocamba_hood::{ProviderInfo, SettingKind};
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::report::Failure;
use crate::typed;

/// One `KEY=VALUE`. It does not show itself: its value may be a secret. So clap does not parse it, and quote what is wrong.
#[derive(Clone)]
pub struct Assignment(String);

impl From<String> for Assignment {
    fn from(text: String) -> Self {
        Self(text)
    }
}

enum Given<'a> {
    Text(&'a str),
    File(&'a str),
    Stdin,
}

impl Assignment {
    fn parse(&self) -> Result<(&str, Given<'_>), Failure> {
        let refused = |what: &str| refused(what, "give it as --set KEY=VALUE, --set KEY=@FILE, or --set KEY=-");
        let (key, value) = self.0.split_once('=').ok_or_else(|| refused("--set has no ="))?;
        if key.is_empty() {
            return Err(refused("--set has no name of a setting before the ="));
        }
        let given = match value.strip_prefix('@') {
            Some("") => return Err(refused(&format!("--set {key}=@ has no file after the @"))),
            Some(path) => Given::File(path),
            None if value == "-" => Given::Stdin,
            None => Given::Text(value),
        };
        Ok((key, given))
    }
}

impl Given<'_> {
    fn read(&self, key: &str) -> Result<String, Failure> {
        let failure = |what: &str, error: std::io::Error| {
            refused(
                &format!("--set {key}: {what} cannot be read: {error}"),
                "give the path of a file with the value alone",
            )
        };
        match self {
            Self::Text(text) => Ok((*text).to_owned()),
            Self::Stdin => typed::read(&format!("Value of {key}")).map_err(|error| failure("standard input", error)),
            Self::File(path) => {
                std::fs::read_to_string(path).map(typed::without_end).map_err(|error| failure(path, error))
            }
        }
    }
}

/// The settings that are changed by options.
pub struct Settings(Map<String, Value>);

impl Settings {
    /// Reads what is in files. Standard input can be read for one thing only.
    pub fn of(set: &[Assignment], unset: &[String], stdin_is_taken: bool) -> Result<Self, Failure> {
        let set = set.iter().map(Assignment::parse).collect::<Result<Vec<_>, _>>()?;
        let readers = set.iter().filter(|(_, value)| matches!(value, Given::Stdin)).count();
        if readers + usize::from(stdin_is_taken) > 1 {
            return Err(refused("standard input can be read once", "give only one - , and files for the others"));
        }
        let mut all = Map::new();
        let mut add = |key: &str, value: Value| match all.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(refused(&format!("{key} is changed twice"), "give each setting once, to --set or --unset")),
        };
        for (key, value) in set {
            add(key, value.read(key)?.into())?;
        }
        for key in unset {
            add(key, Value::Null)?;
        }
        Ok(Self(all))
    }

    /// Adds them to the changes of a file, before which they go.
    pub fn add_to(&self, changes: &mut Map<String, Value>) {
        if self.0.is_empty() {
            return;
        }
        let settings = changes.entry("settings").or_insert_with(|| Map::new().into());
        // What is no object is left to be refused.
        if let Value::Object(settings) = settings {
            settings.extend(self.0.clone());
        }
    }

    /// Makes numbers and truths of texts, where the provider wants those.
    pub fn type_by(&self, provider: &ProviderInfo, changes: &mut Map<String, Value>) {
        let Some(Value::Object(settings)) = changes.get_mut("settings") else { return };
        for (key, value) in &self.0 {
            let is_text = provider.setting(key).is_none_or(|setting| setting.kind == SettingKind::String);
            if let (false, Some(typed)) = (is_text, value.as_str().and_then(|text| serde_json::from_str(text).ok())) {
                settings.insert(key.clone(), typed);
            }
        }
    }
}

fn refused(what: &str, mend: &str) -> Failure {
    Failure::new(Exit::BadInput, what).hint(format!("{mend}; nothing was sent"))
}
