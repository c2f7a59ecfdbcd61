//! How a lane is set up.

use std::path::PathBuf;
use std::str::FromStr;

use crate::Error;
#[cfg(feature = "redis")]
use crate::Secret;
use crate::client::environment;

/// Who shares the account's rate limit with a client, and what it is.
///
/// All who use one account must share its limit, or the server refuses some of them. What is documented for this
/// resource is [`Tier::default`]: 10 requests in a second and 150 in a minute.
///
/// ```
/// use ocamba_hood::{Client, Lane, Tier};
///
/// let client = Client::builder()
///     .token("464XXX")
///     .base_url("http://127.0.0.1:8080")
///     .lane(Lane::memory().tier(Tier { burst: 75, steady: 700 }))
///     .build()?;
/// # Ok::<(), ocamba_hood::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lane {
    pub(super) place: Place,
    pub(super) tier: Tier,
    #[cfg_attr(not(feature = "redis"), allow(dead_code))]
    pub(super) if_unavailable: IfUnavailable,
}

#[derive(Clone, Debug)]
pub(super) enum Place {
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

/// What to do when the place of a shared lane cannot be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum IfUnavailable {
    /// Send nothing: the call fails with an error.
    #[default]
    Fail,
    /// Go on alone, in memory, until it can be reached again: others may then get a 429.
    GoOnAlone,
}

impl Default for Tier {
    /// 10 in a second and 150 in a minute: what is documented for this resource.
    fn default() -> Self {
        Self { burst: 10, steady: 150 }
    }
}

impl Default for Lane {
    /// [`Lane::shared`].
    fn default() -> Self {
        Self::shared()
    }
}

impl Lane {
    /// Shared by all processes of this user on this machine, through a small file in the user's cache folder
    /// (`$OCAMBA_LANE_DIR`, or `ocamba-hood` in `$XDG_CACHE_HOME`, `~/.cache` or `%LOCALAPPDATA%`). Its name is a hash of
    /// base URL and token. The default.
    ///
    /// Where no file can be written, the lane is kept in memory, and a warning logged.
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

    /// As the environment says: `OCAMBA_LANE` and `OCAMBA_TIER`, in the forms of [`FromStr`].
    pub fn from_env() -> Result<Self, Error> {
        let lane: Self = environment("OCAMBA_LANE")?.map_or(Ok(Self::default()), |text| text.parse())?;
        Ok(match environment("OCAMBA_TIER")? {
            Some(tier) => lane.tier(tier.parse()?),
            None => lane,
        })
    }

    /// The folder of this machine in which processes meet, if one was chosen.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        match &self.place {
            Place::File(folder) => folder.as_deref(),
            _ => None,
        }
    }

    fn of(place: Place) -> Self {
        Self { place, tier: Tier::default(), if_unavailable: IfUnavailable::default() }
    }
}

impl FromStr for Lane {
    type Err = Error;

    /// `shared`, `memory`, `off`, or a Redis URL.
    ///
    /// ```
    /// # use ocamba_hood::Lane;
    /// assert!("memory".parse::<Lane>().is_ok());
    /// assert!("fast".parse::<Lane>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "shared" => Ok(Self::shared()),
            "memory" => Ok(Self::memory()),
            "off" => Ok(Self::off()),
            #[cfg(feature = "redis")]
            url if url.starts_with("redis://") => Ok(Self::redis(url)),
            // The text is not quoted: it may be a URL with a password.
            _ => Err(Error::configuration("the lane must be shared, memory, off, or a URL like redis://host:6379")),
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
            _ => Err(Error::configuration(format!("the tier must look like 10/150, and is {text:?}"))),
        }
    }
}
