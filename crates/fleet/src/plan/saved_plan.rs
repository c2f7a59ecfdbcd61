//! Plans in files.
//!
//! The file has no secrets; it knows a token by the hash by which the core knows an account. To detect changed secrets in the
//! input nevertheless, it has a digest of the whole input, made like that of a password: salted, and slow to guess (PBKDF2).
//! The digest covers references to secrets, not the secrets.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::num::NonZeroU32;
use std::path::Path;

use ocamba_hood::Client;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest::SHA256_OUTPUT_LEN, pbkdf2};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::key::Key;
use crate::ledger::entry::Entry;
use crate::ledger::ledger::Ledger;
use crate::plan::plan::Plan;
use crate::plan::step::{Action, Step};
use crate::private_file;

const VERSION: u32 = 1;
const ITERATIONS: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");
const MAX_BYTES: u64 = 256 << 20;
/// First bytes of the file.
const MARK: &str = "{\"ocamba_fleet_plan\":";

/// A plan, with a digest of its input and the identity of its account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedPlan {
    #[serde(rename = "ocamba_fleet_plan")]
    version: u32,
    /// Path of the input, relative to the folder in which it was planned.
    pub input: String,
    salt: String,
    digest: String,
    base_url: String,
    token_key: String,
    company_id: Option<String>,
    /// One step per row.
    pub steps: Vec<Step>,
}

impl SavedPlan {
    /// Prepares a plan to be saved.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the system has no random numbers.
    pub fn new(fleet: &Fleet, plan: &Plan, client: &Client) -> Result<Self, Error> {
        let mut salt = [0; 16];
        let no_random = |_| Error::file("a plan", "made")(io::Error::other("the system has no random numbers"));
        SystemRandom::new().fill(&mut salt).map_err(no_random)?;
        let salt = hex(&salt);
        Ok(Self {
            version: VERSION,
            input: fleet.name.to_string(),
            digest: digest(fleet, &salt),
            salt,
            base_url: client.base_url().to_owned(),
            token_key: client.account_key().to_owned(),
            company_id: plan.company_id.clone(),
            steps: plan.steps.clone(),
        })
    }

    /// Returns whether a file is a plan, by its first bytes.
    pub fn is_at(path: impl AsRef<Path>) -> bool {
        let (path, mut start) = (path.as_ref(), [0; MARK.len()]);
        // The bytes that are read of a pipe are gone.
        path.is_file()
            && fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && start == *MARK.as_bytes()
    }

    /// Reads a plan from a file.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::NotAPlan`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let text = fs::File::open(path).and_then(|file| io::read_to_string(file.take(MAX_BYTES)));
        let text = text.map_err(Error::file(path.display(), "read"))?;
        let plan: Self = serde_json::from_str(&text).map_err(|error| Error::NotAPlan(error.to_string()))?;
        match plan.version {
            VERSION => Ok(plan),
            _ => Err(Error::NotAPlan("it has another version".to_owned())),
        }
    }

    /// Writes the plan to a file that only its owner can read.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let written = private_file::write(path, |file| {
            serde_json::to_writer(&mut *file, self)?;
            file.write_all(b"\n")
        });
        written.map_err(Error::file(path.display(), "written"))
    }

    /// Checks that applying would still do what was planned, with the current plan and the ledger of which that was made.
    ///
    /// # Errors
    ///
    /// [`Error::Stale`].
    #[doc(hidden)]
    pub fn check(&self, fleet: &Fleet, now: &Plan, client: &Client, ledger: Option<&Ledger>) -> Result<(), Error> {
        self.verify(fleet, now, client, ledger.map_or(&HashMap::new(), |ledger| &ledger.entries))
    }

    /// Checks that the current plan is the saved one, except for steps that were applied since.
    pub(crate) fn verify(
        &self,
        fleet: &Fleet,
        now: &Plan,
        client: &Client,
        entries: &HashMap<Key, Entry>,
    ) -> Result<(), Error> {
        let stale = |what: String| Err(Error::Stale(what));
        if self.base_url != client.base_url() {
            return stale(format!("it was made for {}", self.base_url));
        }
        match (&self.company_id, &now.company_id) {
            (Some(then), Some(now)) if then == now => {}
            (Some(then), Some(now)) => return stale(format!("it was made for the account {then}, not {now}")),
            _ if self.token_key == client.account_key() => {}
            _ => {
                return stale(
                    "it was made with another token, and no response has shown that both are of one account".to_owned(),
                );
            }
        }
        if self.steps.len() != now.steps.len() || self.digest != digest(fleet, &self.salt) {
            return stale(format!(
                "{} has changed, or other rows of it are selected than for the plan (only)",
                fleet.name
            ));
        }
        for ((then, now), row) in self.steps.iter().zip(&now.steps).zip(&fleet.rows) {
            if then.references != now.references {
                let what = "it was made with other references; permit the same ones";
                return stale(what.to_owned());
            }
            let is_same = Step { in_doubt: now.in_doubt, ..then.clone() } == *now;
            // An earlier apply of this plan has done or begun this step.
            let is_done = entries.contains_key(&row.key)
                && matches!(then.action, Action::Create | Action::Update | Action::Adopt)
                && matches!(now.action, Action::Unchanged | Action::Adopt);
            if !is_same && !is_done {
                let (line, name) = (then.line, &then.name);
                let (then, now) = (then.action, now.action);
                let how =
                    if then == now { "it would change other fields".into() } else { format!("{then} became {now}") };
                return stale(format!("the account has changed: line {line}, {name:?}: {how}"));
            }
        }
        Ok(())
    }
}

/// Returns a digest of all rows as in the input.
fn digest(fleet: &Fleet, salt: &str) -> String {
    let mut input = Vec::new();
    for row in &fleet.rows {
        input.extend_from_slice(row.request.as_bytes());
        input.push(b'\n');
    }
    let mut digest = [0; SHA256_OUTPUT_LEN];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt.as_bytes(), &input, &mut digest);
    hex(&digest)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
