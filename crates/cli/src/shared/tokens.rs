//! Tokens of profiles: in the system's keyring, or without one in a file that only its user can read.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ocamba_fleet::private_file;
use ocamba_hood::Secret;

use super::failure::Failure;
use super::profiles::{TokenStore, write_private};
use crate::parts::keyring::Keyring;
use crate::parts::{secret_prompt, shell};

/// Stores a token, and returns where. Where that is a file, the reason why the keyring cannot be used comes with it.
pub fn put(
    keyring: Keyring,
    folder: &Path,
    profile: &str,
    token: &Secret,
) -> Result<(TokenStore, Option<String>), Failure> {
    match keyring.put(&keyring_name(folder, profile), token) {
        Ok(()) => {
            // An older token in a file must not remain there.
            let _ = std::fs::remove_file(path(folder, profile));
            Ok((TokenStore::Keyring, None))
        }
        Err(why) => {
            let written = write_private(&path(folder, profile), token.expose());
            written.map_err(|failure| failure.note("keyring", why.clone()))?;
            Ok((TokenStore::File, Some(why)))
        }
    }
}

/// Returns the token of a profile.
pub fn get(keyring: Keyring, folder: &Path, profile: &str, store: TokenStore) -> Result<Secret, Failure> {
    let missing = |why: &str| {
        Failure::bad_input(format!("there is no token of profile {profile}: {why}"))
            .hint(format!("log in again with 'ocamba auth login --profile {profile}'; nothing was sent"))
    };
    let path = path(folder, profile);
    match store {
        TokenStore::Keyring => match keyring.get(&keyring_name(folder, profile)) {
            Ok(token) => token.ok_or_else(|| missing("the keyring has no entry for it")),
            Err(why) => Err(missing(&format!("the keyring cannot be used: {why}"))),
        },
        TokenStore::File => match private_file::read(&path) {
            Ok(Some(text)) => Ok(Secret::new(secret_prompt::without_line_end(text))),
            Ok(None) => Err(Failure::bad_input(format!("{} has a token, and others can read it", path.display()))
                .hint(format!("chmod 600 {}", shell::quoted(&path.to_string_lossy())))
                .note("outcome", "nothing was sent".to_owned())),
            Err(error) => Err(missing(&format!("{} cannot be read: {error}", path.display()))),
        },
    }
}

/// Removes the token of a profile.
pub fn remove(keyring: Keyring, folder: &Path, profile: &str, store: TokenStore) -> Result<(), Failure> {
    match store {
        TokenStore::Keyring => keyring.remove(&keyring_name(folder, profile)).map_err(|why| {
            Failure::other(format!("the token cannot be removed from the keyring: {why}"))
                .hint("unlock the keyring, and run the command again")
        }),
        TokenStore::File => {
            let path = path(folder, profile);
            std::fs::remove_file(&path).or_else(|error| match error.kind() {
                ErrorKind::NotFound => Ok(()),
                _ => Err(Failure::other(format!("{} cannot be removed: {error}", path.display()))
                    .hint("remove it yourself: it has the token")),
            })
        }
    }
}

/// Returns the path of the file for the token of a profile.
pub fn path(folder: &Path, profile: &str) -> PathBuf {
    folder.join(format!("{profile}.token"))
}

/// Returns a name that includes the folder: another folder may have a profile with the same name.
fn keyring_name(folder: &Path, profile: &str) -> String {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    folder.join(profile).to_string_lossy().into_owned()
}
