//! `ocamba auth logout`.

use serde_json::json;

use crate::profiles::{DEFAULT, Profiles};
use crate::report::Failure;
use crate::{Global, account, output, tokens};

/// Forgets a profile and its token.
pub fn run(global: &Global) -> Result<(), Failure> {
    let name = account::profile_name(global)?.unwrap_or_else(|| DEFAULT.to_owned());
    let mut profiles = Profiles::read()?;
    let kept = profiles.find(&name)?.token;
    // The token first: a profile without one can be logged out of again, a token without a profile is out of sight.
    tokens::remove(profiles.folder(), &name, kept)?;
    profiles.remove(&name)?;
    let value = json!({ "action": "logged_out", "profile": name });
    let text = || format!("Logged out: profile {name} and its token are forgotten\n");
    output::print(global.output, &value, text).map_err(|error| output::failure(&error))
}
