//! Settings of the rate limit.

use std::path::PathBuf;
use std::str::FromStr;

#[cfg(feature = "redis")]
use crate::coordination::redis_connection::SCHEMES;
use crate::env;
use crate::error::Error;
#[cfg(feature = "redis")]
use crate::secret::Secret;

/// Rate limit of a client: its tier, and the clients that share it.
///
/// All clients of an account must share its limit, or the server rejects some of their requests. The documented limit of
/// this resource is [`Tier::default`]: 10 requests per second and 150 per minute.
///
/// ```
/// use ocamba_hood::{Client, RateLimit, Tier};
///
/// let client = Client::builder()
///     .token("464XXX")
///     .base_url("http://127.0.0.1:8080")
///     .rate_limit(RateLimit::memory().tier(Tier { burst: 75, steady: 700 }))
///     .build()?;
/// # Ok::<(), ocamba_hood::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RateLimit {
    pub(in crate::coordination) storage: StorageSetting,
    pub(in crate::coordination) tier: Tier,
    #[cfg(feature = "redis")]
    pub(in crate::coordination) if_unavailable: IfUnavailable,
}

#[derive(Clone, Debug)]
pub(in crate::coordination) enum StorageSetting {
    Off,
    Memory,
    /// The folder, or the user's cache folder.
    File(Option<PathBuf>),
    #[cfg(feature = "redis")]
    Redis(Secret),
}

/// Number of requests that an account may send, by its contract.
///
/// The documented tiers are 1 per second and 15 per minute, 3/60, 10/150, 75/700 and 350/3500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// Maximum number of requests in any second.
    pub burst: u32,
    /// Maximum number of requests in any minute.
    pub steady: u32,
}

/// Behaviour of a client while the Redis of its rate limit cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IfUnavailable {
    /// Calls fail, and nothing is sent.
    #[default]
    Fail,
    /// The process keeps the state in its memory until Redis can be reached again. Clients may then get a 429, because
    /// processes do not count each other's requests, and an `ensure` of another machine may create the same integration.
    UseMemory,
}

impl Default for Tier {
    /// Returns the documented limit of this resource: 10 requests per second and 150 per minute.
    fn default() -> Self {
        Self { burst: 10, steady: 150 }
    }
}

impl Default for RateLimit {
    /// Returns [`RateLimit::shared`].
    fn default() -> Self {
        Self::shared()
    }
}

impl RateLimit {
    /// Shares the rate limit with all processes of this user on this machine. This is the default.
    ///
    /// The state is kept in a small file in the user's cache folder (`$OCAMBA_RATE_LIMIT_DIR`, or `ocamba-hood` in
    /// `$XDG_CACHE_HOME`, `~/.cache` or `%LOCALAPPDATA%`). The file's name is a hash of the base URL and the token.
    ///
    /// Where the file cannot be used, no call fails: this process keeps the state in its memory, for all its clients of the
    /// account, and tries the file again every 10 seconds. [`take_warning`](crate::take_warning) and
    /// [`RateLimitStatus::fallback_reason`](crate::RateLimitStatus::fallback_reason) say so.
    pub fn shared() -> Self {
        Self::of(StorageSetting::File(None))
    }

    /// Shares the rate limit as [`shared`](Self::shared) does, through another folder.
    pub fn shared_in(folder: impl Into<PathBuf>) -> Self {
        Self::of(StorageSetting::File(Some(folder.into())))
    }

    /// Keeps the rate limit in memory, shared only by the clones of one client.
    pub fn memory() -> Self {
        Self::of(StorageSetting::Memory)
    }

    /// Shares the rate limit with all machines through Redis, by the clock of its server: `redis://user:password@host:6379/0`,
    /// `rediss://…` over TLS with the certificates of the client, or `unix:///path` on this machine.
    #[cfg(feature = "redis")]
    pub fn redis(url: impl Into<Secret>) -> Self {
        Self::of(StorageSetting::Redis(url.into()))
    }

    /// Turns the rate limit off: requests are sent at once, and retried after a 429.
    pub fn off() -> Self {
        Self::of(StorageSetting::Off)
    }

    /// Sets the tier. Default: 10/150.
    pub fn tier(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    /// Sets the behaviour while Redis cannot be reached. Default: [`IfUnavailable::Fail`].
    #[cfg(feature = "redis")]
    pub fn if_unavailable(self, choice: IfUnavailable) -> Self {
        Self { if_unavailable: choice, ..self }
    }

    /// Returns the settings of the environment: `OCAMBA_RATE_LIMIT`, `OCAMBA_RATE_LIMIT_TIER` (both in the forms of
    /// [`FromStr`]) and `OCAMBA_RATE_LIMIT_DIR`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): a variable has an invalid value.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_settings(None, None, None)
    }

    /// Reads the settings of a program. Settings that are left out come from the environment.
    #[doc(hidden)]
    pub fn from_settings(
        storage: Option<String>,
        tier: Option<String>,
        folder: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let or_environment = |value: Option<String>, name| value.map_or_else(|| env::text(name), |text| Ok(Some(text)));
        let mut rate_limit: Self = match or_environment(storage, "OCAMBA_RATE_LIMIT")? {
            Some(text) => text.parse()?,
            None => Self::default(),
        };
        if let Some(text) = or_environment(tier, "OCAMBA_RATE_LIMIT_TIER")? {
            rate_limit.tier = text.parse()?;
        }
        if let Some(folder) = folder {
            let StorageSetting::File(chosen) = &mut rate_limit.storage else {
                return Err(Error::configuration(
                    "the folder of the rate limit was set, but only the rate limit \"shared\" has one; remove it",
                ));
            };
            *chosen = Some(folder);
        }
        Ok(rate_limit)
    }

    /// Returns the folder in which the processes of this machine share state, if one was chosen.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match &self.storage {
            StorageSetting::File(folder) => folder.as_deref(),
            _ => None,
        }
    }

    /// Returns the URL of the Redis in which machines share state, if one was chosen.
    #[cfg(feature = "redis")]
    pub(crate) fn redis_url(&self) -> Option<&Secret> {
        match &self.storage {
            StorageSetting::Redis(url) => Some(url),
            _ => None,
        }
    }

    fn of(storage: StorageSetting) -> Self {
        Self {
            storage,
            tier: Tier::default(),
            #[cfg(feature = "redis")]
            if_unavailable: IfUnavailable::default(),
        }
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    /// Parses `shared`, `memory`, `off`, or a Redis URL.
    ///
    /// ```
    /// # use ocamba_hood::RateLimit;
    /// assert!("memory".parse::<RateLimit>().is_ok());
    /// assert!("fast".parse::<RateLimit>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "shared" => Ok(Self::shared()),
            "memory" => Ok(Self::memory()),
            "off" => Ok(Self::off()),
            #[cfg(feature = "redis")]
            url if SCHEMES.iter().any(|scheme| url.starts_with(scheme)) => Ok(Self::redis(url)),
            // The text is not quoted: it may be a URL with a password.
            _ => {
                Err(Error::configuration("the rate limit must be shared, memory, off, or a URL like redis://host:6379"))
            }
        }
    }
}

impl FromStr for Tier {
    type Err = Error;

    /// Parses the requests per second and per minute, as `10/150`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers =
            text.split_once('/').and_then(|(burst, steady)| Some((burst.parse().ok()?, steady.parse().ok()?)));
        match numbers {
            Some((burst, steady)) if burst > 0 && steady > 0 => Ok(Self { burst, steady }),
            _ => Err(Error::configuration(format!("the tier of the rate limit must look like 10/150, not {text:?}"))),
        }
    }
}
