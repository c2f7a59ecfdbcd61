//! Builds clients: defaults, the environment, and the settings of a program.

use std::sync::Arc;
use std::time::Duration;

use super::client::Client;
use super::settings::{Settings, authorization, checked_base_url, positive, user_agent};
use crate::coordination::RateLimit;
use crate::env;
use crate::error::Error;
use crate::network::{NetworkOptions, PemSource, Proxy};
use crate::secret::Secret;
use crate::transport::{CallOptions, ExtraHeaders};

/// URL of the API.
pub const DEFAULT_BASE_URL: &str = "https://api.ocamba.com";
const DEFAULT_MAX_RESPONSE_BYTES: usize = 10 * 1024 * 1024;

/// Builder of a [`Client`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientBuilder {
    token: Option<Secret>,
    base_url: Option<String>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    max_retries: Option<u32>,
    rate_limit: Option<RateLimit>,
    max_response_bytes: Option<usize>,
    user_agent: Option<String>,
    headers: ExtraHeaders,
    proxy: Option<Proxy>,
    roots: Vec<PemSource>,
    roots_of_language: Vec<PemSource>,
    client_certificate: Option<Secret>,
    http_host: Option<String>,
}

impl Client {
    /// Builds a client from the environment: `OCAMBA_TOKEN`, and `OCAMBA_BASE_URL` where the API is at another address.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): no token, or an invalid value.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Begins a client with other settings. Settings that are left out come from the environment.
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
}

impl ClientBuilder {
    /// Sets the account's token. Default: the environment's `OCAMBA_TOKEN`.
    pub fn token(mut self, token: impl Into<Secret>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Sets the address of the API: https, or http on this machine. Default: the environment's `OCAMBA_BASE_URL`, or
    /// `https://api.ocamba.com`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// Sets the maximum duration of a call, from its start to the last byte of its response, with retries and waits for the
    /// rate limit. Default: 120 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the maximum duration of making a connection, within the call's timeout, at most 5 minutes. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// Sets the maximum number of retries of a call. Only requests that cannot have taken effect are retried: never sent,
    /// answered 429, or read-only. Default: 3.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.max_retries = Some(retries);
        self
    }

    /// Sets who shares the account's rate limit with this client. Default: the environment's `OCAMBA_RATE_LIMIT` (`shared`,
    /// `memory`, `off` or a Redis URL) and `OCAMBA_RATE_LIMIT_TIER` (as `10/150`), or all processes of this user on this
    /// machine.
    pub fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Sets the maximum size of a response body, in bytes. Default: 10 MiB.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// Sets the product that precedes this crate's name in `User-Agent`, as `my-app/1.2`.
    pub fn user_agent(mut self, product: impl Into<String>) -> Self {
        self.user_agent = Some(product.into());
        self
    }

    /// Adds a header to all requests, as the key of a gateway. A call can set the same header to another value. One of the
    /// client's own, such as `authorization`, is an error of [`build`](Self::build).
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.set(name, value);
        self
    }

    /// Sets all headers at once, for bindings.
    #[doc(hidden)]
    pub fn headers(self, headers: ExtraHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Sets the proxy. Default: the environment's `OCAMBA_PROXY` (`system`, `off` or a URL), or [`Proxy::system`].
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Adds root certificates to those of the system, as of a company's own authority or of a proxy that reads TLS: text in
    /// PEM, or the path of a file or folder. Default: the environment's `OCAMBA_ROOT_CERTIFICATES`. `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` replace the system's certificates; where there are none, Mozilla's are used.
    pub fn root_certificates(mut self, pem_or_path: impl Into<String>) -> Self {
        self.roots.push(PemSource::new("root_certificates", pem_or_path.into()));
        self
    }

    /// Adds the root certificates of a file that a variable of the language names, for bindings.
    #[doc(hidden)]
    pub fn root_certificates_of(mut self, variable: &'static str) -> Self {
        let path = env::path(variable).map(|path| path.to_string_lossy().into_owned());
        self.roots_of_language.extend(path.map(|path| PemSource::new(variable, path)));
        self
    }

    /// Sets the certificate by which the client proves who it is, for gateways that ask for one: text in PEM with the
    /// certificate, those between it and its authority, and the unencrypted private key, or the path of such a file. Default:
    /// the environment's `OCAMBA_CLIENT_CERTIFICATE`.
    pub fn client_certificate(mut self, pem_or_path: impl Into<Secret>) -> Self {
        self.client_certificate = Some(pem_or_path.into());
        self
    }

    /// Permits plain http to this host, as `sandbox` or `host.docker.internal`: for a sandbox in a private network. The token
    /// then crosses that network in clear, so the host must have private addresses only. Default: the environment's
    /// `OCAMBA_HTTP_HOST`, or none.
    pub fn http_host(mut self, host: impl Into<String>) -> Self {
        self.http_host = Some(host.into());
        self
    }

    /// Builds the client.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): no token, or an invalid value.
    pub fn build(self) -> Result<Client, Error> {
        let or_env = |given: Option<String>, name| given.map_or_else(|| env::text(name), |text| Ok(Some(text)));
        let base_url = or_env(self.base_url, "OCAMBA_BASE_URL")?;
        let http_host = or_env(self.http_host, "OCAMBA_HTTP_HOST")?;
        let base_url = checked_base_url(base_url.as_deref().unwrap_or(DEFAULT_BASE_URL), http_host.as_deref())?;
        let token = match self.token {
            Some(token) => token,
            None => env::text("OCAMBA_TOKEN")?.map(Secret::new).ok_or_else(|| {
                Error::configuration(
                    "there is no token; set OCAMBA_TOKEN in the environment, or pass one to the client",
                )
            })?,
        };
        let mut roots = self.roots;
        if roots.is_empty() {
            roots.extend(PemSource::from_env("OCAMBA_ROOT_CERTIFICATES")?);
        }
        let client_certificate = match self.client_certificate {
            Some(pem) => Some(PemSource::new("client_certificate", pem)),
            None => PemSource::from_env("OCAMBA_CLIENT_CERTIFICATE")?,
        };
        if let Err(invalid) = self.headers.check() {
            return Err(Error::configuration(invalid.message()));
        }
        let defaults = CallOptions::default();
        Client::new(Arc::new(Settings {
            base_url: base_url.as_str().trim_end_matches('/').to_owned(),
            authorization: authorization(&token)?,
            token,
            rate_limit: self.rate_limit.map_or_else(RateLimit::from_env, Ok)?,
            user_agent: user_agent(self.user_agent.as_deref())?,
            options: CallOptions {
                timeout: positive("timeout", self.timeout.unwrap_or(defaults.timeout))?,
                connect_timeout: positive("connect_timeout", self.connect_timeout.unwrap_or(defaults.connect_timeout))?,
                max_retries: self.max_retries.unwrap_or(defaults.max_retries),
                headers: self.headers,
                ..defaults
            },
            max_response_bytes: self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
            network: NetworkOptions {
                proxy: self.proxy.map_or_else(Proxy::from_env, Ok)?,
                roots,
                roots_of_language: self.roots_of_language,
                client_certificate,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::Client;
    use crate::error::{ErrorKind, Outcome};

    fn refused(builder: ClientBuilder) -> String {
        let error = builder.build().expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Configuration, Outcome::NotSent));
        error.to_string()
    }

    #[test]
    fn token_goes_only_to_https_or_loopback() {
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
    fn plain_http_needs_a_named_private_host() {
        let with = |url: &str, host: &str| Client::builder().token("t").base_url(url).http_host(host);
        for (url, host) in
            [("http://sandbox:8080", "sandbox"), ("http://Sandbox", "sandbox"), ("http://10.0.0.1:1", "10.0.0.1")]
        {
            with(url, host).build().expect(url);
        }
        for (url, host) in [
            ("http://other", "sandbox"),
            ("http://sandbox.example.com", "sandbox"),
            ("http://8.8.8.8", "8.8.8.8"),
            ("http://api.ocamba.com", "api.ocamba.com"),
            ("http://api.ocamba.com.", "api.ocamba.com."),
        ] {
            assert!(refused(with(url, host)).contains("https://"), "{url}");
        }
        let error = refused(with("http://sandbox", "sandbox").proxy(Proxy::url("http://proxy:3128")));
        assert!(error.contains("a proxy on another machine"), "{error}");
    }

    #[test]
    fn unsendable_token_is_refused_and_not_shown() {
        for token in [
            "",
            "canary\n",
            "\ncanary",
            "can ary",
            "cänary",
            "canary\0",
            "\"canary\"",
            "'canary'",
            "“canary”",
            "[REDACTED]",
        ] {
            let message = refused(Client::builder().token(token).base_url("http://127.0.0.1:1"));
            assert!(message.contains("token") && !message.contains("canary"), "{message}");
        }
    }

    #[test]
    fn client_does_not_show_its_token() {
        let builder = Client::builder().token("canary").base_url("http://127.0.0.1:1");
        assert!(!format!("{builder:?} {:?}", builder.clone().build()).contains("canary"));
    }

    #[test]
    fn timeout_of_zero_is_refused() {
        let builder = Client::builder().token("t").base_url("http://127.0.0.1:1");
        assert!(refused(builder.clone().timeout(Duration::ZERO)).contains("timeout"));
        assert!(refused(builder.connect_timeout(Duration::ZERO)).contains("connect_timeout"));
    }
}
