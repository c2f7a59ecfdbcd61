//! `--references`: what references to secrets may read.

use std::borrow::Cow;
use std::path::Path;

use clap::Args;
use ocamba_fleet::{References, expand_home};

use super::failure::{self, Failure};
use super::profiles;
use crate::parts::keyring::{Keyring, SERVICE};
use crate::parts::shell;

// Without a group, whose name would be that of the options around it.
#[derive(Args, Clone)]
#[group(skip)]
pub struct Options {
    /// What secrets written as env:NAME, file:PATH or
    /// keyring:NAME may read: env:PREFIX, file:FOLDER,
    /// keyring:SERVICE; can be repeated
    #[arg(long, value_name = "KIND:FROM", verbatim_doc_comment)]
    references: Vec<String>,
}

impl Options {
    /// Returns the options for another command, with one more permission unless it is given already.
    pub fn arguments(&self, more: Option<&str>) -> String {
        let more = more.filter(|more| !self.references.iter().any(|given| given == more));
        let all = self.references.iter().map(String::as_str).chain(more);
        all.map(|permission| format!(" --references {}", shell::quoted(permission))).collect()
    }

    /// Returns what may be read: nothing unless the user has said so.
    pub fn permitted(&self, keyring: Keyring) -> Result<References, Failure> {
        let of = |kind: &str| self.references.iter().filter(|text| text.starts_with(kind)).count();
        if of("keyring:") > 1 {
            return Err(refused("more than one service of the keyring is permitted; name one"));
        }
        self.references.iter().try_fold(References::new(), |all, text| permit(all, text, keyring))
    }
}

/// Notes that references were sent as texts.
pub fn note_missing(what: &str) {
    failure::note(&format!(
        "{what} like a reference to a secret (env:, file: or keyring:), and is sent as a text; --references lets it be read"
    ));
}

/// Returns a request with the secrets that it refers to.
pub fn resolve(references: &References, request: &str, source: &str) -> Result<String, Failure> {
    if references.are_missing_for(request) {
        note_missing(&format!("a secret in {source} begins"));
    }
    references.resolve(request).map(Cow::into_owned).map_err(|errors| {
        Failure::bad_fields(source, &errors).hint(format!("fix {source} or --references; nothing was sent"))
    })
}

fn permit(all: References, text: &str, keyring: Keyring) -> Result<References, Failure> {
    match text.split_once(':') {
        Some(("env", prefix)) => Ok(all.variables(prefix)?),
        Some(("file", folder)) => match expand_home(Path::new(folder)) {
            folder if has_tokens(&folder) => Err(refused(
                "the folder has the tokens of 'ocamba auth'; name a folder that has only secrets for providers",
            )),
            folder => Ok(all.folder(folder)?),
        },
        Some(("keyring", service)) if service.is_empty() || service.eq_ignore_ascii_case(SERVICE) => {
            Err(refused("the service of the keyring must be one of your own: 'ocamba' has the tokens of 'ocamba auth'"))
        }
        Some(("keyring", service)) => {
            let service = service.to_owned();
            Ok(all.keyring(move |name| match keyring.get_of(&service, name) {
                Ok(secret) => secret.ok_or_else(|| "the keyring has no such entry of the permitted service".to_owned()),
                Err(why) => Err(format!("the keyring cannot be used: {why}")),
            }))
        }
        _ => Err(refused("--references must be env:PREFIX, file:FOLDER or keyring:SERVICE")),
    }
}

/// Returns true if the folder has the files of tokens, or is one of theirs.
fn has_tokens(folder: &Path) -> bool {
    let found = |path: &Path| path.canonicalize().ok();
    match (found(folder), profiles::folder().as_deref().and_then(found)) {
        (Some(folder), Some(tokens)) => tokens.starts_with(&folder) || folder.starts_with(&tokens),
        _ => false,
    }
}

fn refused(what: &str) -> Failure {
    Failure::bad_input(what).hint("see 'ocamba fleet apply --help'; nothing was sent")
}
