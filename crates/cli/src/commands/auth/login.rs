//! `ocamba auth login`.

use clap::Args;
use ocamba_hood::{Client, DEFAULT_BASE_URL, Error, RateLimit, Secret};
use serde_json::json;

use crate::parts::secret_prompt;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::profiles::{DEFAULT, Profile, Profiles, TokenStore};
use crate::shared::{account, error_hints, help, output, tokens};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("type the token at a hidden prompt", "ocamba auth login"),
    ("read it from a file or another program", "ocamba auth login --profile work < token.txt"),
    ("for a sandbox", "echo any | ocamba auth login --profile test --base-url http://127.0.0.1:4010"),
]))]
pub struct Options {
    /// Who shares it: shared, memory, off, redis://...
    #[arg(long, value_name = "LIMIT")]
    rate_limit: Option<String>,

    /// Requests per second/minute [default: 10/150]
    #[arg(long, value_name = "N/M")]
    rate_limit_tier: Option<String>,
}

/// Stores a token and the settings of its account.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let name = account::profile_name(global)?.unwrap_or_else(|| DEFAULT.to_owned());
    let mut profiles = Profiles::read()?;
    let before = profiles.all.get(&name).cloned();
    let token_before = before.as_ref().map(|profile| profile.token);
    let mut profile = before.unwrap_or_default();
    // Settings that are not given stay, so that a new token needs nothing else.
    let base_url = global.base_url.clone().or(profile.base_url);
    // The token is bound to this address.
    profile.base_url = Some(base_url.unwrap_or_else(|| DEFAULT_BASE_URL.to_owned()));
    profile.rate_limit = options.rate_limit.clone().or(profile.rate_limit);
    profile.rate_limit_tier = options.rate_limit_tier.clone().or(profile.rate_limit_tier);
    check(&profile, &Secret::new("any"))?;
    let token = token(&name)?;
    check(&profile, &token)?;
    let (store, no_keyring) = tokens::put(&profiles.folder, &name, &token)?;
    if token_before == Some(TokenStore::Keyring) && store == TokenStore::File {
        failure::note("the keyring still has an older token of this profile");
    }
    profile.token = store;
    profiles.all.insert(name.clone(), profile.clone());
    profiles.write()?;
    let path = tokens::path(&profiles.folder, &name);
    if let Some(why) = no_keyring {
        failure::note(&format!("the keyring cannot be used ({why}), so the token is in a file"));
    }
    if account::has_url_variable() {
        failure::note("OCAMBA_BASE_URL is set and was not stored: --base-url stores the address of a token");
    }
    if account::has_token_variable() {
        failure::note("OCAMBA_TOKEN is set and overrides the token of any profile");
    }
    let (place, file) = match store {
        TokenStore::Keyring => ("the system's keyring".to_owned(), None),
        TokenStore::File => (format!("{}, which only you can read", path.display()), Some(&path)),
    };
    let value = json!({
        "action": "logged_in", "profile": name, "base_url": profile.base_url, "token": store, "token_file": file,
    });
    output::print(global.output, &value, || format!("Logged in: the token of profile {name} is in {place}\n"))
}

/// Checks that these settings make a client, so that nothing is stored that would fail in every command.
fn check(profile: &Profile, token: &Secret) -> Result<(), Failure> {
    if profile.rate_limit.as_deref().is_some_and(|rate_limit| rate_limit.contains('@')) {
        let message = "--rate-limit must not contain a password, which would be stored as plain text";
        return Err(Failure::bad_input(message).hint("set OCAMBA_RATE_LIMIT in the environment instead"));
    }
    let wrong = |error: Error| {
        error_hints::on_invalid_input(&error, "the options").hint("fix it, and log in again; nothing was stored")
    };
    let (rate_limit, tier) = (profile.rate_limit.clone(), profile.rate_limit_tier.clone());
    RateLimit::from_settings(rate_limit, tier, None).map_err(wrong)?;
    // Without the URL of the environment, which is not stored.
    let base_url = profile.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL);
    let builder = Client::builder().token(token.clone()).base_url(base_url).rate_limit(RateLimit::off());
    builder.build().map(drop).map_err(wrong)
}

/// Reads the token from standard input or a hidden prompt.
fn token(profile: &str) -> Result<Secret, Failure> {
    let failure = |why: &str| {
        Failure::bad_input(why)
            .hint("type the token at the prompt, or pipe it in: ocamba auth login < FILE; nothing was stored")
    };
    let text = secret_prompt::read(&format!("Token of profile {profile}"));
    match text.map_err(|error| failure(&format!("the token cannot be read: {error}")))? {
        empty if empty.is_empty() => Err(failure("there is no token: the input is empty")),
        token => Ok(Secret::new(token)),
    }
}
