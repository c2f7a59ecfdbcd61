//! A call: what it asks for, how long it may take, and how far it has come.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::client::CallOptions;
use crate::ensure::{self, Ensured};
use crate::operation::Operation;
use crate::received::{Answered, Received};
use crate::transport::{Exchange, LONGEST_TIMEOUT};
use crate::{Client, Error, Integration, Overrides, Progress, Response, find};

/// A call that is made when awaited, and answered with a `T`.
#[derive(Debug)]
#[must_use = "nothing is sent until it is awaited"]
pub struct Call<'a, T> {
    client: &'a Client,
    operation: Result<Operation, Error>,
    options: CallOptions,
    progress: Progress,
    answer: PhantomData<fn() -> T>,
}

impl<'a, T: Answered> Call<'a, T> {
    pub(crate) fn new(client: &'a Client, operation: Result<Operation, Error>) -> Self {
        let options = client.config.options;
        Self { client, operation, options, progress: Progress::default(), answer: PhantomData }
    }

    pub(crate) fn with_options(self, options: CallOptions) -> Self {
        Self { options, ..self }
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

    /// With what a binding was told, in place of the client's settings.
    #[doc(hidden)]
    pub fn with_overrides(self, overrides: Overrides) -> Self {
        let options = overrides.over(self.options);
        Self { options, ..self }
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
    /// As the call without it.
    pub async fn with_response(self) -> Result<Response<T>, Error> {
        self.received().await?.read()
    }

    /// Sends it, and leaves the body to be read by the caller: for bindings.
    #[doc(hidden)]
    pub async fn received(self) -> Result<Response<Received>, Error> {
        let Self { client, operation, options, progress, .. } = self;
        let operation = operation?;
        match operation {
            // Boxed, since they are many times the size of the others.
            Operation::Ensure(body) => Box::pin(ensure::run(client, body, options, progress)).await,
            Operation::FindCreated(sought) => Box::pin(find::run(client, &sought, options)).await,
            Operation::List(query) => {
                let provider = query.provider_id.clone();
                let exchange = Exchange::new(&client.config, options, progress);
                let page = Operation::List(query).send(&exchange).await?;
                Ok(page.only_of_provider(provider.as_deref()))
            }
            single => single.send(&Exchange::new(&client.config, options, progress)).await,
        }
    }
}

impl Call<'_, Ensured> {
    /// How long after an unknown outcome the integration is looked for before it is created again: the server may still
    /// be at it. Default: 10 seconds.
    pub fn settle(mut self, settle: Duration) -> Self {
        self.options.settle = settle;
        self
    }
}

impl Call<'_, Option<Integration>> {
    /// How long after the create failed the integration is looked for: the server may still be at it. Default: 10 seconds.
    pub fn settle(mut self, settle: Duration) -> Self {
        self.options.settle = settle;
        self
    }
}

impl CallOptions {
    /// When a call that begins now must be over.
    pub(crate) fn deadline(self) -> Instant {
        Instant::now() + self.timeout.min(LONGEST_TIMEOUT)
    }

    /// For one of the requests that a call takes.
    pub(crate) fn until(self, deadline: Instant) -> Self {
        Self { timeout: deadline.saturating_duration_since(Instant::now()), ..self }
    }
}

impl<'a, T: Answered + 'a> IntoFuture for Call<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_response().await?.value) })
    }
}
