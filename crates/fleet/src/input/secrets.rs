//! References to secrets: `env:NAME`, `file:PATH`, `keyring:NAME`.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use ocamba_hood::{ProviderInfo, Secret};
use serde_json::{Map, Value};

/// Maximum size of a file with a secret, in bytes.
const MAX_FILE: u64 = 64 << 10;

type Keyring = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

/// Resolves references to secrets.
///
/// A secret setting may be a reference: `env:NAME` to an environment variable, `file:PATH` to a file (relative to the current
/// folder; one line break at its end is removed), `keyring:NAME` to an entry of the system's keyring. References are resolved
/// just before a request is sent. Any setting of an unknown provider may be a reference.
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
    /// Resolves references to environment variables and files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resolves references to a keyring as well. The function returns the reason if there is no such secret.
    pub fn keyring(mut self, keyring: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        self.keyring = Some(Arc::new(keyring));
        self
    }

    /// Returns the request with secrets in place of references, or the wrong fields and the reasons.
    pub(crate) fn resolve<'r>(&self, request: &'r str) -> Result<Cow<'r, str>, Vec<(String, String)>> {
        // The check reports malformed requests.
        let mut fields: Map<String, Value> = serde_json::from_str(request).unwrap_or_default();
        let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
        let (mut found, mut errors) = (false, Vec::new());
        for (name, value) in fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten() {
            let Some((kind, place)) = value.as_str().and_then(reference) else { continue };
            found = true;
            let resolved = match provider.map(|provider| provider.setting(name)) {
                Some(Some(setting)) if !setting.secret => {
                    Err(format!("is a {kind}: reference, but the setting is not a secret; write its value"))
                }
                _ => self.look_up(kind, place),
            };
            match resolved {
                Ok(secret) => *value = secret.expose().into(),
                Err(message) => errors.push((format!("settings.{name}"), message)),
            }
        }
        match (found, errors.is_empty()) {
            (false, _) => Ok(request.into()),
            (true, true) => Ok(Value::Object(fields).to_string().into()),
            (true, false) => Err(errors),
        }
    }

    fn look_up(&self, kind: &str, place: &str) -> Result<Secret, String> {
        if place.is_empty() {
            return Err(format!("is a {kind}: reference without a target"));
        }
        match kind {
            "env" => std::env::var(place).ok().filter(|value| !value.is_empty()).map(Secret::new).ok_or_else(|| {
                format!("is env:{place}, but this environment variable is empty or not set; set the variable {place}")
            }),
            "file" => file(place).map_err(|why| format!("is file:{place}, but the file could not be read: {why}")),
            _ => match &self.keyring {
                Some(keyring) => keyring(place).map_err(|why| format!("is keyring:{place}: {why}")),
                None => Err(format!("is keyring:{place}, but no keyring is available")),
            },
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("keyring", &self.keyring.is_some()).finish()
    }
}

fn reference(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(kind, _)| matches!(*kind, "env" | "file" | "keyring"))
}

fn file(path: &str) -> Result<Secret, String> {
    let text = File::open(path).and_then(|file| io::read_to_string(file.take(MAX_FILE + 1)));
    let text = text.map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!("it exceeds {} KiB", MAX_FILE >> 10));
    }
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.into()) }
}

#[cfg(test)]
pub(crate) mod tests {
    use ocamba_hood::providers;
    use serde_json::json;

    use super::*;

    /// Returns a request of the first provider with these texts in its secret and its plain settings.
    pub fn request(name: &str, secret: &str, plain: &str) -> String {
        let value = |is_secret| json!(if is_secret { secret } else { plain });
        let settings: Map<String, Value> =
            providers()[0].settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
        json!({"name": name, "provider_id": providers()[0].id, "settings": settings}).to_string()
    }

    #[test]
    fn reference_is_replaced_by_its_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "canary\n").expect("written");
        let secrets = Secrets::new().keyring(|name| Ok(format!("{name}-canary").into()));
        assert!(
            secrets
                .resolve(&request("a", &format!("file:{}", path.display()), "x"))
                .expect("there")
                .contains("\"canary\"")
        );
        assert!(secrets.resolve(&request("a", "keyring:k", "x")).expect("there").contains("\"k-canary\""));
        assert!(secrets.resolve(&request("a", "env:PATH", "x")).is_ok());
        assert_eq!(secrets.resolve(&request("a", "environment", "x")), Ok(request("a", "environment", "x").into()));
    }

    #[test]
    fn unresolved_reference_is_an_error_of_its_field() {
        let secrets = Secrets::new();
        for (reference, plain, expected) in [
            ("env:OCAMBA_FLEET_NOT_THERE", "x", "set the variable"),
            ("file:/not/there", "x", "could not be read"),
            ("keyring:k", "x", "no keyring"),
            ("env:", "x", "without a target"),
            ("x", "env:PATH", "is not a secret"),
        ] {
            let errors = secrets.resolve(&request("a", reference, plain)).expect_err(reference);
            assert!(errors[0].0.starts_with("settings.") && errors[0].1.contains(expected), "{errors:?}");
        }
    }
}
