//! `ocamba auth logout`.

use serde_json::json;

use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::profiles::{DEFAULT, Profiles};
use crate::shared::{account, output, tokens};

/// Removes a profile and its token.
pub fn run(global: &Global) -> Result<(), Failure> {
    let name = account::profile_name(global)?.unwrap_or_else(|| DEFAULT.to_owned());
    let mut profiles = Profiles::read()?;
    let store = profiles.find(&name)?.token;
    // The token first: another logout can remove a profile without a token, but no command shows a token without a profile.
    tokens::remove(&profiles.folder, &name, store)?;
    profiles.all.remove(&name);
    profiles.write()?;
    let value = json!({ "action": "logged_out", "profile": name });
    output::print(global.output, &value, || format!("Logged out: profile {name} and its token are removed\n"))
}
