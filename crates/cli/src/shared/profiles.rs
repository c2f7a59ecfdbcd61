//! Profiles: the settings of accounts, by name. Tokens are not in their file, only where each token is stored.

use std::collections::BTreeMap;
use std::fs::TryLockError;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use ocamba_fleet::private_file;
use ocamba_hood::{DEFAULT_BASE_URL, create_private_folder, open_private_file};
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// Name of the profile that a login creates where none is named.
pub const FIRST: &str = "default";

const FILE: &str = "profiles.json";
/// Time for which another process may change the profiles.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const LOCK_INTERVAL: Duration = Duration::from_millis(20);

/// All profiles of this user.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profiles {
    /// Name of the profile that is used where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The profiles by name.
    #[serde(rename = "profiles")]
    pub all: BTreeMap<String, Profile>,
    /// Folder of the profiles, and of the tokens that are stored in files.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// Settings of an account. Those that are left out have their defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// URL of the server at which the token was stored: it goes to no other.
    #[serde(default = "default_base_url")]
    pub base_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit_tier: Option<String>,
    /// Where the token is stored.
    pub token: TokenStore,
}

/// Place where a token is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenStore {
    /// The system's keyring.
    #[default]
    Keyring,
    /// A file that only its user can read.
    File,
}

impl Profiles {
    /// Reads all profiles. Without a file there are none.
    pub fn read() -> Result<Self, Failure> {
        let folder = folder().ok_or_else(|| {
            Failure::bad_input("there is no home folder for the profiles")
                .hint("set OCAMBA_CONFIG_DIR to a folder; nothing was sent")
        })?;
        let path = folder.join(FILE);
        let profiles: Self = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                // The error's own words would quote a token that somebody wrote there.
                let position = format!("line {} column {}", error.line(), error.column());
                Failure::bad_input(format!("{} is not valid at {position}", path.display()))
                    .hint("fix it, or remove it and log in again with 'ocamba auth login'; nothing was sent")
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => Self::default(),
            Err(error) => {
                return Err(Failure::bad_input(format!("{} cannot be read: {error}", path.display()))
                    .hint("make it readable, or set OCAMBA_CONFIG_DIR to another folder; nothing was sent"));
            }
        };
        Ok(Self { folder, ..profiles })
    }

    /// Changes the profiles while no other process does, and writes them.
    pub fn change<T>(change: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        let folder = Self::read()?.folder;
        let path = folder.join("profiles.lock");
        let unlocked = |error: &dyn std::fmt::Display| {
            Failure::other(format!("{} cannot be locked: {error}", path.display()))
                .hint("make its folder writable, or set OCAMBA_CONFIG_DIR to another folder; nothing was stored")
        };
        let lock = create_private_folder(&folder).and_then(|()| open_private_file(&path));
        let lock = lock.map_err(|error| unlocked(&error))?;
        let start = Instant::now();
        while let Err(error) = lock.try_lock() {
            match error {
                TryLockError::WouldBlock if start.elapsed() < LOCK_TIMEOUT => thread::sleep(LOCK_INTERVAL),
                TryLockError::WouldBlock => return Err(unlocked(&"another ocamba keeps it locked")),
                TryLockError::Error(error) => return Err(unlocked(&error)),
            }
        }
        // Read again: another process may have changed them before the lock.
        let mut profiles = Self::read()?;
        let result = change(&mut profiles)?;
        let text = serde_json::to_string_pretty(&profiles).unwrap_or_default();
        write_private(&profiles.folder.join(FILE), &text)?;
        Ok(result)
    }

    /// Returns the profile with this name.
    pub fn find(&self, name: &str) -> Result<&Profile, Failure> {
        self.all.get(name).ok_or_else(|| {
            let hint = format!("create it with 'ocamba auth login --profile {name}'; nothing was sent");
            self.missing(name).hint(hint)
        })
    }

    /// Returns the failure for a profile that does not exist.
    pub fn missing(&self, name: &str) -> Failure {
        Failure::bad_input(format!("there is no profile {name}; {}", self.names()))
    }

    /// Returns the name of an existing profile that differs from a name in its case at most: on some systems, both would have one
    /// file for their tokens.
    pub fn stored_name(&self, name: String) -> String {
        let same = || self.all.keys().find(|stored| stored.eq_ignore_ascii_case(&name)).cloned();
        let other = if self.all.contains_key(&name) { None } else { same() };
        other.unwrap_or(name)
    }

    /// Returns the names of all profiles in words.
    pub fn names(&self) -> String {
        match self.all.keys().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => "there are none yet".to_owned(),
            [name] => format!("there is {name}"),
            names => format!("there are {}", names.join(", ")),
        }
    }
}

/// Writes a text and a line break to a file that only its user can read, in the folder of the profiles.
pub fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().map_or(Ok(()), create_private_folder);
    let written = folder.and_then(|()| private_file::write(path, |out| writeln!(out, "{text}")));
    written.map_err(|error| {
        Failure::other(format!("{} cannot be written: {error}", path.display()))
            .hint("make its folder writable, or set OCAMBA_CONFIG_DIR to another folder")
    })
}

/// Parses the name of a profile, which is also part of a file name.
pub fn name(text: &str) -> Result<String, String> {
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    // A name that begins with a minus would look like an option.
    match sound && (1..=64).contains(&text.len()) && !text.starts_with('-') {
        true if is_device(text) => Err(format!("{text} is the name of a device on Windows; choose another one")),
        true => Ok(text.to_owned()),
        false => Err("a profile's name has 1 to 64 letters, digits, _ and -, and does not begin with -".to_owned()),
    }
}

/// Returns true for what Windows takes for a device, whatever its ending.
fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let port = name.strip_prefix("com").or(name.strip_prefix("lpt")).unwrap_or_default();
    matches!(name.as_str(), "con" | "prn" | "aux" | "nul") || matches!(port.as_bytes(), [b'0'..=b'9'])
}

/// Returns the folder of the profiles: `$OCAMBA_CONFIG_DIR`, or `ocamba` in the user's folder of settings.
pub fn folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The standard says to ignore a relative path, which would change with the current folder.
    let xdg = || variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let app_data = || if cfg!(windows) { variable("APPDATA") } else { None };
    let home = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty()).map(|home| home.join(".config"));
    let named = variable("OCAMBA_CONFIG_DIR");
    named.or_else(|| xdg().or_else(app_data).or_else(home).map(|folder| folder.join("ocamba")))
}

fn default_base_url() -> String {
    DEFAULT_BASE_URL.to_owned()
}
