//! The account of a command. Options override the environment, and the environment overrides the default profile. A profile that
//! `--profile` names is an option: its token and its settings come before those of the environment.

use std::path::Path;

use ocamba_hood::{Client, ClientBuilder, Proxy, RateLimit, Secret};
use serde::Serialize;
use url::Url;

use super::failure::{self, Failure};
use super::options::Global;
use super::profiles::{self, FIRST, Profile, Profiles};
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
    /// Name and settings of the profile. None where none was named and none is the default.
    pub profile: Option<(String, Profile)>,
    /// URL of the API.
    pub base_url: Setting,
    /// Who shares the rate limit. A URL of Redis may contain a password.
    pub rate_limit: Setting,
    /// Tier of the rate limit.
    pub rate_limit_tier: Setting,
    /// Whether `--profile` names the profile, which then comes before the environment.
    is_named: bool,
    /// All profiles. None where there is no folder for them.
    profiles: Option<Profiles>,
}

impl Account {
    /// Returns the account that the options and the environment name.
    pub fn of(global: &Global) -> Result<Self, Failure> {
        let named = profile_name(global)?;
        // Users without a home folder need no profile.
        let is_needed = named.is_some() || profiles::folder().is_some();
        let found = is_needed.then(Profiles::read).transpose().and_then(|profiles| {
            let name = named.clone().or_else(|| profiles.as_ref()?.default.clone());
            let profile = match (&profiles, name) {
                (Some(profiles), Some(name)) => {
                    let name = profiles.stored_name(name);
                    Some((name.clone(), profiles.find(&name)?.clone()))
                }
                _ => None,
            };
            Ok((profiles, profile))
        });
        let (profiles, profile) = match found {
            // Nothing of them is needed.
            Err(failure) if named.is_none() && has_token_variable() && names_server(global) => {
                failure::note(&format!("no profile is used: {}", failure.message()));
                (None, None)
            }
            found => found?,
        };
        let is_named = global.profile.is_some();
        let setting = |option: &Option<String>, variable: &str, of: fn(&Profile) -> Option<String>| {
            let own = (profile.as_ref().and_then(|(_, profile)| of(profile)), Origin::Profile);
            let of_environment = (environment(variable), Origin::Environment);
            let (first, second) = if is_named { (own, of_environment) } else { (of_environment, own) };
            let mut sources = [(option.clone(), Origin::Option), first, second].into_iter();
            sources.find(|(value, _)| value.is_some()).unwrap_or((None, Origin::Default))
        };
        let account = Self {
            base_url: setting(&global.base_url, "OCAMBA_BASE_URL", |profile| Some(profile.base_url.clone())),
            rate_limit: setting(&None, "OCAMBA_RATE_LIMIT", |profile| profile.rate_limit.clone()),
            rate_limit_tier: setting(&None, "OCAMBA_RATE_LIMIT_TIER", |profile| profile.rate_limit_tier.clone()),
            is_named,
            profile,
            profiles,
        };
        if let (true, Some((name, profile))) = (is_named, &account.profile) {
            let url = environment("OCAMBA_BASE_URL").filter(|url| !is_same_server(url, &profile.base_url));
            let url = url.filter(|_| global.base_url.is_none()).map(|_| "OCAMBA_BASE_URL");
            let token = has_token_variable().then_some("OCAMBA_TOKEN");
            let overridden: Vec<_> = token.into_iter().chain(url).collect();
            if !overridden.is_empty() {
                failure::note(&format!("--profile {name} is used in place of {}", overridden.join(" and ")));
            }
        }
        Ok(account)
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
        match (self.is_named, has_token_variable(), &self.profile) {
            (false, true, _) => Origin::Environment,
            (_, _, Some(_)) => Origin::Profile,
            (_, _, None) => Origin::Default,
        }
    }

    /// Creates a client of the account.
    pub fn client(&self, global: &Global) -> Result<Client, Failure> {
        let mut builder = builder(global);
        if let Some(token) = self.token(global)? {
            builder = builder.token(token);
        }
        if let (Some(url), _) = &self.base_url {
            builder = builder.base_url(url);
        }
        let rate_limit = RateLimit::from_settings(self.rate_limit.0.clone(), self.rate_limit_tier.0.clone(), None);
        let profile = self.profile.as_ref().map(|(name, _)| name.as_str());
        let client = rate_limit.and_then(|rate_limit| builder.rate_limit(rate_limit).build());
        let client = client
            .map_err(|error| error_hints::on_configuration(&error).note("profile", profile.map(str::to_owned)))
            .map_err(|failure| failure.note("did you mean", self.base_url.0.as_deref().and_then(local_url)))?;
        let token_from = format!("{:?}", self.token_origin()).to_lowercase();
        tracing::debug!(profile, token_from, base_url = client.base_url(), "account");
        Ok(client)
    }

    /// Refuses to send a stored token to a server that only the environment names: a folder's `.env` may have set it.
    fn check_server(&self, name: &str, profile: &Profile) -> Result<(), Failure> {
        let (Some(url), Origin::Environment) = &self.base_url else { return Ok(()) };
        let stored = &profile.base_url;
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
    fn token(&self, global: &Global) -> Result<Option<Secret>, Failure> {
        match (&self.profile, self.token_origin()) {
            (Some((name, profile)), Origin::Profile) => {
                self.check_server(name, profile)?;
                let folder = self.profiles.as_ref().map(|profiles| profiles.folder.as_path()).unwrap_or(Path::new("."));
                tokens::get(global.keyring(), folder, name, profile.token).map(Some)
            }
            (_, Origin::Environment) => Ok(None),
            _ => Err(self.missing_token()),
        }
    }

    fn missing_token(&self) -> Failure {
        match &self.profiles {
            Some(profiles) if !profiles.all.is_empty() => Failure::bad_input(format!(
                "there is no token: OCAMBA_TOKEN is not set, and no profile is the default; {}",
                profiles.names()
            ))
            .hint(
                "choose one with 'ocamba auth switch NAME', or for one command with --profile NAME; nothing was sent",
            ),
            _ => Failure::bad_input("there is no token: OCAMBA_TOKEN is not set, and nobody is logged in").hint(
                "log in with 'ocamba auth login', or set OCAMBA_TOKEN; --sandbox tries a create without a token; \
                 nothing was sent",
            ),
        }
    }
}

/// Returns true if an option or the environment names the server.
fn names_server(global: &Global) -> bool {
    global.base_url.is_some() || environment("OCAMBA_BASE_URL").is_some()
}

/// Returns the URL that an address of this machine without a scheme, as `localhost:4010`, probably means.
pub fn local_url(address: &str) -> Option<String> {
    let is_local = ["localhost", "127.", "[::1]"].iter().any(|local| address.starts_with(local));
    (is_local && !address.contains("://")).then(|| format!("http://{address}"))
}

/// Returns true if both are the same server. A text that is no URL is refused when the client is built.
fn is_same_server(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.origin() == other.origin(),
        _ => true,
    }
}

/// Returns the profile that a login or logout is about: the one that is named, the default, or the first of all.
pub fn own_profile(global: &Global, profiles: &Profiles) -> Result<String, Failure> {
    let name = profile_name(global)?.or_else(|| profiles.default.clone()).unwrap_or_else(|| FIRST.to_owned());
    Ok(profiles.stored_name(name))
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
        builder = builder.root_certificates(file.to_string_lossy());
    }
    if let Some(file) = &global.client_certificate {
        builder = builder.client_certificate(file.to_string_lossy());
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

/// Returns a variable that is set and not empty.
pub fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}
