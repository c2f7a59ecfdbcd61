//! `--set` and `--unset`: changes of settings on the command line.

use ocamba_fleet::References;
use ocamba_hood::{ProviderInfo, SettingKind};
use serde_json::{Map, Value, json};

use super::request::resolve;
use crate::parts::secret_prompt;
use crate::shared::failure::Failure;

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
        Some(path) => (path, std::fs::read_to_string(path).map(secret_prompt::without_line_end)),
        None if value == "-" => ("standard input", secret_prompt::read(&format!("Value of {key}"))),
        None => {
            let request = json!({ "settings": { key: value } }).to_string();
            let resolved: Value =
                serde_json::from_str(&resolve(references, &request, "the options")?).unwrap_or_default();
            return Ok(resolved["settings"][key].as_str().unwrap_or_default().to_owned());
        }
    };
    text.map_err(|error| {
        let message = format!("--set {key}: {name} cannot be read: {error}");
        refused(&message, "give the path of a file that has only the value")
    })
}

/// Settings that options change.
pub struct Settings(Map<String, Value>);

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
        let mut all = Map::new();
        let mut add = |key: &str, value: Value| match all.insert(key.to_owned(), value) {
            None => Ok(()),
            Some(_) => Err(refused(&format!("{key} is changed twice"), "give each setting once, to --set or --unset")),
        };
        for (key, value) in set {
            add(key, read(key, value, references)?.into())?;
        }
        for key in unset {
            add(key, Value::Null)?;
        }
        Ok(Self(all))
    }

    /// Adds them to the changes of a file, which they override.
    pub fn add_to(&self, changes: &mut Map<String, Value>) {
        if self.0.is_empty() {
            return;
        }
        let settings = changes.entry("settings").or_insert_with(|| Map::new().into());
        // Anything but an object is refused later.
        if let Value::Object(settings) = settings {
            settings.extend(self.0.clone());
        }
    }

    /// Converts texts to the numbers and booleans that the provider requires.
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

fn refused(what: &str, fix: &str) -> Failure {
    Failure::bad_input(what).hint(format!("{fix}; nothing was sent"))
}
