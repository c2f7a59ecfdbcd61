//! `client.integrations()`.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use crate::body::{Body, Wire};
use crate::client::CallOptions;
use crate::integration::Received;
use crate::transport::Exchange;
use crate::{Client, Error, Integration, NewIntegration, Progress, Response};

/// The integrations of an account. From [`Client::integrations`].
#[derive(Clone, Copy, Debug)]
pub struct Integrations<'a> {
    client: &'a Client,
}

impl<'a> Integrations<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Creates an integration, when awaited.
    ///
    /// **Not idempotent**: it is never sent twice, and an error's [`outcome`](Error::outcome) says what became of it.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// use ocamba_hood::{Mitto, NewIntegration, Outcome};
    ///
    /// let settings = Mitto { api_key: "AScs8XXX".into(), sender_name: "Example".into() };
    /// match client.integrations().create(NewIntegration::new("Example", settings)).await {
    ///     Ok(integration) => println!("created {}", integration.id),
    ///     Err(error) if error.outcome() == Outcome::Unknown => println!("look before trying again: {error}"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// All but `Configuration`: see [`Kind`](crate::Kind).
    pub fn create(&self, request: NewIntegration) -> Create<'a> {
        Create::new(self.client, Body::try_from(&request))
    }

    /// As [`create`](Self::create), with a request that was read from JSON and checked before.
    pub fn create_body(&self, request: Body) -> Create<'a> {
        Create::new(self.client, Ok(request))
    }
}

/// A create that is sent when awaited.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Create<'a> {
    client: &'a Client,
    request: Result<Body, Error>,
    options: CallOptions,
    progress: Progress,
}

impl<'a> Create<'a> {
    fn new(client: &'a Client, request: Result<Body, Error>) -> Self {
        Self { client, request, options: client.config.options, progress: Progress::default() }
    }

    /// How long this call may take, all its retries and waits included, in place of the client's timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// How long making a connection may take for this call, in place of the client's.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// How often this call may be sent again, in place of the client's number.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = retries;
        self
    }

    /// Tells how far it has come, also after it was dropped.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Sends it, and returns the status, headers and trace id as well.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client, request: ocamba_hood::NewIntegration) -> Result<(), ocamba_hood::Error> {
    /// let response = client.integrations().create(request).with_response().await?;
    /// println!("{} {}", response.status, response.value.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Integrations::create`].
    pub async fn with_response(self) -> Result<Response<Integration>, Error> {
        self.received().await?.read()
    }

    /// Sends it, and leaves the body to be read by the caller: for bindings.
    #[doc(hidden)]
    pub async fn received(self) -> Result<Response<Received>, Error> {
        let body = Wire(self.request?);
        let exchange = Exchange::new(&self.client.config, self.options, self.progress);
        let answer = exchange.client().create_integration(&body).await;
        exchange.finish(answer)
    }
}

impl<'a> IntoFuture for Create<'a> {
    type Output = Result<Integration, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_response().await?.value) })
    }
}
