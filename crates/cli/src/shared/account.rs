//! The account of a command. Options override the environment, and the environment overrides the profile.

use std::path::PathBuf;

use ocamba_hood::{Client, ClientBuilder, DEFAULT_BASE_URL, Proxy, RateLimit, Secret};
use serde::Serialize;
use url::Url;

use super::failure::{self, Failure};
use super::options::Global;
use super::profiles::{self, DEFAULT, Profile, Profiles};
use super::{error_hints, tokens};

/// Source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    Option,
    Environment,
    Profile,
    Default,
}

/// A value, none where it is the default, and its source.
pub type Setting = (Option<String>, Origin);

/// Settings of an account, before anything is sent.
#[derive(Debug)]
pub struct Account {
    /// Name and settings of the profile. None where no profile was named and none is called `default`.
    pub profile: Option<(String, Profile)>,
    /// URL of the API.
    pub base_url: Setting,
    /// Who shares the rate limit. A URL of Redis may contain a password.
    pub rate_limit: Setting,
    /// Tier of the rate limit.
    pub rate_limit_tier: Setting,
    /// Folder of the profiles.
    folder: PathBuf,
}

impl Account {
    /// Returns the account that the options and the environment name.
    pub fn of(global: &Global) -> Result<Self, Failure> {
        let named = profile_name(global)?;
        // Users without a home folder need no profile.
        let is_needed = named.is_some() || profiles::folder().is_some();
        let profiles = is_needed.then(Profiles::read).transpose()?;
        let profile = match (&profiles, named) {
            (Some(profiles), Some(name)) => Some((name.clone(), profiles.find(&name)?.clone())),
            (Some(profiles), None) => profiles.all.get(DEFAULT).map(|profile| (DEFAULT.to_owned(), profile.clone())),
            (None, _) => None,
        };
        let folder = profiles.map(|profiles| profiles.folder).unwrap_or_default();
        if let Some(name) = global.profile.as_ref().filter(|_| has_token_variable()) {
            failure::note(&format!("OCAMBA_TOKEN is set and overrides the token of profile {name}"));
        }
        let setting = |option: &Option<String>, variable: &str, of: fn(&Profile) -> &Option<String>| {
            let own = profile.as_ref().and_then(|(_, profile)| of(profile).clone());
            let given = [(option.clone(), Origin::Option), (environment(variable), Origin::Environment)];
            let mut sources = given.into_iter().chain([(own, Origin::Profile)]);
            sources.find(|(value, _)| value.is_some()).unwrap_or((None, Origin::Default))
        };
        Ok(Self {
            base_url: setting(&global.base_url, "OCAMBA_BASE_URL", |profile| &profile.base_url),
            rate_limit: setting(&None, "OCAMBA_RATE_LIMIT", |profile| &profile.rate_limit),
            rate_limit_tier: setting(&None, "OCAMBA_RATE_LIMIT_TIER", |profile| &profile.rate_limit_tier),
            profile,
            folder,
        })
    }

    /// Returns who shares the rate limit, to be shown: a URL may contain a password, and becomes `redis`.
    pub fn shown_rate_limit(&self) -> Setting {
        match &self.rate_limit {
            (Some(url), origin) if url.contains("://") => (Some("redis".to_owned()), *origin),
            shown => shown.clone(),
        }
    }

    /// Returns the source of the token: `Default` where there is none.
    pub fn token_origin(&self) -> Origin {
        match (has_token_variable(), &self.profile) {
            (true, _) => Origin::Environment,
            (false, Some(_)) => Origin::Profile,
            (false, None) => Origin::Default,
        }
    }

    /// Creates a client of the account.
    pub fn client(&self, global: &Global) -> Result<Client, Failure> {
        let mut builder = builder(global);
        if let Some(token) = self.token()? {
            builder = builder.token(token);
        }
        if let (Some(url), _) = &self.base_url {
            builder = builder.base_url(url);
        }
        let rate_limit = RateLimit::from_settings(self.rate_limit.0.clone(), self.rate_limit_tier.0.clone(), None);
        rate_limit.and_then(|rate_limit| builder.rate_limit(rate_limit).build()).map_err(|error| {
            let profile = self.profile.as_ref().map(|(name, _)| name.clone());
            error_hints::on_configuration(&error).note("profile", profile)
        })
    }

    /// Refuses to send a stored token to a server that only the environment names: a folder's `.env` may have set it.
    fn check_server(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        let (Some(url), Origin::Environment) = &self.base_url else { return Ok(()) };
        let stored = profile.base_url.as_deref().unwrap_or(DEFAULT_BASE_URL);
        if is_same_server(url, stored) {
            return Ok(());
        }
        let message = format!(
            "OCAMBA_BASE_URL names another server than {stored}, for which the token of profile {name} was stored"
        );
        Err(Failure::bad_input(message).hint(
            "unset OCAMBA_BASE_URL, or log in to that server with 'ocamba auth login --profile NAME --base-url URL'; to send \
             this token there once, give --base-url; nothing was sent",
        ))
    }

    /// Returns the token, unless it is in the environment, where the client reads it.
    fn token(&self) -> Result<Option<Secret>, Failure> {
        match (&self.profile, self.token_origin()) {
            (Some((name, profile)), Origin::Profile) => {
                self.check_server(name, profile)?;
                tokens::get(&self.folder, name, profile.token).map(Some)
            }
            (_, Origin::Environment) => Ok(None),
            _ => Err(Failure::bad_input("there is no token: OCAMBA_TOKEN is not set, and nobody is logged in").hint(
                "log in with 'ocamba auth login', or set OCAMBA_TOKEN; --sandbox tries a create without a token; \
                 nothing was sent",
            )),
        }
    }
}

/// Returns true if both are the same server. A text that is no URL is refused when the client is built.
fn is_same_server(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => true,
    }
}

/// Returns the profile that the options or the environment name.
pub fn profile_name(global: &Global) -> Result<Option<String>, Failure> {
    let variable = || environment("OCAMBA_PROFILE");
    let name = global.profile.clone().or_else(variable).map(|name| profiles::name(&name)).transpose();
    // Clap has checked the option already.
    name.map_err(|why| {
        Failure::bad_input(format!("OCAMBA_PROFILE is not valid: {why}")).hint("fix it, or unset it; nothing was sent")
    })
}

/// Returns a client's builder with the settings that do not depend on the account.
pub fn builder(global: &Global) -> ClientBuilder {
    let mut builder = Client::builder().user_agent(concat!("ocamba-cli/", env!("CARGO_PKG_VERSION")));
    if let Some(timeout) = global.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(proxy) = &global.proxy {
        builder = builder.proxy(Proxy::from_text(proxy));
    }
    if let Some(file) = &global.root_certificates {
        builder = builder.root_certificates(file);
    }
    if let Some(file) = &global.client_certificate {
        builder = builder.client_certificate(file);
    }
    if let Some(host) = &global.http_host {
        builder = builder.http_host(host);
    }
    builder
}

/// Returns true when the environment has a token.
pub fn has_token_variable() -> bool {
    environment("OCAMBA_TOKEN").is_some()
}

/// Returns true when the environment has the URL of the API.
pub fn has_url_variable() -> bool {
    environment("OCAMBA_BASE_URL").is_some()
}

/// Returns a variable that is set and not empty.
fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}
