//! `client.integrations()`.

use std::fmt;
use std::sync::Arc;

use super::call::Call;
use super::list::List;
use crate::error::Error;
use crate::model::{Ensured, Integration, NewIntegration, RequestBody, UpdateIntegration};
use crate::operations::{Context, FromBody, Operation, checked_id};

/// The integrations of an account. From [`Client::integrations`].
#[derive(Clone, Copy)]
pub struct Integrations<'a> {
    context: &'a Arc<Context>,
}

impl<'a> Integrations<'a> {
    pub(crate) fn new(context: &'a Arc<Context>) -> Self {
        Self { context }
    }

    /// Creates an integration, when awaited.
    ///
    /// **Not idempotent**: it is never sent twice, and an error's [`outcome`](Error::outcome) says what became of it.
    /// [`ensure`](Self::ensure) is the call that may be made twice.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// use ocamba_hood::{Mitto, NewIntegration, Outcome};
    ///
    /// let settings = Mitto { api_key: "AScs8XXX".into(), sender_name: "Example".into() };
    /// match client.integrations().create(NewIntegration::new("Example", settings)).await {
    ///     Ok(integration) => println!("created {}", integration.id),
    ///     Err(error) if error.outcome() == Outcome::Unknown => match client.integrations().find_created(&error).await? {
    ///         Some(integration) => println!("created {} after all", integration.id),
    ///         None => println!("not created: {error}"),
    ///     },
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// All but `Configuration`: see [`ErrorKind`](crate::ErrorKind).
    pub fn create(&self, request: NewIntegration) -> Call<'a, Integration> {
        self.call(RequestBody::try_from(&request).map(Operation::Create))
    }

    /// Checks a request's credentials with the provider, and creates nothing.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client, request: ocamba_hood::NewIntegration) -> Result<(), ocamba_hood::Error> {
    /// client.integrations().validate(request).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) is expected where the provider refuses; which it is, is not documented.
    pub fn validate(&self, request: NewIntegration) -> Call<'a, ()> {
        self.call(RequestBody::try_from(&request).map(Operation::Validate))
    }

    /// The integration with this id, in full.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// let integration = client.integrations().get("1165").await?;
    /// println!("{:?}", integration.effective_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) where there is none; [`ErrorKind::Validation`](crate::ErrorKind::Validation) where no
    /// id looks like this.
    pub fn get(&self, id: impl AsRef<str>) -> Call<'a, Integration> {
        self.call(checked_id(id.as_ref()).map(Operation::Get))
    }

    /// All integrations, page by page as they are needed.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// use ocamba_hood::IntegrationType;
    ///
    /// let mut list = client.integrations().list().kind(IntegrationType::Sms).items();
    /// while let Some(integration) = list.next().await {
    ///     println!("{}", integration?.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'a, Integration> {
        List::new(self.context)
    }

    /// Changes what is set in `update`, and leaves the rest as it is.
    ///
    /// Sent once, as a create is: between two the integration may have been changed by others.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// use ocamba_hood::UpdateIntegration;
    ///
    /// client.integrations().update("1165", UpdateIntegration::new().name("Another name")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for an update of nothing; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound).
    pub fn update(&self, id: impl AsRef<str>, update: UpdateIntegration) -> Call<'a, ()> {
        let operation = || Ok(Operation::Update(checked_id(id.as_ref())?, RequestBody::try_from(&update)?));
        self.call(operation())
    }

    /// Has an integration be as it is asked for: creates it, or adopts the one that is there under this name and provider,
    /// or updates what differs of it.
    ///
    /// It can be called again, whatever became of the last time. After an unknown outcome it looks before it creates again,
    /// and waits for a server that may still be at it ([`settle`](Call::settle)). Calls for one name and provider wait for
    /// each other: those of this user on this machine, and where the [`RateLimit`](crate::RateLimit) is in Redis, of all machines.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client, request: ocamba_hood::NewIntegration) -> Result<(), ocamba_hood::Error> {
    /// let ensured = client.integrations().ensure(request).await?;
    /// println!("{} {}", ensured.action, ensured.integration.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Duplicate`](crate::ErrorKind::Duplicate) where several have this name and provider already; and all those of a
    /// create.
    pub fn ensure(&self, request: NewIntegration) -> Call<'a, Ensured> {
        self.call(RequestBody::try_from(&request).map(Operation::Ensure))
    }

    /// Looks whether a create came to be that ended with this error.
    ///
    /// Found is what has its name and provider, and was not there before. `None`: it did not come to be, or not within
    /// [`settle`](Call::settle).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) where the error is not of a create;
    /// [`ErrorKind::Duplicate`](crate::ErrorKind::Duplicate) where several could be it.
    pub fn find_created(&self, error: &Error) -> Call<'a, Option<Integration>> {
        self.call(error.to_unconfirmed_create().map(|create| Operation::FindCreated(Box::new(create))))
    }

    /// Sends a test message through the integration with this id.
    ///
    /// What the server wants for it is not fully documented: it is sent `{"integration": {"id": …}}`.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// client.integrations().send_test("1165").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send_test(&self, id: impl AsRef<str>) -> Call<'a, ()> {
        self.call(checked_id(id.as_ref()).and_then(|id| RequestBody::test_of(&id)).map(Operation::SendTest))
    }

    /// As [`send_test`](Self::send_test), for an integration that is not created yet.
    pub fn send_test_with(&self, request: NewIntegration) -> Call<'a, ()> {
        self.call(
            RequestBody::try_from(&request).and_then(|body| RequestBody::test_with(&body)).map(Operation::SendTest),
        )
    }

    fn call<T: FromBody>(&self, operation: Result<Operation, Error>) -> Call<'a, T> {
        Call::new(self.context, operation)
    }
}

impl fmt::Debug for Integrations<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Integrations").finish_non_exhaustive()
    }
}
