//! Tokens of profiles: in the system's keyring, or where there is none in a file that only its user can read.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use ocamba_fleet::private_file;
use ocamba_hood::{Secret, create_private_folder};

use crate::exit::Exit;
use crate::profiles::Kept;
use crate::report::Failure;
use crate::{keyring, shell, typed};

/// Where a token came to be kept, and why not in the keyring.
pub struct Put {
    pub kept: Kept,
    pub no_keyring: Option<String>,
}

/// Keeps a token.
pub fn put(folder: &Path, profile: &str, token: &Secret) -> Result<Put, Failure> {
    let path = path(folder, profile);
    match keyring::put(folder, profile, token) {
        Ok(()) => {
            // One that was in a file before is not to stay there.
            let _ = std::fs::remove_file(path);
            Ok(Put { kept: Kept::Keyring, no_keyring: None })
        }
        Err(why) => {
            let written = create_private_folder(folder)
                .and_then(|()| private_file::write(&path, |file| writeln!(file, "{}", token.expose())));
            written.map_err(|error| {
                Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
                    .note("keyring", why.0.clone())
                    .hint("make its folder writable, or choose another one by OCAMBA_CONFIG_DIR")
            })?;
            Ok(Put { kept: Kept::File, no_keyring: Some(why.0) })
        }
    }
}

/// The token of a profile.
pub fn get(folder: &Path, profile: &str, kept: Kept) -> Result<Secret, Failure> {
    match kept {
        Kept::Keyring => match keyring::get(folder, profile) {
            Ok(Some(token)) => Ok(token),
            Ok(None) => Err(lost(profile, "the keyring has no token of it")),
            Err(why) => Err(lost(profile, &format!("the keyring cannot be used: {}", why.0))),
        },
        Kept::File => from_file(folder, profile),
    }
}

/// Forgets the token of a profile.
pub fn remove(folder: &Path, profile: &str, kept: Kept) -> Result<(), Failure> {
    match kept {
        Kept::Keyring => keyring::remove(folder, profile).map_err(|why| {
            Failure::new(Exit::Failed, format!("the token cannot be taken out of the keyring: {}", why.0))
                .hint("unlock the keyring, and run the command again")
        }),
        Kept::File => {
            let path = path(folder, profile);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(Failure::new(Exit::Failed, format!("{} cannot be removed: {error}", path.display()))
                        .hint("remove it yourself: the token is in it"))
                }
                _ => Ok(()),
            }
        }
    }
}

/// The file that has the token of a profile.
pub fn path(folder: &Path, profile: &str) -> PathBuf {
    folder.join(format!("{profile}.token"))
}

fn from_file(folder: &Path, profile: &str) -> Result<Secret, Failure> {
    let path = path(folder, profile);
    match private_file::read(&path) {
        Ok(Some(text)) => Ok(Secret::new(typed::without_end(text))),
        Ok(None) => {
            let message = format!("{} has a token, and others can read it", path.display());
            Err(Failure::new(Exit::BadInput, message)
                .hint(format!("chmod 600 {}", shell::quoted(&path.to_string_lossy())))
                .note("outcome", "nothing was sent".to_owned()))
        }
        Err(error) => Err(lost(profile, &format!("{} cannot be read: {error}", path.display()))),
    }
}

fn lost(profile: &str, why: &str) -> Failure {
    Failure::new(Exit::BadInput, format!("there is no token of profile {profile}: {why}"))
        .hint(format!("log in again by 'ocamba auth login --profile {profile}'; nothing was sent"))
}
