//! The client, and how it is set up.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::connections::Connections;
use crate::counters::Count;
use crate::lane::{Feedback, Turnstile};
use crate::names::Names;
use crate::operation::Operation;
use crate::received::Received;
use crate::retry::Budget;
use crate::scan::Scan;
use crate::{Call, Counters, Error, Integrations, Lane, LaneStatus, Providers, Secret};

/// Where the API is, unless told otherwise.
const DEFAULT_BASE_URL: &str = "https://api.ocamba.com";
/// Long enough to wait for a turn in the account's minute.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);
pub(crate) const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_MAX_RETRIES: u32 = 3;
const DEFAULT_SETTLE: Duration = Duration::from_secs(10);
const DEFAULT_MAX_RESPONSE_BYTES: usize = 10 * 1024 * 1024;

/// A client of the Hood API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    pub(crate) config: Arc<Config>,
}

/// What all calls of a client share.
#[derive(Clone)]
pub(crate) struct Config {
    /// Writes requests; [`Connections`] sends them.
    pub(crate) requests: reqwest::Client,
    pub(crate) connections: Connections,
    lane_settings: Lane,
    pub(crate) lane: Arc<Turnstile>,
    pub(crate) names: Arc<Names>,
    pub(crate) retry_budget: Arc<Budget>,
    pub(crate) count: Arc<Count>,
    /// Without a slash at its end.
    pub(crate) base_url: String,
    pub(crate) token: Secret,
    pub(crate) authorization: HeaderValue,
    pub(crate) user_agent: HeaderValue,
    /// Of calls that do not say otherwise.
    pub(crate) options: CallOptions,
    pub(crate) max_response_bytes: usize,
}

/// What a call may set for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallOptions {
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    /// How long a server that may still be at a create is waited for.
    pub(crate) settle: Duration,
}

impl Client {
    /// A client set up by the environment: `OCAMBA_TOKEN`, and `OCAMBA_BASE_URL` if the API is somewhere else.
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`](crate::Kind::Configuration): no token, or a value that cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Sets a client up. What is left out comes from the environment.
    ///
    /// ```
    /// use std::time::Duration;
    /// use ocamba_hood::Client;
    ///
    /// let client = Client::builder()
    ///     .token("464XXX")
    ///     .base_url("http://127.0.0.1:8080")
    ///     .timeout(Duration::from_secs(5))
    ///     .build()?;
    /// # Ok::<(), ocamba_hood::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The integrations of the account.
    pub fn integrations(&self) -> Integrations<'_> {
        Integrations::new(self)
    }

    /// The providers, in the server's own words.
    pub fn providers(&self) -> Providers<'_> {
        Providers::new(self)
    }

    /// A call that a binding has read from JSON.
    #[doc(hidden)]
    pub fn call(&self, operation: Operation) -> Call<'_, Received> {
        Call::new(self, Ok(operation))
    }

    /// The pages of a list that a binding has read from JSON.
    #[doc(hidden)]
    pub fn scan(&self, list: Operation) -> Scan {
        Scan::new(self, list, self.config.options)
    }

    /// Where the API is.
    pub fn base_url(&self) -> &str {
        &self.config.base_url
    }

    /// The same client with connections of its own: for a forked process, which must not use its parent's.
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`](crate::Kind::Configuration): TLS cannot be set up any more.
    pub fn with_own_connections(&self) -> Result<Self, Error> {
        let Config { base_url, token, lane_settings, .. } = &*self.config;
        let config = Config {
            connections: Connections::new(base_url.starts_with("https:"))?,
            lane: Turnstile::new(lane_settings, base_url, token)?,
            retry_budget: Arc::default(),
            ..(*self.config).clone()
        };
        Ok(Self { config: Arc::new(config) })
    }

    /// What this client and its clones have done so far.
    ///
    /// ```
    /// # fn example(client: ocamba_hood::Client) {
    /// let counters = client.counters();
    /// println!("{} succeeded in {} attempts", counters.succeeded, counters.attempts);
    /// # }
    /// ```
    pub fn counters(&self) -> Counters {
        self.config.count.read()
    }

    /// Waits for a turn in the lane and gives it back at once: what the lane alone costs.
    #[doc(hidden)]
    pub async fn take_turn(&self) -> Result<(), Error> {
        let deadline = tokio::time::Instant::now() + self.config.options.timeout;
        self.config.lane.acquire(deadline).await?.finish(Feedback::None).await;
        Ok(())
    }

    /// What the rate lane does at the moment.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// let lane = client.lane_status().await?;
    /// println!("{} of {} requests in this minute", lane.used_in_minute, lane.tier.steady);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The place where the lane is kept cannot be reached.
    pub async fn lane_status(&self) -> Result<LaneStatus, Error> {
        self.config.lane.status().await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.config.base_url)
            .field("token", &self.config.token)
            .field("options", &self.config.options)
            .field("lane", &self.config.lane_settings)
            .finish()
    }
}

/// Sets up a [`Client`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    base_url: Option<String>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    lane: Option<Lane>,
    max_response_bytes: Option<usize>,
    user_agent: Option<String>,
}

impl ClientBuilder {
    /// The account's token. Default: the environment's `OCAMBA_TOKEN`.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Where the API is: https, or http to this machine. Default: the environment's `OCAMBA_BASE_URL`, or
    /// `https://api.ocamba.com`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// How long a call may take, from its start to the last byte of its answer: retries and waits for the rate limit
    /// included. Default: 120 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long making a connection may take, within the call's timeout. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How often a call may be sent again. Only what cannot have been carried out is: a request that never reached the
    /// server, one that was refused with 429, and reads. Default: 3.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Who shares the account's rate limit with this client. Default: the environment's `OCAMBA_LANE` (`shared`,
    /// `memory`, `off` or a Redis URL) and `OCAMBA_TIER` (as `10/150`), or all processes of this user on this machine.
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = Some(lane);
        self
    }

    /// How many bytes of an answer are read before it is given up. Default: 10 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// What stands before this crate's own name in `User-Agent`, as `my-app/1.2`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// [`Kind::Configuration`](crate::Kind::Configuration): no token, or a value that cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = match self.base_url.map_or_else(|| environment("OCAMBA_BASE_URL"), |url| Ok(Some(url)))? {
            Some(url) => checked_base_url(&url)?,
            None => checked_base_url(DEFAULT_BASE_URL)?,
        };
        let token = match self.token {
            Some(token) => token,
            None => environment("OCAMBA_TOKEN")?.map(Secret::new).ok_or_else(|| {
                Error::configuration(
                    "there is no token: set OCAMBA_TOKEN in the environment, or give one to the client",
                )
            })?,
        };
        let authorization = authorization(&token)?;
        let timeout = positive("timeout", self.timeout.unwrap_or(DEFAULT_TIMEOUT))?;
        let connect_timeout = positive("connect_timeout", self.connect_timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT))?;
        let lane = self.lane.map_or_else(Lane::from_env, Ok)?;
        let https = base_url.scheme() == "https";
        let base_url = base_url.as_str().trim_end_matches('/').to_owned();
        let max_retries = self.max_retries.unwrap_or(DEFAULT_MAX_RETRIES);
        Ok(Client {
            config: Arc::new(Config {
                requests: reqwest::Client::new(),
                connections: Connections::new(https)?,
                lane: Turnstile::new(&lane, &base_url, &token)?,
                names: Arc::new(Names::new(&lane, &base_url, &token)),
                lane_settings: lane,
                retry_budget: Arc::default(),
                count: Arc::default(),
                base_url,
                token,
                authorization,
                user_agent: user_agent(self.user_agent.as_deref())?,
                options: CallOptions { timeout, connect_timeout, max_retries, settle: DEFAULT_SETTLE },
                max_response_bytes: self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
            }),
        })
    }
}

/// A variable that is set and not empty.
pub(crate) fn environment(name: &str) -> Result<Option<String>, Error> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::configuration(format!("{name} is not valid UTF-8"))),
    }
}

/// An address that the token may go to: encrypted, or not leaving this machine.
fn checked_base_url(text: &str) -> Result<Url, Error> {
    // The text is not quoted: it may hold a password.
    let refuse = |why: &str| Err(Error::configuration(format!("the base URL {why}")));
    let Ok(url) = Url::parse(text) else {
        return refuse("is not a URL; it should look like https://api.ocamba.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not hold a user or password; the token is given apart");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must not have a query or fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => refuse("must be https: over http the token would be readable on the way (only loopback is excepted)"),
        _ => refuse("must begin with https://"),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|a| a.is_loopback())
}

fn authorization(token: &Secret) -> Result<HeaderValue, Error> {
    let refuse = |why: &str| Err(Error::configuration(format!("the token {why}")));
    let text = token.expose();
    if text.is_empty() {
        return refuse("is empty");
    }
    if text.contains(['\n', '\r']) {
        return refuse("has a line break in it; was it read from a file? Remove the line break");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse("may have only letters, digits and signs of ASCII, and no spaces");
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| Error::configuration("the token cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn user_agent(product: Option<&str>) -> Result<HeaderValue, Error> {
    let own = concat!("ocamba-hood/", env!("CARGO_PKG_VERSION"));
    let text = product.map_or(own.to_owned(), |product| format!("{product} {own}"));
    HeaderValue::from_str(&text).map_err(|_| Error::configuration("the user agent must be one line of plain text"))
}

fn positive(name: &str, duration: Duration) -> Result<Duration, Error> {
    if duration.is_zero() {
        return Err(Error::configuration(format!("{name} must be more than zero")));
    }
    Ok(duration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Outcome};

    fn refused(builder: ClientBuilder) -> String {
        let error = builder.build().expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (Kind::Configuration, Outcome::NotSent));
        error.to_string()
    }

    #[test]
    fn the_token_goes_only_to_https_or_loopback() {
        let with = |url: &str| Client::builder().token("t").base_url(url);
        for url in
            ["https://example.com", "http://127.0.0.1:1", "http://127.9.9.9", "http://[::1]:1", "http://localhost"]
        {
            with(url).build().expect(url);
        }
        for url in [
            "http://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://10.0.0.1",
            "http://[::ffff:10.0.0.1]",
            "ftp://example.com",
            "https://user:canary@example.com",
            "https://example.com/?canary",
            "canary",
            "",
        ] {
            let message = refused(with(url));
            assert!(message.contains("base URL") && !message.contains("canary"), "{url}: {message}");
        }
    }

    #[test]
    fn a_token_that_cannot_be_sent_is_refused_and_not_shown() {
        for token in ["", "canary\n", "\ncanary", "can ary", "cänary", "canary\0"] {
            let message = refused(Client::builder().token(token).base_url("http://127.0.0.1:1"));
            assert!(message.contains("token") && !message.contains("canary"), "{message}");
        }
    }

    #[test]
    fn a_slash_at_the_end_of_the_base_url_does_not_matter() {
        let client = Client::builder().token("t").base_url("http://127.0.0.1:1/prefix/").build().expect("a client");
        assert_eq!(client.base_url(), "http://127.0.0.1:1/prefix");
    }

    #[test]
    fn a_client_does_not_show_its_token() {
        let builder = Client::builder().token("canary").base_url("http://127.0.0.1:1");
        assert!(!format!("{builder:?} {:?}", builder.clone().build()).contains("canary"));
    }

    #[test]
    fn a_timeout_of_zero_is_refused() {
        let builder = Client::builder().token("t").base_url("http://127.0.0.1:1");
        assert!(refused(builder.clone().timeout(Duration::ZERO)).contains("timeout"));
        assert!(refused(builder.connect_timeout(Duration::ZERO)).contains("connect_timeout"));
    }
}
