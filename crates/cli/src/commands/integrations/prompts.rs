//! Questions on a terminal, for what a request lacks.

use std::io::{self, BufRead, IsTerminal, Write};

use ocamba_hood::{Error, FieldError, ProviderInfo, SettingInfo, did_you_mean, printable, providers};
use serde_json::{Map, Value};

use super::settings::{check_name, check_pasted, typed};
use crate::parts::secret_prompt;
use crate::parts::table::{ATTENTION, BOLD, DIM};
use crate::shared::error_hints;
use crate::shared::failure::Failure;

/// Returns true when somebody can be asked.
pub fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks for the fields that are missing or invalid, the provider first.
pub fn ask_for(error: &Error, fields: &mut Map<String, Value>) -> Result<(), Failure> {
    let errors = error.field_errors();
    if errors.iter().any(|error| error.field == "provider_id") {
        fields.insert("provider_id".to_owned(), provider()?.id.into());
        return Ok(());
    }
    if errors.iter().any(|error| error.field == "settings") && !fields.contains_key("settings") {
        fields.insert("settings".to_owned(), Map::new().into());
        return Ok(());
    }
    let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
    let setting = |field: &str| provider?.setting(field.strip_prefix("settings.")?);
    // A field that no prompt requests makes all answers useless.
    if let Some(other) = errors.iter().find(|error| error.field != "name" && setting(&error.field).is_none()) {
        return Err(error_hints::on_invalid_fields(error, "the options", str::to_owned)
            .hint(format!("fix {}; nothing was sent", other.field)));
    }
    errors.iter().try_for_each(|error| ask(error, setting(&error.field), fields))
}

/// Requests one field, and says why it is requested again.
fn ask(error: &FieldError, setting: Option<&SettingInfo>, fields: &mut Map<String, Value>) -> Result<(), Failure> {
    let place = match setting {
        None => fields,
        Some(_) => match fields.get_mut("settings") {
            Some(Value::Object(settings)) => settings,
            _ => return Ok(()),
        },
    };
    let name = setting.map_or(error.field.as_str(), |setting| setting.name);
    if place.contains_key(name) {
        say(&format!("{ATTENTION}{} {}{ATTENTION:#}", printable(name), printable(&error.message)));
    }
    let help = match setting {
        None => "The name of the integration, to find it by.".to_owned(),
        Some(setting) => setting.description.replace('`', ""),
    };
    say(&format!("{DIM}{help}{DIM:#}"));
    let value = loop {
        let answer = match setting.is_some_and(|setting| setting.secret) {
            true => secret_prompt::read(name).map_err(|error| cannot_ask(&error))?,
            false => line(name)?,
        };
        // Optional fields have no question.
        if answer.trim().is_empty() {
            say(&format!(
                "{ATTENTION}{} is required; Ctrl-C ends this without a request{ATTENTION:#}",
                printable(name)
            ));
            continue;
        }
        match setting.map_or_else(|| check_name(answer.trim()), |_| check_pasted(name, &answer)) {
            Ok(()) => break answer,
            Err(why) => say(&format!("{ATTENTION}{why}{ATTENTION:#}")),
        }
    };
    let value = setting.map_or_else(|| value.trim().into(), |setting| typed(setting, &value));
    place.insert(name.to_owned(), value);
    Ok(())
}

/// Asks for a provider until there is one: by its number in the list, its ID, or its name or a part of that.
fn provider() -> Result<&'static ProviderInfo, Failure> {
    let list: Vec<_> =
        (1..).zip(providers()).map(|(number, provider)| format!("{number} {}", provider.title)).collect();
    say(&format!("{DIM}{}{DIM:#}", list.join(", ")));
    loop {
        let answer = line("provider")?;
        let answer = answer.trim().to_lowercase();
        let by_number = answer.parse::<usize>().ok().and_then(|number| providers().get(number.checked_sub(1)?));
        let has_part = |provider: &&ProviderInfo| !answer.is_empty() && provider.title.to_lowercase().contains(&answer);
        let mut by_part = providers().iter().filter(has_part);
        match (by_number.or(ProviderInfo::find(&answer)), by_part.next(), by_part.next()) {
            (Some(provider), ..) | (None, Some(provider), None) => return Ok(provider),
            (None, Some(one), Some(other)) => {
                say(&format!("{ATTENTION}{} and {} have this in their name{ATTENTION:#}", one.title, other.title));
            }
            (None, None, _) => {
                let meant = did_you_mean(&answer, providers().iter().map(|provider| provider.type_name));
                say(&format!("{ATTENTION}no provider has this number or name{meant}{ATTENTION:#}"));
            }
        }
    }
}

/// Reads one line that is shown while it is typed.
fn line(label: &str) -> Result<String, Failure> {
    let _ = write!(anstream::stderr(), "{BOLD}{label}{BOLD:#}: ");
    let _ = io::stderr().flush();
    let mut text = String::new();
    let length = io::stdin().lock().read_line(&mut text).map_err(|error| cannot_ask(&error))?;
    // Without a line end it was the end of the input, and not an answer.
    if length == 0 { Err(cannot_ask(&"the input ended")) } else { Ok(secret_prompt::without_line_end(text)) }
}

fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn cannot_ask(why: &dyn std::fmt::Display) -> Failure {
    Failure::bad_input(format!("the answer could not be read: {why}"))
        .hint("give the fields as options, or a FILE with the request; nothing was sent")
}
