//! A plan in a file, and whether it still holds.
//!
//! The file tells no secret. So that a changed secret in the input is seen all the same, it has a digest of the whole input,
//! made as one of a password is: salted, and slow to try guesses on (PBKDF2). References count as they are written, not what
//! they lead to.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroU32;
use std::path::Path;

use ocamba_hood::Client;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest::SHA256_OUTPUT_LEN, pbkdf2};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::fleet::{Fleet, Key};
use crate::ledger::Entry;
use crate::plan::{Action, Plan, Step};
use crate::private_file;

const VERSION: u32 = 1;
const ITERATIONS: NonZeroU32 = NonZeroU32::new(100_000).expect("not zero");
const MAX_BYTES: u64 = 256 << 20;
/// How the file begins.
const MARK: &str = "{\"ocamba_fleet_plan\":";

/// A plan with what it was made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SavedPlan {
    #[serde(rename = "ocamba_fleet_plan")]
    version: u32,
    /// The file that was planned, from the folder that was the current one.
    pub input: String,
    salt: String,
    digest: String,
    base_url: String,
    company_id: Option<String>,
    /// What is to be done with each row.
    pub steps: Vec<Step>,
}

impl SavedPlan {
    /// A plan as it can be saved.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the system has no random numbers.
    pub fn new(fleet: &Fleet, plan: &Plan, client: &Client) -> Result<Self, Error> {
        let mut salt = [0; 16];
        let no_random = |_| Error::file("a plan", "made")(std::io::Error::other("there are no random numbers"));
        SystemRandom::new().fill(&mut salt).map_err(no_random)?;
        let salt = hex(&salt);
        Ok(Self {
            version: VERSION,
            input: fleet.name.to_string(),
            digest: digest(fleet, &salt),
            salt,
            base_url: client.base_url().to_owned(),
            company_id: plan.company_id.clone(),
            steps: plan.steps.clone(),
        })
    }

    /// Whether a file is a plan, by how it begins.
    pub fn is_one(path: impl AsRef<Path>) -> bool {
        let mut start = [0; MARK.len()];
        fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *MARK.as_bytes()
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// [`Error::File`]; [`Error::NotAPlan`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let mut text = String::new();
        let file = fs::File::open(path).map_err(Error::file(path.display(), "read"))?;
        file.take(MAX_BYTES).read_to_string(&mut text).map_err(Error::file(path.display(), "read"))?;
        let plan: Self = serde_json::from_str(&text).map_err(|error| Error::NotAPlan(error.to_string()))?;
        match plan.version {
            VERSION => Ok(plan),
            _ => Err(Error::NotAPlan("it is of another version".to_owned())),
        }
    }

    /// Writes it, for its owner only.
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

    /// Whether what would be done now is what was planned, but for what was done of it already.
    pub(crate) fn verify(
        &self,
        fleet: &Fleet,
        now: &Plan,
        client: &Client,
        entries: &HashMap<Key, Entry>,
    ) -> Result<(), Error> {
        let stale = |what: String| Err(Error::Stale(what));
        if self.base_url != client.base_url() {
            return stale(format!("it is for {}", self.base_url));
        }
        if let (Some(then), Some(now)) = (&self.company_id, &now.company_id)
            && then != now
        {
            return stale(format!("it is for the account {then}, and this is {now}"));
        }
        if self.digest != digest(fleet, &self.salt) || self.steps.len() != now.steps.len() {
            return stale(format!("{} has changed since", fleet.name));
        }
        for ((then, now), row) in self.steps.iter().zip(&now.steps).zip(&fleet.rows) {
            let is_same = Step { in_doubt: now.in_doubt, ..then.clone() } == *now;
            // What an apply of this plan has done, or begun.
            let is_done = entries.contains_key(&row.key)
                && matches!(then.action, Action::Create | Action::Update | Action::Adopt)
                && matches!(now.action, Action::Unchanged | Action::Adopt);
            if !is_same && !is_done {
                let (line, name) = (then.line, &then.name);
                let (then, now) = (then.action, now.action);
                let how = if then == now {
                    "something else of it would change".into()
                } else {
                    format!("{then} became {now}")
                };
                return stale(format!("the account has changed since: line {line}, {name:?}: {how}"));
            }
        }
        Ok(())
    }
}

/// Of all rows as they stand in the input.
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
