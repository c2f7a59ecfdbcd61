//! A call: an operation with its options, sent when awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::model::{Ensured, Integration};
use crate::operations::{Context, FromBody, Operation, Response, create, create_since, ensure, find_created};
use crate::transport::{CallOptions, Progress};

/// Call that is sent when awaited, and returns a `T`.
#[must_use = "nothing is sent until the call is awaited"]
pub struct Call<'a, T> {
    context: &'a Arc<Context>,
    operation: Result<Operation, Error>,
    options: CallOptions,
    progress: Progress,
    result: PhantomData<fn() -> T>,
}

impl<'a, T: FromBody> Call<'a, T> {
    pub(crate) fn new(context: &'a Arc<Context>, operation: Result<Operation, Error>) -> Self {
        let options = context.options.clone();
        Self { context, operation, options, progress: Progress::default(), result: PhantomData }
    }

    /// Sets all options, in place of the client's: for bindings.
    #[doc(hidden)]
    pub fn with_options(self, options: CallOptions) -> Self {
        Self { options, ..self }
    }

    /// Sets the progress, for callers who cancel the call before it has begun: for bindings.
    #[doc(hidden)]
    pub fn with_progress(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// Sets the maximum duration of this call, with retries and waits, in place of the client's timeout.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = timeout;
        self
    }

    /// Sets the maximum duration of making a connection for this call, in place of the client's.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = timeout;
        self
    }

    /// Sets the maximum number of retries of this call, in place of the client's.
    pub fn max_retries(mut self, retries: u32) -> Self {
        self.options.max_retries = retries;
        self
    }

    /// Adds a header to the requests of this call, as `traceparent` or the key of a gateway. One of the client's own, such as
    /// `authorization`, is an error of the call.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// client.integrations().get("1165").header("x-request-id", "4711").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.headers.set(name, value);
        self
    }

    /// Returns the progress of this call, which can still be read after the call was dropped.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Sends the call, and returns its result with the status, headers and trace id.
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
    /// Those of the call when awaited.
    pub async fn with_response(self) -> Result<Response<T>, Error> {
        let Self { context, operation, options, progress, .. } = self;
        let options = options.capped();
        match operation? {
            // Boxed, since a future is moved several times before it is polled.
            Operation::Ensure(body) => Box::pin(ensure(context, body, options, progress)).await?.read(),
            Operation::CreateSince(body, read) => {
                Box::pin(create_since(context, &body, &read, &options, &progress)).await?.read()
            }
            Operation::FindCreated(create) => Box::pin(find_created(context, &create, options)).await?.read(),
            Operation::Create(body) => Box::pin(create(context, &body, &options, &progress, None)).await,
            single => Box::pin(single.send(context, &options, &progress)).await,
        }
    }
}

impl Call<'_, Ensured> {
    /// Sets how long the integration is searched for after an unknown outcome, before it is created again: the server may
    /// still be working on the first create. Default: 10 seconds.
    pub fn reconcile_timeout(mut self, timeout: Duration) -> Self {
        self.options.reconcile_timeout = timeout;
        self
    }
}

impl Call<'_, Option<Integration>> {
    /// Sets how long after its failure the create is searched for: the server may still be working on it. Default: 10
    /// seconds.
    pub fn reconcile_timeout(mut self, timeout: Duration) -> Self {
        self.options.reconcile_timeout = timeout;
        self
    }
}

impl<'a, T: FromBody + 'a> IntoFuture for Call<'a, T> {
    type Output = Result<T, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.with_response().await?.value) })
    }
}

impl<T> fmt::Debug for Call<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation)
            .field("options", &self.options)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}
