//! `ocamba auth`: profiles and their tokens.

mod login;
mod status;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::parts::table::{BOLD, Cell, DIM, with_header};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::profiles::{DEFAULT, Profile, Profiles};
use crate::shared::{account, output, tokens};

/// Columns of the list of profiles.
const COLUMNS: [&str; 5] = ["profile", "base_url", "token", "rate_limit", "rate_limit_tier"];

#[derive(Subcommand)]
pub enum Command {
    /// Store a token, so that commands need no OCAMBA_TOKEN
    Login(login::Options),
    /// List the profiles, without their tokens
    List,
    /// Show which account commands use, and the source of each setting
    Status(status::Options),
    /// Remove a profile and its token
    Logout,
}

pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Login(options) => login::run(options, global),
        Command::List => list(global),
        Command::Status(options) => status::run(options, global),
        Command::Logout => logout(global),
    }
}

/// Prints all profiles.
fn list(global: &Global) -> Result<(), Failure> {
    let item = |(name, profile): (&String, &Profile)| {
        let Profile { base_url, rate_limit, rate_limit_tier, token } = profile;
        let values = [json!(name), json!(base_url), json!(token), json!(rate_limit), json!(rate_limit_tier)];
        Value::from_iter(COLUMNS.into_iter().zip(values))
    };
    let profiles: Vec<_> = Profiles::read()?.all.iter().map(item).collect();
    output::print(global.output, &json!(profiles), || table(&profiles))
}

fn table(profiles: &[Value]) -> String {
    if profiles.is_empty() {
        return "no profiles yet; 'ocamba auth login' creates one\n".to_owned();
    }
    let cell = |profile: &Value, column: &str| match profile[column].as_str() {
        Some(name) if column == "profile" => Cell::styled(name, BOLD),
        Some(value) => Cell::new(value),
        None => Cell::styled("default", DIM),
    };
    with_header(COLUMNS, profiles.iter().map(|profile| COLUMNS.map(|column| cell(profile, column)).to_vec()))
}

/// Removes a profile and its token.
fn logout(global: &Global) -> Result<(), Failure> {
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
