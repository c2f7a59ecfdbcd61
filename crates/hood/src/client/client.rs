//! The client.

use std::fmt;
use std::sync::Arc;

use super::call::Call;
use super::integrations::Integrations;
use super::providers::Providers;
use super::settings::Settings;
use crate::coordination::RateLimitStatus;
use crate::error::Error;
use crate::network::Probe;
use crate::operations::{CheckedBody, Context, Operation, Paginator};
use crate::transport::{CallOptions, Metrics};

/// Client of the Hood API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    context: Arc<Context>,
    settings: Arc<Settings>,
}

impl Client {
    pub(super) fn new(settings: Arc<Settings>) -> Result<Self, Error> {
        Ok(Self { context: Arc::new(settings.context()?), settings })
    }

    /// Returns the integrations of the account.
    pub fn integrations(&self) -> Integrations<'_> {
        Integrations::new(&self.context)
    }

    /// Returns the providers, as the server describes them.
    pub fn providers(&self) -> Providers<'_> {
        Providers::new(&self.context)
    }

    /// Begins a call of an operation that a binding has read from JSON.
    #[doc(hidden)]
    pub fn call(&self, operation: Operation) -> Call<'_, CheckedBody> {
        Call::new(&self.context, Ok(operation))
    }

    /// Reads the pages of a list that a binding has read from JSON.
    #[doc(hidden)]
    pub fn paginator(&self, list: Operation) -> Paginator {
        Paginator::new(&self.context, list, self.context.options.clone())
    }

    /// Returns the options of calls that set none, for bindings.
    #[doc(hidden)]
    pub fn call_options(&self) -> CallOptions {
        self.context.options.clone()
    }

    /// Makes a connection and closes it, to find out what fails: for the command line. No request is sent.
    #[doc(hidden)]
    pub async fn probe(&self) -> Vec<Probe> {
        self.context.transport.pool.probe(self.context.options.connect_limit()).await
    }

    /// Returns the address of the API.
    pub fn base_url(&self) -> &str {
        &self.settings.base_url
    }

    /// Returns a key of the account by its token: a hash, from which the token cannot be read.
    #[doc(hidden)]
    pub fn account_key(&self) -> &str {
        self.context.name_locks.account.key()
    }

    /// Builds the same client with connections of its own: for a forked process, which must not use its parent's.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration): TLS could not be set up.
    pub fn with_own_connections(&self) -> Result<Self, Error> {
        Self::new(self.settings.clone())
    }

    /// Returns the numbers of this client and its clones since it was built.
    ///
    /// ```
    /// # fn example(client: ocamba_hood::Client) {
    /// let metrics = client.metrics();
    /// println!("{} calls succeeded in {} attempts", metrics.succeeded, metrics.attempts);
    /// # }
    /// ```
    pub fn metrics(&self) -> Metrics {
        self.context.transport.counters.read()
    }

    /// Returns the state of the rate limit.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// let status = client.rate_limit_status().await?;
    /// println!("{} of {} requests in this minute", status.used_in_minute, status.tier.steady);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Another process keeps the file of the state locked, or the Redis that keeps it could not be used.
    pub async fn rate_limit_status(&self) -> Result<RateLimitStatus, Error> {
        self.context.transport.limiter.status().await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.settings.base_url)
            .field("token", &self.settings.token)
            .field("options", &self.context.options)
            .field("rate_limit", &self.settings.rate_limit)
            .finish()
    }
}
