//! Secrets that stand elsewhere: `env:NAME`, `file:PATH`, `keyring:NAME`.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use ocamba_hood::{ProviderInfo, Secret};
use serde_json::{Map, Value};

/// The greatest size of a file with a secret.
const MAX_FILE: u64 = 64 << 10;

type Keyring = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

/// Where references to secrets lead.
///
/// In place of a secret setting a row may say where it is: `env:NAME` in the environment, `file:PATH` in a file (from the
/// current folder; one line break at its end is taken off), `keyring:NAME` in the system's keyring. They are looked up
/// just before they are sent. For a provider that this version does not know, any setting may be one.
///
/// ```
/// use ocamba_fleet::Secrets;
///
/// let secrets = Secrets::new().keyring(|name| Err(format!("there is no {name} in this keyring")));
/// ```
#[derive(Clone, Default)]
pub struct Secrets {
    keyring: Option<Arc<Keyring>>,
}

impl Secrets {
    /// References into the environment and to files.
    pub fn new() -> Self {
        Self::default()
    }

    /// With a keyring, which says why where it has no such secret.
    pub fn keyring(mut self, keyring: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        self.keyring = Some(Arc::new(keyring));
        self
    }

    /// The request with its secrets in place of references, or which fields are wrong and why.
    pub(crate) fn resolved<'r>(&self, request: &'r str) -> Result<Cow<'r, str>, Vec<(String, String)>> {
        // What is malformed is told by the check.
        let mut fields: Map<String, Value> = serde_json::from_str(request).unwrap_or_default();
        let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
        let (mut found, mut mistakes) = (false, Vec::new());
        for (name, value) in fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some((kind, place)) = value.as_str().and_then(reference) else { continue };
            found = true;
            let resolved = match provider.map(|provider| provider.setting(name)) {
                Some(Some(setting)) if !setting.secret => {
                    Err(format!("begins with {kind}:, which stands for a secret, and it is none: write its value"))
                }
                _ => self.look_up(kind, place),
            };
            match resolved {
                Ok(secret) => *value = secret.expose().into(),
                Err(message) => mistakes.push((format!("settings.{name}"), message)),
            }
        }
        match (found, mistakes.is_empty()) {
            (false, _) => Ok(request.into()),
            (true, true) => Ok(Value::Object(fields).to_string().into()),
            (true, false) => Err(mistakes),
        }
    }

    fn look_up(&self, kind: &str, place: &str) -> Result<Secret, String> {
        if place.is_empty() {
            return Err(format!("says {kind}: and not where"));
        }
        match kind {
            "env" => std::env::var(place).ok().filter(|value| !value.is_empty()).map(Secret::new).ok_or_else(|| {
                format!("is env:{place}, and the environment has no text there: set the variable {place}")
            }),
            "file" => file(place).map_err(|why| format!("is file:{place}, which cannot be used: {why}")),
            _ => match &self.keyring {
                Some(keyring) => keyring(place).map_err(|why| format!("is keyring:{place}: {why}")),
                None => Err(format!("is keyring:{place}, and there is no keyring here")),
            },
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("keyring", &self.keyring.is_some()).finish()
    }
}

const KINDS: [&str; 3] = ["env", "file", "keyring"];

fn reference(text: &str) -> Option<(&'static str, &str)> {
    let (kind, place) = text.split_once(':')?;
    KINDS.iter().find(|known| **known == kind).map(|kind| (*kind, place))
}

fn file(path: &str) -> Result<Secret, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("it has more than {} KiB", MAX_FILE >> 10));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.into()) }
}

#[cfg(test)]
mod tests {
    use ocamba_hood::providers;
    use serde_json::json;

    use super::*;

    /// A request of the first provider with this text in its secret, and in the other settings a plain one.
    fn request(secret: &str, plain: &str) -> String {
        let value = |is_secret| json!(if is_secret { secret } else { plain });
        let settings: Map<String, Value> =
            providers()[0].settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
        json!({"name": "a", "provider_id": providers()[0].id, "settings": settings}).to_string()
    }

    #[test]
    fn references_lead_to_secrets() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "canary\n").expect("written");
        let secrets = Secrets::new().keyring(|name| Ok(format!("{name}-canary").into()));
        assert!(
            secrets.resolved(&request(&format!("file:{}", path.display()), "x")).expect("there").contains("\"canary\"")
        );
        assert!(secrets.resolved(&request("keyring:k", "x")).expect("there").contains("\"k-canary\""));
        assert!(secrets.resolved(&request("env:PATH", "x")).is_ok());
        assert_eq!(secrets.resolved(&request("environment", "x")), Ok(request("environment", "x").into()));
    }

    #[test]
    fn a_reference_that_leads_nowhere_is_a_mistake_of_its_field() {
        let secrets = Secrets::new();
        for (reference, plain, expected) in [
            ("env:OCAMBA_FLEET_NOT_THERE", "x", "set the variable"),
            ("file:/not/there", "x", "cannot be used"),
            ("keyring:k", "x", "no keyring"),
            ("env:", "x", "not where"),
            ("x", "env:PATH", "it is none"),
        ] {
            let mistakes = secrets.resolved(&request(reference, plain)).expect_err(reference);
            assert!(mistakes[0].0.starts_with("settings.") && mistakes[0].1.contains(expected), "{mistakes:?}");
        }
    }
}
