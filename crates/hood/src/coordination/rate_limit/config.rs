//! Settings of the rate limit.

use std::path::PathBuf;
use std::str::FromStr;

use crate::env;
use crate::error::Error;
#[cfg(feature = "redis")]
use crate::secret::Secret;

/// Who shares the account's rate limit with a client, and what it is.
///
/// All who use one account must share its limit, or the server refuses some of them. What is documented for this
/// resource is [`Tier::default`]: 10 requests in a second and 150 in a minute.
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
    pub(in crate::coordination) place: Place,
    pub(in crate::coordination) tier: Tier,
    pub(in crate::coordination) if_unavailable: IfUnavailable,
}

#[derive(Clone, Debug)]
pub(in crate::coordination) enum Place {
    Off,
    Memory,
    /// The folder; the user's own where none is given.
    File(Option<PathBuf>),
    #[cfg(feature = "redis")]
    Redis(Secret),
}

/// How many requests an account may make, by its contract.
///
/// The documented tiers are 1 in a second and 15 in a minute, 3/60, 10/150, 75/700 and 350/3500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// In any second.
    pub burst: u32,
    /// In any minute.
    pub steady: u32,
}

/// What a client does while the Redis of its rate limit cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IfUnavailable {
    /// Send nothing: the call fails with an error.
    #[default]
    Fail,
    /// Keep the state in the client's memory until Redis can be reached again: other clients may then get a 429.
    UseMemory,
}

impl Default for Tier {
    /// 10 in a second and 150 in a minute: what is documented for this resource.
    fn default() -> Self {
        Self { burst: 10, steady: 150 }
    }
}

impl Default for RateLimit {
    /// [`RateLimit::shared`].
    fn default() -> Self {
        Self::shared()
    }
}

impl RateLimit {
    /// Shared by all processes of this user on this machine, through a small file in the user's cache folder
    /// (`$OCAMBA_RATE_LIMIT_DIR`, or `ocamba-hood` in `$XDG_CACHE_HOME`, `~/.cache` or `%LOCALAPPDATA%`). Its name is a hash of
    /// base URL and token. The default.
    ///
    /// Where no file can be written, the state is kept in memory, and a warning is logged.
    pub fn shared() -> Self {
        Self::of(Place::File(None))
    }

    /// As [`shared`](Self::shared), in another folder.
    pub fn shared_in(folder: impl Into<PathBuf>) -> Self {
        Self::of(Place::File(Some(folder.into())))
    }

    /// Of one client and its clones alone.
    pub fn memory() -> Self {
        Self::of(Place::Memory)
    }

    /// Shared by all machines, through Redis (`redis://…`), by the clock of its server.
    #[cfg(feature = "redis")]
    pub fn redis(url: impl Into<Secret>) -> Self {
        Self::of(Place::Redis(url.into()))
    }

    /// None: requests go as they come, and a 429 is waited out.
    pub fn off() -> Self {
        Self::of(Place::Off)
    }

    /// For another tier than 10/150.
    pub fn tier(self, tier: Tier) -> Self {
        Self { tier, ..self }
    }

    /// What to do when Redis cannot be reached. Default: [`IfUnavailable::Fail`].
    #[cfg(feature = "redis")]
    pub fn if_unavailable(self, choice: IfUnavailable) -> Self {
        Self { if_unavailable: choice, ..self }
    }

    /// Returns the settings of the environment: `OCAMBA_RATE_LIMIT`, `OCAMBA_RATE_LIMIT_TIER` (both in the forms of
    /// [`FromStr`]) and `OCAMBA_RATE_LIMIT_DIR`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): a variable has another form.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_settings(None, None, None)
    }

    /// Reads the settings of a program, and those that are left out from the environment.
    #[doc(hidden)]
    pub fn from_settings(place: Option<String>, tier: Option<String>, folder: Option<PathBuf>) -> Result<Self, Error> {
        let or_environment = |value: Option<String>, name| value.map_or_else(|| env::text(name), |text| Ok(Some(text)));
        let mut rate_limit: Self = match or_environment(place, "OCAMBA_RATE_LIMIT")? {
            Some(text) => text.parse()?,
            None => Self::default(),
        };
        if let Some(text) = or_environment(tier, "OCAMBA_RATE_LIMIT_TIER")? {
            rate_limit.tier = text.parse()?;
        }
        if let Some(folder) = folder {
            let Place::File(place) = &mut rate_limit.place else {
                return Err(Error::configuration(
                    "the folder of the rate limit goes with the rate limit \"shared\" only",
                ));
            };
            *place = Some(folder);
        }
        Ok(rate_limit)
    }

    /// The folder of this machine in which processes meet, if one was chosen.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match &self.place {
            Place::File(folder) => folder.as_deref(),
            _ => None,
        }
    }

    /// The URL of the Redis in which machines meet, if one was chosen.
    #[cfg(feature = "redis")]
    pub(crate) fn redis_url(&self) -> Option<&Secret> {
        match &self.place {
            Place::Redis(url) => Some(url),
            _ => None,
        }
    }

    fn of(place: Place) -> Self {
        Self { place, tier: Tier::default(), if_unavailable: IfUnavailable::default() }
    }
}

impl FromStr for RateLimit {
    type Err = Error;

    /// `shared`, `memory`, `off`, or a Redis URL.
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
            url if url.starts_with("redis://") => Ok(Self::redis(url)),
            // The text is not quoted: it may be a URL with a password.
            _ => {
                Err(Error::configuration("the rate limit must be shared, memory, off, or a URL like redis://host:6379"))
            }
        }
    }
}

impl FromStr for Tier {
    type Err = Error;

    /// Requests in a second and in a minute, as `10/150`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let numbers =
            text.split_once('/').and_then(|(burst, steady)| Some((burst.parse().ok()?, steady.parse().ok()?)));
        match numbers {
            Some((burst, steady)) if burst > 0 && steady > 0 => Ok(Self { burst, steady }),
            _ => {
                Err(Error::configuration(format!("the tier of the rate limit must look like 10/150, and is {text:?}")))
            }
        }
    }
}
