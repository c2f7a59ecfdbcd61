//! The account that a command is for. Options go before the environment, and that before the profile.

use std::path::PathBuf;

use ocamba_hood::{Client, ClientBuilder, RateLimit, Secret};

use crate::exit::Exit;
use crate::profiles::{self, DEFAULT, Profile, Profiles};
use crate::report::{self, Failure};
use crate::{Global, advice, tokens};

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Option,
    Environment,
    Profile,
    Default,
}

impl Origin {
    /// Its name in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Option => "option",
            Self::Environment => "environment",
            Self::Profile => "profile",
            Self::Default => "default",
        }
    }
}

/// An account, and what is known of it before anything is sent.
#[derive(Debug)]
pub struct Account {
    /// None where no profile was named, and there is none by default.
    pub profile: Option<(String, Profile)>,
    /// The folder of the profiles.
    folder: PathBuf,
    option: Option<String>,
}

impl Account {
    /// The account that the options and the environment name.
    pub fn of(global: &Global) -> Result<Self, Failure> {
        let named = profile_name(global)?;
        // Whoever is without a home needs no profile.
        let is_needed = named.is_some() || profiles::folder().is_some();
        let profiles = is_needed.then(Profiles::read).transpose()?;
        let profile = match (&profiles, named) {
            (Some(profiles), Some(name)) => Some((name.clone(), profiles.find(&name)?.clone())),
            (Some(profiles), None) => profiles.get(DEFAULT).map(|profile| (DEFAULT.to_owned(), profile.clone())),
            (None, _) => None,
        };
        let folder = profiles.map(|profiles| profiles.folder().to_owned()).unwrap_or_default();
        if let Some(name) = global.profile.as_ref().filter(|_| has_token()) {
            report::note(&format!("OCAMBA_TOKEN is set, and goes before the token of profile {name}"));
        }
        Ok(Self { profile, folder, option: global.base_url.clone() })
    }

    /// Where the API is, unless it is where it is by default.
    pub fn base_url(&self) -> (Option<String>, Origin) {
        match &self.option {
            Some(url) => (Some(url.clone()), Origin::Option),
            None => self.value("OCAMBA_BASE_URL", |profile| profile.base_url.clone()),
        }
    }

    /// The rate limit of the account.
    pub fn tier(&self) -> (Option<String>, Origin) {
        self.value("OCAMBA_RATE_LIMIT_TIER", |profile| profile.tier.clone())
    }

    /// Who shares it. A URL of Redis may have a password in it.
    pub fn lane(&self) -> (Option<String>, Origin) {
        self.value("OCAMBA_RATE_LIMIT", |profile| profile.lane.clone())
    }

    /// Where the token is from: the default is none.
    pub fn token_origin(&self) -> Origin {
        match (has_token(), &self.profile) {
            (true, _) => Origin::Environment,
            (false, Some(_)) => Origin::Profile,
            (false, None) => Origin::Default,
        }
    }

    /// A client of the account.
    pub fn client(&self, global: &Global) -> Result<Client, Failure> {
        let mut builder = builder(global);
        if let Some(token) = self.token()? {
            builder = builder.token(token);
        }
        if let (Some(url), _) = self.base_url() {
            builder = builder.base_url(url);
        }
        let lane = lane(self.lane().0, self.tier().0);
        let client = lane.and_then(|lane| builder.rate_limit(lane).build());
        client.map_err(|error| {
            let profile = self.profile.as_ref().map(|(name, _)| name.clone());
            advice::on_configuration(&error).note("profile", profile)
        })
    }

    /// The token, unless it is in the environment, from where the client reads it.
    fn token(&self) -> Result<Option<Secret>, Failure> {
        match (&self.profile, self.token_origin()) {
            (Some((name, profile)), Origin::Profile) => tokens::get(&self.folder, name, profile.token).map(Some),
            (_, Origin::Environment) => Ok(None),
            _ => Err(Failure::new(Exit::BadInput, "there is no token: OCAMBA_TOKEN is not set, and nobody is logged in")
                .hint("log in by 'ocamba auth login', or set OCAMBA_TOKEN; a create can be tried without, by --sandbox; nothing was sent")),
        }
    }

    fn value(&self, variable: &str, of: impl Fn(&Profile) -> Option<String>) -> (Option<String>, Origin) {
        let profile = || self.profile.as_ref().and_then(|(_, profile)| of(profile));
        match (environment(variable), profile()) {
            (Some(value), _) => (Some(value), Origin::Environment),
            (None, Some(value)) => (Some(value), Origin::Profile),
            (None, None) => (None, Origin::Default),
        }
    }
}

/// The profile that the options or the environment name.
pub fn profile_name(global: &Global) -> Result<Option<String>, Failure> {
    let variable = || environment("OCAMBA_PROFILE");
    let name = global.profile.clone().or_else(variable).map(|name| profiles::name(&name)).transpose();
    // That of the option was checked with it.
    name.map_err(|why| {
        Failure::new(Exit::BadInput, format!("OCAMBA_PROFILE is no name: {why}"))
            .hint("set it right, or unset it; nothing was sent")
    })
}

/// A client that is not set up any further.
pub fn builder(global: &Global) -> ClientBuilder {
    let builder = Client::builder().user_agent(concat!("ocamba-cli/", env!("CARGO_PKG_VERSION")));
    match global.timeout {
        Some(timeout) => builder.timeout(timeout),
        None => builder,
    }
}

/// A lane from what is written of it.
pub fn lane(lane: Option<String>, tier: Option<String>) -> Result<RateLimit, ocamba_hood::Error> {
    let lane: RateLimit = lane.map_or(Ok(RateLimit::default()), |text| text.parse())?;
    Ok(match tier {
        Some(tier) => lane.tier(tier.parse()?),
        None => lane,
    })
}

fn has_token() -> bool {
    std::env::var_os("OCAMBA_TOKEN").is_some_and(|token| !token.is_empty())
}

/// A variable that is set and not empty.
fn environment(name: &str) -> Option<String> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}
