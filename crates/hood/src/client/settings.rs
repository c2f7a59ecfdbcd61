//! The checked settings of a client.

use std::time::Duration;

use http::Uri;
use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::coordination::{Account, NameLocks, RateLimit, RateLimiter};
use crate::error::Error;
use crate::network::{NetworkOptions, Tls, is_http_host_allowed, is_loopback};
use crate::operations::{Context, RequestWriter};
use crate::secret::{REDACTED, Secret};
use crate::transport::{CallOptions, ConnectionPool, Transport};

/// Checked settings of a client.
pub struct Settings {
    /// Base URL, without a slash at its end.
    pub base_url: String,
    pub token: Secret,
    pub rate_limit: RateLimit,
    pub authorization: HeaderValue,
    pub user_agent: HeaderValue,
    pub options: CallOptions,
    pub max_response_bytes: usize,
    pub network: NetworkOptions,
}

impl Settings {
    /// Builds what all calls of a client share.
    pub fn context(&self) -> Result<Context, Error> {
        let server: Uri = self.base_url.parse().map_err(|_| Error::configuration("the base URL is not a URL"))?;
        let account = Account::new(&self.base_url, &self.token);
        let tls = Tls::new(&self.network)?;
        Ok(Context {
            writer: RequestWriter::new(server.clone()),
            transport: Transport {
                pool: ConnectionPool::new(server, &self.network, tls.clone())?,
                limiter: RateLimiter::new(&self.rate_limit, &account, &tls)?,
                retry_budget: Default::default(),
                counters: Default::default(),
                token: self.token.clone(),
                authorization: self.authorization.clone(),
                user_agent: self.user_agent.clone(),
                max_response_bytes: self.max_response_bytes,
            },
            name_locks: NameLocks::new(&self.rate_limit, &account, &tls)?,
            options: self.options.clone(),
        })
    }
}

/// Checks that an address may receive the token: encrypted, or on this machine.
pub fn checked_base_url(text: &str, http_host: Option<&str>) -> Result<Url, Error> {
    // The text is not quoted: it may contain a password.
    let refuse = |why: &str| Err(Error::configuration(format!("the base URL {why}")));
    let Ok(url) = Url::parse(text) else {
        return refuse("is not a URL; it should look like https://api.ocamba.com");
    };
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not contain a user or password; set the token instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return refuse("must not have a query or fragment");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(url.host_str().unwrap_or_default()) => Ok(url),
        "http" if http_host.is_some_and(|host| is_http_host_allowed(host, &url)) => Ok(url),
        "http" => refuse(
            "must begin with https://, except on this machine; over http the token could be read in transit. For a \
             sandbox in a private network, name its host as http_host or OCAMBA_HTTP_HOST",
        ),
        _ => refuse("must begin with https://"),
    }
}

pub fn authorization(token: &Secret) -> Result<HeaderValue, Error> {
    let refuse = |why: &str| Err(Error::configuration(format!("the token {why}")));
    let text = token.expose();
    if text.is_empty() {
        return refuse("is empty");
    }
    if text.contains(['\n', '\r']) {
        return refuse("contains a line break; remove it");
    }
    // Files of variables for containers keep the quotation marks of a value.
    if text.starts_with(['"', '\'', '`', '“', '„', '‘']) {
        return refuse("begins with a quotation mark; leave the quotation marks out");
    }
    if text.contains(REDACTED) {
        return refuse("is the text of a redacted secret; pass the secret itself");
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return refuse("may contain only visible ASCII characters, and no spaces");
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {text}"))
        .map_err(|_| Error::configuration("the token cannot be sent in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

pub fn user_agent(product: Option<&str>) -> Result<HeaderValue, Error> {
    let own = concat!("ocamba-hood/", env!("CARGO_PKG_VERSION"));
    let text = product.map_or(own.to_owned(), |product| format!("{product} {own}"));
    HeaderValue::from_str(&text).map_err(|_| Error::configuration("the user agent must be one line of plain text"))
}

pub fn positive(name: &str, duration: Duration) -> Result<Duration, Error> {
    if duration.is_zero() {
        return Err(Error::configuration(format!("{name} must be more than zero")));
    }
    Ok(duration)
}
