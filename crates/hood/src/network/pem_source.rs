//! Certificates and keys that a user gives, as text or as a file.

use std::path::Path;

use crate::env;
use crate::error::Error;
use crate::secret::Secret;

/// Text in PEM, or the path of a file or folder that has it.
#[derive(Clone, Debug)]
pub struct PemSource {
    /// The option or variable, for errors.
    pub name: &'static str,
    value: Secret,
}

impl PemSource {
    pub fn new(name: &'static str, value: impl Into<Secret>) -> Self {
        Self { name, value: value.into() }
    }

    /// Returns that of a variable, if it is set.
    pub fn from_env(name: &'static str) -> Result<Option<Self>, Error> {
        Ok(env::text(name)?.map(|value| Self::new(name, value)))
    }

    /// Returns the text.
    pub fn read(&self) -> Result<String, Error> {
        let value = self.value.expose();
        if value.contains("-----BEGIN") {
            return Ok(value.to_owned());
        }
        let path = Path::new(value);
        let read = if path.is_dir() { read_folder(path) } else { std::fs::read(path) };
        match read {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            // The value is quoted only where it is a path: a key without its first line must not be shown.
            Err(error) if path.parent().is_some_and(Path::is_dir) || value.len() < 100 && !value.contains('\n') => {
                Err(self.refuse(&format!("names the file {value}, which cannot be read ({error})")))
            }
            Err(_) => Err(self.refuse("is neither PEM text nor the path of a file")),
        }
    }

    /// Returns the error for a value that cannot be used.
    pub fn refuse(&self, why: &str) -> Error {
        Error::configuration(format!("{} {why}", self.name))
    }
}

/// Returns the files of a folder one after the other.
fn read_folder(folder: &Path) -> std::io::Result<Vec<u8>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            all.extend(std::fs::read(path)?);
            all.push(b'\n');
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_of_a_pem_does_not_show_a_key() {
        let key = format!("{}\n{}", "canary".repeat(9), "canary".repeat(9));
        for value in [key.as_str(), &"canary".repeat(40)] {
            let error = PemSource::new("client_certificate", value).read().expect_err("no PEM").to_string();
            assert!(error.starts_with("client_certificate ") && !error.contains("canary"), "{error}");
        }
        let error = PemSource::new("root_certificates", "/nowhere/ca.pem").read().expect_err("no file").to_string();
        assert!(error.contains("/nowhere/ca.pem"), "{error}");
    }
}
