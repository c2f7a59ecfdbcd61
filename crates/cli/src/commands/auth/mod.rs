//! `ocamba auth`: profiles and their tokens.

mod login;
mod status;
mod switch;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::parts::table::{BOLD, Cell, DIM, DONE, with_header};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::profiles::{Profile, Profiles};
use crate::shared::{account, help, output, tokens};

/// Columns of the list of profiles.
const COLUMNS: [&str; 6] = ["profile", "default", "base_url", "token", "rate_limit", "rate_limit_tier"];

#[derive(Subcommand)]
pub enum Command {
    /// Store a token, so that commands need no OCAMBA_TOKEN
    Login(login::Options),
    /// Choose the profile that commands use by default
    Switch(switch::Options),
    /// List the profiles, without their tokens
    List,
    /// Show which account commands use, and the source of each setting
    Status(status::Options),
    /// Remove a profile and its token
    #[command(after_help = help::examples(&[("remove the profile 'work'", "ocamba auth logout --profile work")]))]
    Logout,
}

pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Login(options) => login::run(options, global),
        Command::Switch(options) => switch::run(options, global),
        Command::List => list(global),
        Command::Status(options) => status::run(options, global),
        Command::Logout => logout(global),
    }
}

/// Prints all profiles.
fn list(global: &Global) -> Result<(), Failure> {
    let profiles = Profiles::read()?;
    let item = |(name, profile): (&String, &Profile)| {
        let Profile { base_url, rate_limit, rate_limit_tier, token } = profile;
        let is_default = profiles.default.as_ref() == Some(name);
        let values =
            [json!(name), json!(is_default), json!(base_url), json!(token), json!(rate_limit), json!(rate_limit_tier)];
        Value::from_iter(COLUMNS.into_iter().zip(values))
    };
    let profiles: Vec<_> = profiles.all.iter().map(item).collect();
    output::print(global.output, &json!(profiles), || table(&profiles))
}

fn table(profiles: &[Value]) -> String {
    if profiles.is_empty() {
        return "no profiles yet; 'ocamba auth login' creates one\n".to_owned();
    }
    let cell = |profile: &Value, column: &str| match &profile[column] {
        Value::String(name) if column == "profile" => Cell::styled(name, BOLD),
        Value::String(value) => Cell::new(value),
        Value::Bool(true) => Cell::styled("*", DONE),
        Value::Bool(false) => Cell::new(""),
        _ => Cell::styled("default", DIM),
    };
    with_header(COLUMNS, profiles.iter().map(|profile| COLUMNS.map(|column| cell(profile, column)).to_vec()))
}

/// Removes a profile and its token. The last one that remains becomes the default.
fn logout(global: &Global) -> Result<(), Failure> {
    let (name, default) = Profiles::change(|profiles| {
        let name = account::own_profile(global, profiles)?;
        let missing = || profiles.missing(&name).hint("'ocamba auth list' shows all; nothing was changed");
        let store = profiles.all.get(&name).ok_or_else(missing)?.token;
        // The token first: another logout can remove a profile without a token, but no command shows a token without a
        // profile.
        tokens::remove(global.keyring(), &profiles.folder, &name, store)?;
        profiles.all.remove(&name);
        if profiles.default.as_ref() == Some(&name) {
            profiles.default = profiles.all.keys().next().filter(|_| profiles.all.len() == 1).cloned();
        }
        Ok((name, profiles.default.clone()))
    })?;
    let value = json!({ "action": "logged_out", "profile": name, "default": default });
    output::print(global.output, &value, || {
        let next = match &default {
            Some(default) => format!("; the default is {default}"),
            None => "; no profile is the default".to_owned(),
        };
        format!("{DONE}Logged out{DONE:#}: profile {name} and its token are removed{next}\n")
    })
}
