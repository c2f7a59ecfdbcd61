//! `ocamba auth login`.

use clap::Args;
use ocamba_hood::{Client, RateLimit, Secret};
use serde_json::json;

use crate::exit::Exit;
use crate::profiles::{DEFAULT, Kept, Profile, Profiles};
use crate::report::{self, Failure};
use crate::{Global, account, advice, output, tokens, typed};

/// The options of `ocamba auth login`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The rate limit in a second and a minute, if not 10/150
    #[arg(long, value_name = "N/M")]
    tier: Option<String>,

    /// Who shares the rate limit: shared, memory, off, redis://...
    #[arg(long, value_name = "LANE")]
    lane: Option<String>,
}

/// Keeps a token and what belongs to it.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let name = account::profile_name(global)?.unwrap_or_else(|| DEFAULT.to_owned());
    let mut profiles = Profiles::read()?;
    let mut profile = profiles.get(&name).cloned().unwrap_or_default();
    // What is not said stays: a token can be renewed without saying all again.
    profile.base_url = global.base_url.clone().or(profile.base_url);
    profile.tier = options.tier.clone().or(profile.tier);
    profile.lane = options.lane.clone().or(profile.lane);
    check(&profile, &Secret::new("any"))?;
    let token = token(&name)?;
    check(&profile, &token)?;
    let before = profiles.get(&name).map(|profile| profile.token);
    let put = tokens::put(profiles.folder(), &name, &token)?;
    if before == Some(Kept::Keyring) && put.kept == Kept::File {
        report::note("a token that was kept in the keyring before is still there");
    }
    profile.token = put.kept;
    profiles.put(&name, profile.clone())?;
    let path = tokens::path(profiles.folder(), &name);
    let place = match put.kept {
        Kept::Keyring => "in the system's keyring".to_owned(),
        Kept::File => format!("in {}, which only you can read", path.display()),
    };
    if let Some(why) = put.no_keyring {
        report::note(&format!("there is no keyring to use ({why}): the token is in a file"));
    }
    if std::env::var_os("OCAMBA_TOKEN").is_some_and(|token| !token.is_empty()) {
        report::note("OCAMBA_TOKEN is set, and goes before the token of any profile");
    }
    let file = (put.kept == Kept::File).then_some(path);
    let value = json!({
        "action": "logged_in", "profile": name, "base_url": profile.base_url, "token": put.kept, "token_file": file,
    });
    let text = || format!("Logged in: the token of profile {name} is {place}\n");
    output::print(global.output, &value, text).map_err(|error| output::failure(&error))
}

/// Whether a client could be made of them: what is kept is not to fail with every command.
fn check(profile: &Profile, token: &Secret) -> Result<(), Failure> {
    if profile.lane.as_deref().is_some_and(|lane| lane.contains('@')) {
        return Err(Failure::new(
            Exit::BadInput,
            "--lane must not have a password in it, which would be kept in clear",
        )
        .hint("set OCAMBA_RATE_LIMIT in the environment instead"));
    }
    account::lane(profile.lane.clone(), profile.tier.clone()).map_err(|error| wrong(&error))?;
    let mut builder = Client::builder().token(token.clone()).rate_limit(RateLimit::off());
    // Not the environment's, which is not kept.
    builder = builder.base_url(profile.base_url.as_deref().unwrap_or("https://localhost"));
    builder.build().map(drop).map_err(|error| wrong(&error))
}

fn wrong(error: &ocamba_hood::Error) -> Failure {
    advice::on_request(error, "the options").hint("set it right, and log in again; nothing was kept")
}

/// From standard input, or typed without being shown.
fn token(profile: &str) -> Result<Secret, Failure> {
    let failure = |why: String| {
        Failure::new(Exit::BadInput, why)
            .hint("type the token where it is asked for, or pipe it in: ocamba auth login < FILE; nothing was kept")
    };
    let text = typed::read(&format!("Token of profile {profile}"));
    match text.map_err(|error| failure(format!("the token cannot be read: {error}")))? {
        empty if empty.is_empty() => Err(failure("there is no token: the input is empty".to_owned())),
        token => Ok(Secret::new(token)),
    }
}

fn after_help() -> String {
    crate::examples(&[
        ("asks for the token, which is not shown", "ocamba auth login"),
        ("from a file or another program", "ocamba auth login --profile work < token.txt"),
        ("of a sandbox", "echo any | ocamba auth login --profile test --base-url http://127.0.0.1:4010"),
    ])
}
