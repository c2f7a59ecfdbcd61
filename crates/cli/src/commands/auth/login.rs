//! `ocamba auth login`.

use clap::Args;
use ocamba_hood::{Client, DEFAULT_BASE_URL, Error, ErrorKind, RateLimit, Secret};
use serde_json::json;

use crate::parts::secret_prompt;
use crate::parts::table::DONE;
use crate::shared::account::environment;
use crate::shared::error_hints::CommandContext;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::profiles::{Profile, Profiles, TokenStore};
use crate::shared::{account, calls, error_hints, help, output, tokens};

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

    /// Store the token without trying it at the server
    #[arg(long)]
    no_check: bool,
}

/// Stores a token that the server accepts, and the settings of its account. The first profile becomes the default.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let profiles = Profiles::read()?;
    let name = account::own_profile(global, &profiles)?;
    let before = profiles.all.get(&name);
    let base_url = base_url(global, before);
    if let Some(before) = before.filter(|before| before.base_url != base_url) {
        failure::note(&format!("profile {name} was for {} until now", before.base_url));
    }
    // Settings that are not given stay, so that a new token needs nothing else.
    let mut profile = Profile {
        base_url,
        rate_limit: options.rate_limit.clone().or_else(|| before?.rate_limit.clone()),
        rate_limit_tier: options.rate_limit_tier.clone().or_else(|| before?.rate_limit_tier.clone()),
        token: TokenStore::default(),
    };
    client(&profile, global, &Secret::new("any"))?;
    let token = token(&name, &profile)?;
    let client = client(&profile, global, &token)?;
    if !options.no_check {
        try_token(&client, &name)?;
    }
    let is_default = Profiles::change(|profiles| {
        let before = profiles.all.get(&name).map(|profile| profile.token);
        let (store, no_keyring) = tokens::put(global.keyring(), &profiles.folder, &name, &token)?;
        if before == Some(TokenStore::Keyring) && store == TokenStore::File {
            failure::note("the keyring still has an older token of this profile");
        }
        if let Some(why) = no_keyring {
            failure::note(&format!("the keyring cannot be used ({why}), so the token is in a file"));
        }
        profile.token = store;
        profiles.all.insert(name.clone(), profile.clone());
        Ok(*profiles.default.get_or_insert(name.clone()) == name)
    })?;
    if account::has_token_variable() {
        failure::note("OCAMBA_TOKEN is set and overrides the token of any profile that --profile does not name");
    }
    if !is_default {
        failure::note(&format!(
            "another profile is the default; 'ocamba auth switch {name}' uses this one from now on"
        ));
    }
    let path = tokens::path(&profiles.folder, &name);
    let (place, file) = match profile.token {
        TokenStore::Keyring => ("the system's keyring".to_owned(), None),
        TokenStore::File => (format!("{}, which only you can read", path.display()), Some(&path)),
    };
    let value = json!({
        "action": "logged_in", "profile": name, "default": is_default, "base_url": profile.base_url,
        "token": profile.token, "token_file": file, "token_accepted": (!options.no_check).then_some(true),
    });
    output::print(global.output, &value, || {
        let server = &profile.base_url;
        match options.no_check {
            false => format!("{DONE}Logged in{DONE:#} to {server}; the token of profile {name} is in {place}\n"),
            true => format!("{DONE}Stored{DONE:#}: the token of profile {name}, for {server}, is in {place}\n"),
        }
    })
}

/// Returns the server of the login. That of a profile that is named comes before that of the environment, as in all commands.
fn base_url(global: &Global, before: Option<&Profile>) -> String {
    let own = before.map(|profile| profile.base_url.clone());
    let of_environment = environment("OCAMBA_BASE_URL");
    let (first, second) = if global.profile.is_some() { (own, of_environment) } else { (of_environment, own) };
    global.base_url.clone().or(first).or(second).unwrap_or_else(|| DEFAULT_BASE_URL.to_owned())
}

/// Creates a client with these settings, so that nothing is stored that would fail in every command.
fn client(profile: &Profile, global: &Global, token: &Secret) -> Result<Client, Failure> {
    if profile.rate_limit.as_deref().is_some_and(|rate_limit| rate_limit.contains('@')) {
        let message = "--rate-limit must not contain a password, which would be stored as plain text";
        return Err(Failure::bad_input(message).hint("set OCAMBA_RATE_LIMIT in the environment instead"));
    }
    let wrong = |error: Error| {
        error_hints::on_invalid_input(&error, "the options")
            .note("did you mean", account::local_url(&profile.base_url))
            .hint("fix it, and log in again; nothing was stored")
    };
    let rate_limit = profile.rate_limit.clone().or_else(|| environment("OCAMBA_RATE_LIMIT"));
    let rate_limit = RateLimit::from_settings(rate_limit, profile.rate_limit_tier.clone(), None).map_err(wrong)?;
    let builder = account::builder(global).token(token.clone()).base_url(&profile.base_url).rate_limit(rate_limit);
    builder.build().map_err(wrong)
}

/// Tries the token by one read. A server that refuses the read, and not the token, has accepted it.
fn try_token(client: &Client, name: &str) -> Result<(), Failure> {
    let context = CommandContext::reading("the token", "list integrations");
    calls::block_on(async {
        let read = client.integrations().list().page_size(1).page(1).into_future();
        match calls::patiently(read, client).await {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                failure::note("the server accepted the token, but does not let it list integrations");
                Ok(())
            }
            Err(error) => Err(error_hints::on_call(&error, &context, client.base_url())
                .note("login", format!("profile {name} was not stored; --no-check stores a token without trying it"))),
            Ok(_) => Ok(()),
        }
    })
}

/// Reads the token from standard input or a hidden prompt, without what a paste brings along.
fn token(name: &str, profile: &Profile) -> Result<Secret, Failure> {
    let failure = |why: &str| {
        Failure::bad_input(why)
            .hint("type the token at the prompt, or pipe it in: ocamba auth login < FILE; nothing was stored")
    };
    let text = secret_prompt::read(&format!("Token of profile {name} for {}", profile.base_url));
    let text = text.map_err(|error| failure(&format!("the token cannot be read: {error}")))?;
    // Never part of a token, so no question needs to be asked.
    let text = text.trim_matches(secret_prompt::is_blank);
    match text.is_empty() {
        true => Err(failure("there is no token: the input is empty")),
        false => Ok(Secret::new(text)),
    }
}
