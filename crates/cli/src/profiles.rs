//! Profiles: under a name, where an account is, and where its token is kept. Tokens themselves are not in this file.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

use ocamba_fleet::private_file;
use ocamba_hood::create_private_folder;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::report::Failure;

/// The one that is used where none is named.
pub const DEFAULT: &str = "default";

/// All profiles of this user.
#[derive(Debug)]
pub struct Profiles {
    folder: PathBuf,
    all: BTreeMap<String, Profile>,
}

/// What is kept of an account, but for its token. What is left out is as if there were no profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lane: Option<String>,
    /// Where its token is.
    pub token: Kept,
}

/// Where a token is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// In the system's keyring.
    #[default]
    Keyring,
    /// In a file that only its user can read.
    File,
}

impl Kept {
    /// Its name in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "file",
        }
    }
}

impl Profiles {
    /// Reads them. Where there is no file there are none.
    pub fn read() -> Result<Self, Failure> {
        let folder = folder().ok_or_else(|| {
            Failure::new(Exit::BadInput, "there is no home folder to keep profiles in")
                .hint("name a folder by OCAMBA_CONFIG_DIR; nothing was sent")
        })?;
        let path = folder.join(FILE);
        let all = match std::fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| {
                // The error's own words would quote a token that somebody has put there.
                let place = format!("line {} column {}", error.line(), error.column());
                Failure::new(Exit::BadInput, format!("{} is not as expected at {place}", path.display()))
                    .hint("mend it, or remove it and log in again by 'ocamba auth login'; nothing was sent")
            })?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(Failure::new(Exit::BadInput, format!("{} cannot be read: {error}", path.display()))
                    .hint("make it readable, or choose another folder by OCAMBA_CONFIG_DIR; nothing was sent"));
            }
        };
        Ok(Self { folder, all })
    }

    /// The folder that they are in, and the tokens that are in files.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Profile)> {
        self.all.iter().map(|(name, profile)| (name.as_str(), profile))
    }

    /// The profile of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.all.get(name)
    }

    /// The profile of this name.
    pub fn find(&self, name: &str) -> Result<&Profile, Failure> {
        self.get(name).ok_or_else(|| {
            let names: Vec<_> = self.all.keys().map(String::as_str).collect();
            let there = match names.as_slice() {
                [] => "there are none yet".to_owned(),
                names => format!("there are {}", names.join(", ")),
            };
            Failure::new(Exit::BadInput, format!("there is no profile {name}; {there}"))
                .hint(format!("make it by 'ocamba auth login --profile {name}'; nothing was sent"))
        })
    }

    /// Puts a profile in the place of the one with this name, or beside the others.
    pub fn put(&mut self, name: &str, profile: Profile) -> Result<(), Failure> {
        self.all.insert(name.to_owned(), profile);
        self.write()
    }

    /// Forgets a profile.
    pub fn remove(&mut self, name: &str) -> Result<(), Failure> {
        self.all.remove(name);
        self.write()
    }

    fn write(&self) -> Result<(), Failure> {
        let path = self.folder.join(FILE);
        let text = serde_json::to_string_pretty(&self.all).unwrap_or_default() + "\n";
        let written = create_private_folder(&self.folder)
            .and_then(|()| private_file::write(&path, |file| file.write_all(text.as_bytes())));
        written.map_err(|error| {
            Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
                .hint("make its folder writable, or choose another one by OCAMBA_CONFIG_DIR")
        })
    }
}

/// The name of a profile, which is part of a file's name: clap's parser of it.
pub fn name(text: &str) -> Result<String, String> {
    let sound = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    // One that begins with a minus would be taken for an option.
    match sound && (1..=64).contains(&text.len()) && !text.starts_with('-') {
        true => Ok(text.to_owned()),
        false => Err("a profile's name has 1 to 64 letters, digits, _ and -, which is not the first".to_owned()),
    }
}

const FILE: &str = "profiles.json";

/// Where they are: `$OCAMBA_CONFIG_DIR`, or `ocamba` where programs of this user keep their settings.
pub fn folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // A relative one would be another with every folder that the command is run in, so the standard has it ignored.
    let xdg = || variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let app_data = || if cfg!(windows) { variable("APPDATA") } else { None };
    let home = || std::env::home_dir().filter(|home| !home.as_os_str().is_empty()).map(|home| home.join(".config"));
    let named = variable("OCAMBA_CONFIG_DIR");
    named.or_else(|| xdg().or_else(app_data).or_else(home).map(|folder| folder.join("ocamba")))
}
