//! `--set` and `--unset`: changes of settings on the command line.

use std::io::{self, IsTerminal};
use std::path::Path;

use ocamba_fleet::{References, as_text, expand_home, is_reference};
use ocamba_hood::{ProviderInfo, SettingInfo, SettingKind};
use serde_json::{Map, Value, json};

use crate::parts::secret_prompt;
use crate::shared::failure::Failure;
use crate::shared::references::resolve;

/// One `KEY=VALUE`. It has no Debug, and clap does not parse it: the value may be a secret, which an error would quote.
#[derive(Clone)]
pub struct Assignment(String);

impl From<String> for Assignment {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Assignment {
    fn parse(&self) -> Result<(&str, &str), Failure> {
        let refused = |what: &str| refused(what, "give it as --set KEY=VALUE, --set KEY=@FILE, or --set KEY=-");
        match self.0.split_once('=') {
            None => Err(refused("--set has no =")),
            Some(("", _)) => Err(refused("--set has no setting before the =")),
            Some((key, "@")) => Err(refused(&format!("--set {key}=@ has no file after the @"))),
            Some(assignment) => Ok(assignment),
        }
    }
}

/// Returns a value: `@FILE` reads a file, `-` standard input. Any other may be a reference.
fn read(key: &str, value: &str, references: &References) -> Result<String, Failure> {
    let (name, text) = match value.strip_prefix('@') {
        Some(path) => (path, std::fs::read(expand_home(Path::new(path))).and_then(secret_prompt::of_file)),
        None if value == "-" => ("standard input", secret_prompt::read(&format!("Value of {key}"))),
        None => {
            check_pasted(key, value).map_err(|why| refused(&format!("--set {key}: {why}"), "remove it"))?;
            let request = json!({ "settings": { key: value } }).to_string();
            let resolved: Value =
                serde_json::from_str(&resolve(references, &request, "the options")?).unwrap_or_default();
            return Ok(resolved["settings"][key].as_str().unwrap_or_default().to_owned());
        }
    };
    let text = text.map_err(|error| {
        let message = format!("--set {key}: {name} cannot be read: {error}");
        refused(&message, "give the path of a file that has only the value")
    })?;
    let unchanged = "remove it; a FILE with the request may have any value";
    check_pasted(key, &text).map(|()| text).map_err(|why| refused(&format!("--set {key}: {why}"), unchanged))
}

/// Refuses what a paste or a file brings along, and what no provider has in a setting. Quotes no value.
pub fn check_pasted(key: &str, text: &str) -> Result<(), String> {
    let what = |what: &str| Err(format!("the value of {key} {what}"));
    let quotes = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('„', '“'), ('‘', '’')];
    let is_quoted = |(open, close): &(char, char)| text.len() > 1 && text.starts_with(*open) && text.ends_with(*close);
    match text {
        _ if text.contains(['\n', '\r']) => what("has a line break"),
        _ if text.starts_with(secret_prompt::is_blank) => what("begins with a space, or a character that shows as one"),
        _ if text.ends_with(secret_prompt::is_blank) => what("ends with a space, or a character that shows as one"),
        _ if text.contains(|c: char| c != ' ' && (secret_prompt::is_blank(c) || c.is_control())) => {
            what("has a character that does not show, as a tab or a no-break space")
        }
        _ if quotes.iter().any(is_quoted) => what("is in quotation marks"),
        _ => Ok(()),
    }
}

/// Refuses what nobody can mean in a name. Other names are the server's matter.
pub fn check_name(name: &str) -> Result<(), String> {
    match name.contains(char::is_control) {
        true => Err("has a character that does not show, as a line break or a tab; remove it".to_owned()),
        false => Ok(()),
    }
}

/// Converts a text to the type of its setting. A text that is not of this type is refused later.
pub fn typed(setting: &SettingInfo, text: &str) -> Value {
    let is_text = setting.kind == SettingKind::String;
    Some(text).filter(|_| !is_text).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| text.into())
}

/// Settings that options change.
pub struct Settings {
    values: Map<String, Value>,
    /// Those that were given as references.
    references: Map<String, Value>,
    has_read_stdin: bool,
}

impl Settings {
    /// Reads all values. Standard input has room for one of them.
    pub fn of(
        set: &[Assignment],
        unset: &[String],
        stdin_is_taken: bool,
        references: &References,
    ) -> Result<Self, Failure> {
        let set = set.iter().map(Assignment::parse).collect::<Result<Vec<_>, _>>()?;
        let readers = set.iter().filter(|(_, value)| *value == "-").count();
        if readers + usize::from(stdin_is_taken) > 1 {
            return Err(refused("standard input can be read only once", "give one - only, and files for the others"));
        }
        let (mut all, mut given_as_references) = (Map::new(), Map::new());
        let mut add = |key: &str, value: Value| match all.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(refused(&format!("{key} is changed twice"), "give each setting once, to --set or --unset")),
        };
        for (key, value) in set {
            add(key, read(key, value, references)?.into())?;
            if is_reference(value) {
                given_as_references.insert(key.to_owned(), value.into());
            }
        }
        for key in unset {
            add(key, Value::Null)?;
        }
        Ok(Self {
            values: all,
            references: given_as_references,
            has_read_stdin: readers > 0 && !io::stdin().is_terminal(),
        })
    }

    /// Returns true if a value came from a file or pipe as standard input, which then has no answers to questions.
    pub fn has_read_stdin(&self) -> bool {
        self.has_read_stdin
    }

    /// Puts references back in place of the secrets that they were resolved to.
    pub fn restore_references(&self, written: Option<&Map<String, Value>>, fields: &mut Map<String, Value>) {
        let Some(Value::Object(settings)) = fields.get_mut("settings") else { return };
        // Whatever a value begins with, only what was written as a reference is one.
        for value in settings.values_mut() {
            if let Some(text) = value.as_str() {
                *value = as_text(text).into();
            }
        }
        let of_file = written
            .into_iter()
            .flatten()
            .filter(|(key, value)| value.as_str().is_some_and(is_reference) && !self.values.contains_key(*key));
        settings.extend(of_file.chain(&self.references).map(|(key, value)| (key.clone(), value.clone())));
    }

    /// Adds them to the changes of a file, which they override.
    pub fn add_to(&self, changes: &mut Map<String, Value>) {
        if self.values.is_empty() {
            return;
        }
        let settings = changes.entry("settings").or_insert_with(|| Map::new().into());
        // Anything but an object is refused later.
        if let Value::Object(settings) = settings {
            settings.extend(self.values.clone());
        }
    }

    /// Converts texts to the numbers and booleans that the provider requires.
    pub fn type_by(&self, provider: &ProviderInfo, changes: &mut Map<String, Value>) {
        let Some(Value::Object(settings)) = changes.get_mut("settings") else { return };
        for (key, value) in &self.values {
            if let (Some(setting), Some(text)) = (provider.setting(key), value.as_str()) {
                settings.insert(key.clone(), typed(setting, text));
            }
        }
    }
}

fn refused(what: &str, fix: &str) -> Failure {
    Failure::bad_input(what).hint(format!("{fix}; nothing was sent"))
}
