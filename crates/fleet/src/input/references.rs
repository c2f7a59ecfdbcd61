//! References to secrets in place of the secrets: `env:NAME`, `file:PATH`, `keyring:NAME`, and what they may read.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ocamba_hood::{ProviderInfo, Secret};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::input::secret_file;

/// Beginning of the names of this project's own variables, the account's token among them.
const OWN_VARIABLES: &str = "OCAMBA_";

type Keyring = dyn Fn(&str) -> Result<Secret, String> + Send + Sync;

/// What references to secrets may read. Nothing, unless it is permitted here: whoever writes a row could otherwise send any
/// variable or file of this machine to any provider.
///
/// A secret setting may be a reference: `env:NAME` to an environment variable, `file:PATH` to a file (one line break at its end
/// is removed), `keyring:NAME` to an entry of a keyring. References are resolved just before a request is sent. Any setting of
/// an unknown provider may be a reference. Once anything is permitted, `text:` before such a text makes it a text: `text:env:x`
/// is sent as `env:x`. If nothing is, every text is sent unchanged.
///
/// ```
/// use ocamba_fleet::{Format, References, RowReader};
///
/// let references = References::new().variables("MITTO_")?.folder(".")?;
/// let rows = RowReader::from_reader("".as_bytes(), Format::JsonLines, "rows").references(references);
/// # Ok::<(), ocamba_fleet::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct References {
    prefixes: Vec<String>,
    folder: Option<PathBuf>,
    keyring: Option<Arc<Keyring>>,
}

impl References {
    /// Permits nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Permits environment variables whose names begin with this prefix, but never those that begin with `OCAMBA_`. Can be
    /// repeated.
    ///
    /// # Errors
    ///
    /// [`Error::References`]: the prefix is empty, has other characters than letters, digits and `_`, or begins with `OCAMBA_`.
    pub fn variables(mut self, prefix: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Err(Error::References(format!("the prefix of variables {why}")));
        if prefix.is_empty() {
            return refuse("is empty; name the beginning of the variables that may be read, as env:SMTP_");
        }
        if !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return refuse("may have only letters, digits and _");
        }
        if is_own(prefix) {
            return refuse("must not begin with OCAMBA_: these variables are never read by references");
        }
        self.prefixes.push(prefix.to_owned());
        Ok(self)
    }

    /// Permits the files in one folder and in the folders below it. Paths are relative to the folder, without `..`; links
    /// that lead out of it are refused.
    ///
    /// # Errors
    ///
    /// [`Error::File`]: the folder does not exist. [`Error::References`]: there is one already.
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let found = expand_home(folder).canonicalize().and_then(|folder| match folder.is_dir() {
            true => Ok(folder),
            false => Err(io::ErrorKind::NotADirectory.into()),
        });
        let found = found.map_err(Error::file(folder.display(), "used as the folder of references"))?;
        match self.folder.replace(found) {
            None => Ok(self),
            Some(_) => Err(Error::References("more than one folder is permitted; name one".to_owned())),
        }
    }

    /// Permits the entries of a keyring. The function returns an entry, or the reason why there is none, which names nothing
    /// else of the keyring.
    pub fn keyring(mut self, keyring: impl Fn(&str) -> Result<Secret, String> + Send + Sync + 'static) -> Self {
        self.keyring = Some(Arc::new(keyring));
        self
    }

    /// Returns true if anything is permitted.
    fn are_on(&self) -> bool {
        !self.prefixes.is_empty() || self.folder.is_some() || self.keyring.is_some()
    }

    /// Returns true if the request has references, and nothing is permitted: then they are sent as texts.
    #[doc(hidden)]
    pub fn are_missing_for(&self, request: &str) -> bool {
        !self.are_on() && !of_request(request).is_empty()
    }

    /// Returns the references of a request, as `api_key=env:MITTO_KEY`; none if it has none.
    pub(crate) fn names(&self, request: &str) -> Option<String> {
        let found = if self.are_on() { of_request(request) } else { Vec::new() };
        let names = found.iter().map(|(setting, kind, place)| format!("{setting}={kind}:{place}"));
        Some(names.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    }

    /// Returns the request with secrets in place of references, or the wrong fields and the reasons.
    #[doc(hidden)]
    pub fn resolve<'r>(&self, request: &'r str) -> Result<Cow<'r, str>, Vec<(String, String)>> {
        if !self.are_on() {
            return Ok(request.into());
        }
        let (mut fields, provider) = read(request);
        let (mut is_changed, mut errors) = (false, Vec::new());
        for (name, value) in settings_of(&mut fields) {
            let resolved = match value.as_str().and_then(Found::of) {
                None => continue,
                Some(Found::Text(text)) => Ok(text.into()),
                Some(Found::Reference(kind, place)) => match (is_secret(provider, name), self.permits(kind)) {
                    (true, _) => self.look_up(kind, place),
                    (false, false) => continue,
                    (false, true) => Err(format!(
                        "begins with {kind}:, but is not a secret; write its value, with text: before a value that begins so"
                    )),
                },
            };
            match resolved {
                Ok(secret) => (*value, is_changed) = (secret.expose().into(), true),
                Err(message) => errors.push((format!("settings.{name}"), message)),
            }
        }
        match (is_changed, errors.is_empty()) {
            (_, false) => Err(errors),
            (true, true) => Ok(Value::Object(fields).to_string().into()),
            (false, true) => Ok(request.into()),
        }
    }

    fn permits(&self, kind: &str) -> bool {
        match kind {
            "env" => !self.prefixes.is_empty(),
            "file" => self.folder.is_some(),
            _ => self.keyring.is_some(),
        }
    }

    /// Returns the secret. The reason of a failure tells nothing about what is not permitted, and quotes no target but the name
    /// of a permitted variable: the text may be a secret that begins like a reference.
    fn look_up(&self, kind: &str, place: &str) -> Result<Secret, String> {
        if place.is_empty() || place.contains('\0') {
            return Err(format!("is the reference {kind}: without a valid target"));
        }
        let forbidden = |how: &str| {
            Err(format!(
                "is a reference ({kind}:) that is not permitted; {how}, or put text: before a text that begins so"
            ))
        };
        match (kind, &self.folder, &self.keyring) {
            ("env", ..) if is_own(place) || !self.prefixes.iter().any(|prefix| place.starts_with(prefix)) => {
                forbidden("permit a prefix of its name, which never is OCAMBA_")
            }
            ("env", ..) => match std::env::var(place) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                _ => {
                    Err(format!("is env:{place}, but this environment variable has no text; set the variable {place}"))
                }
            },
            ("file", Some(folder), _) => {
                secret_file::read(folder, place).map_err(|why| format!("is a reference (file:) {why}"))
            }
            ("file", ..) => forbidden("permit its folder"),
            (_, _, Some(keyring)) => keyring(place).map_err(|why| format!("is a reference (keyring:), but {why}")),
            _ => forbidden("permit its service of the keyring"),
        }
    }
}

impl fmt::Debug for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefixes, folder, keyring } = self;
        let mut shown = f.debug_struct("References");
        shown.field("variables", prefixes).field("folder", folder).field("keyring", &keyring.is_some()).finish()
    }
}

/// A text that is not sent unchanged once references are permitted.
enum Found<'t> {
    /// What follows `text:`.
    Text(&'t str),
    /// Kind and target.
    Reference(&'t str, &'t str),
}

impl<'t> Found<'t> {
    fn of(text: &'t str) -> Option<Self> {
        match text.split_once(':')? {
            ("text", text) => Self::of(text).map(|_| Self::Text(text)),
            (kind @ ("env" | "file" | "keyring"), place) => Some(Self::Reference(kind, place)),
            _ => None,
        }
    }
}

/// Returns true for a text that has the form of a reference to a secret.
#[doc(hidden)]
pub fn is_reference(text: &str) -> bool {
    matches!(Found::of(text), Some(Found::Reference(..)))
}

/// Returns a text in the form in which it stays a text where references are read.
#[doc(hidden)]
pub fn as_text(text: &str) -> Cow<'_, str> {
    if Found::of(text).is_some() { format!("text:{text}").into() } else { text.into() }
}

/// Returns the references of a request: setting, kind and target.
fn of_request(request: &str) -> Vec<(String, String, String)> {
    let (mut fields, provider) = read(request);
    let reference = |(name, value): (&String, &mut Value)| match Found::of(value.as_str()?)? {
        Found::Reference(kind, place) if is_secret(provider, name) => {
            Some((name.clone(), kind.to_owned(), place.to_owned()))
        }
        _ => None,
    };
    settings_of(&mut fields).filter_map(reference).collect()
}

/// Returns the fields of a request, none of a malformed one, which the check reports, and its provider.
fn read(request: &str) -> (Map<String, Value>, Option<&'static ProviderInfo>) {
    let fields: Map<String, Value> = serde_json::from_str(request).unwrap_or_default();
    let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
    (fields, provider)
}

fn settings_of(fields: &mut Map<String, Value>) -> impl Iterator<Item = (&String, &mut Value)> {
    fields.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten()
}

/// Returns true for every setting that may be a secret, as all of an unknown provider.
fn is_secret(provider: Option<&ProviderInfo>, setting: &str) -> bool {
    provider.and_then(|provider| provider.setting(setting)).is_none_or(|setting| setting.secret)
}

/// Returns true for the name of an own variable in any case: names on Windows have none.
fn is_own(variable: &str) -> bool {
    variable.to_ascii_uppercase().starts_with(OWN_VARIABLES)
}

/// Returns a path with the home folder in place of a `~` that no shell has expanded.
#[doc(hidden)]
pub fn expand_home(path: &Path) -> Cow<'_, Path> {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest).into(),
        _ => path.into(),
    }
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

    /// Returns references with everything permitted that a test needs, and the folder.
    fn permitted() -> (References, tempfile::TempDir) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("in")).expect("a folder");
        let references = References::new().variables("CARGO_PKG_").and_then(|it| it.folder(folder.path().join("in")));
        let keyring = |name: &str| if name == "k" { Ok("k-canary".into()) } else { Err("there is none".to_owned()) };
        (references.expect("permitted").keyring(keyring), folder)
    }

    fn message(references: &References, secret: &str, plain: &str) -> String {
        let errors = references.resolve(&request("a", secret, plain)).expect_err(secret);
        assert!(errors.iter().all(|(field, _)| field.starts_with("settings.")), "{errors:?}");
        errors[0].1.clone()
    }

    #[test]
    fn home_that_no_shell_has_expanded_is_found() {
        let home = std::env::home_dir().expect("a home");
        assert_eq!(expand_home(Path::new("~/a/b")), home.join("a/b"));
        for unchanged in ["a/~", "~a/b", "/a/b"] {
            assert_eq!(expand_home(Path::new(unchanged)), Path::new(unchanged));
        }
    }

    #[test]
    fn permitted_reference_is_replaced_by_its_secret() {
        let (references, folder) = permitted();
        std::fs::create_dir(folder.path().join("in/deep")).expect("a folder");
        std::fs::write(folder.path().join("in/deep/secret"), "canary\r\n").expect("written");
        for (reference, secret) in [
            ("file:deep/secret", "canary"),
            ("file:./deep/./secret", "canary"),
            ("keyring:k", "k-canary"),
            ("env:CARGO_PKG_NAME", "ocamba-fleet"),
            ("text:env:PATH", "env:PATH"),
            ("text:text:file:x", "text:file:x"),
        ] {
            let referring = request("a", reference, "text:file:x");
            assert_eq!(references.resolve(&referring).expect(reference), request("a", secret, "file:x"), "{reference}");
        }
        for unchanged in ["environment", "text:x", "text: env:x", "ENV:PATH", " env:PATH", "https://x", "text:"] {
            let request = request("a", unchanged, unchanged);
            assert_eq!(references.resolve(&request), Ok(request.as_str().into()));
            assert_eq!(references.names(&request), None);
        }
        let names = references.names(&request("a", "env:CARGO_PKG_NAME", "file:x")).expect("names");
        assert!(names.ends_with("=env:CARGO_PKG_NAME"), "{names}");
        // A plain setting may begin like a reference that nobody permitted.
        let variables = References::new().variables("CARGO_").expect("a prefix");
        let request = request("a", "env:CARGO_PKG_NAME", "file:x");
        assert!(variables.resolve(&request).expect("resolved").contains("\"file:x\""));
    }

    #[test]
    fn nothing_is_read_unless_it_is_permitted() {
        let off = References::new();
        for text in ["env:PATH", "file:/etc/passwd", "keyring:k", "text:env:PATH"] {
            let request = request("a", text, text);
            assert_eq!((off.resolve(&request), off.names(&request)), (Ok(request.as_str().into()), None));
            assert_eq!(off.are_missing_for(&request), !text.starts_with("text"));
        }
        let (all, _folder) = permitted();
        let [variables, folder, keyring] = [
            References { prefixes: all.prefixes.clone(), ..References::new() },
            References { folder: all.folder.clone(), ..References::new() },
            References { keyring: all.keyring.clone(), ..References::new() },
        ];
        for (references, text) in [
            (&variables, "file:canary"),
            (&variables, "keyring:canary"),
            (&folder, "env:canary"),
            (&keyring, "file:canary"),
            (&all, "env:canary"),
            (&all, "env:PATH"),
            (&all, "env:OCAMBA_TOKEN"),
            (&all, "env:cargo_PKG_NAME"),
        ] {
            let message = message(references, text, "x");
            assert!(message.contains("not permitted") && !message.contains("canary"), "{message}");
        }
        let message = message(&References { prefixes: vec!["O".into(), "o".into()], ..all }, "env:ocamba_token", "x");
        assert!(message.contains("not permitted"), "{message}");
    }

    #[test]
    fn unresolved_reference_is_an_error_of_its_field() {
        let (references, folder) = permitted();
        std::fs::write(folder.path().join("in/empty"), "\n").expect("written");
        for (reference, plain, expected) in [
            ("env:CARGO_PKG_NOT_THERE", "x", "set the variable CARGO_PKG_NOT_THERE"),
            ("file:empty", "x", "is empty"),
            ("file:../canary", "x", "leads out of the permitted folder"),
            ("keyring:canary", "x", "there is none"),
            ("env:", "x", "without a valid target"),
            ("file:canary\0", "x", "without a valid target"),
            ("x", "env:PATH", "is not a secret"),
        ] {
            let message = message(&references, reference, plain);
            assert!(message.contains(expected) && !message.contains("canary"), "{message}");
        }
    }

    #[test]
    fn what_cannot_be_permitted_is_refused() {
        for prefix in ["", "OCAMBA_", "ocamba_x", "A-", "A=", "*"] {
            let error = References::new().variables(prefix).expect_err(prefix);
            assert_eq!(error.code(), "references");
        }
        let folder = tempfile::tempdir().expect("a folder");
        assert!(References::new().folder(folder.path().join("x")).is_err());
        assert!(References::new().folder(folder.path()).and_then(|it| it.folder(folder.path())).is_err());
    }
}
