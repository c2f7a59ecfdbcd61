//! `client.integrations()`.

use std::fmt;
use std::sync::Arc;

use super::call::Call;
use super::list::List;
use crate::error::Error;
use crate::model::{Ensured, Integration, NewIntegration, RequestBody, UpdateIntegration};
use crate::operations::{Context, FromBody, Operation, checked_id};

/// Integrations of an account. From [`Client::integrations`](crate::Client::integrations).
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
    /// **Not idempotent**: a create that may have taken effect is never retried, and the [`outcome`](Error::outcome) of its
    /// error says whether it did. Use [`ensure`](Self::ensure) for a call that is safe to repeat.
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

    /// Checks the credentials of a request with the provider, and creates nothing.
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
    /// [`ErrorKind::BadRequest`](crate::ErrorKind::BadRequest) is expected if the provider rejects them. The status is not documented.
    pub fn validate(&self, request: NewIntegration) -> Call<'a, ()> {
        self.call(RequestBody::try_from(&request).map(Operation::Validate))
    }

    /// Returns the integration with this ID, with all its fields.
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
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if none exists; [`ErrorKind::Validation`](crate::ErrorKind::Validation) for an
    /// invalid ID.
    pub fn get(&self, id: impl AsRef<str>) -> Call<'a, Integration> {
        self.call(checked_id(id.as_ref()).map(Operation::Get))
    }

    /// Lists the integrations. Pages are requested as they are needed.
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

    /// Updates the fields that are set in `update`, and keeps the others.
    ///
    /// Like a create, an update that may have taken effect is not retried: somebody else may have changed the integration
    /// meanwhile.
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
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for an update that changes nothing; [`ErrorKind::NotFound`](crate::ErrorKind::NotFound).
    pub fn update(&self, id: impl AsRef<str>, update: UpdateIntegration) -> Call<'a, ()> {
        let operation = || Ok(Operation::Update(checked_id(id.as_ref())?, RequestBody::try_from(&update)?));
        self.call(operation())
    }

    /// Ensures that an integration with this name and provider exists and matches the request: creates it, or adopts the
    /// existing one, or updates its fields that differ.
    ///
    /// It is safe to repeat after any error. After an unknown outcome it searches before it creates again, and gives the
    /// server time to finish ([`reconcile_timeout`](Call::reconcile_timeout)). Calls for one name and provider wait for each
    /// other: those of this user on this machine, and with a [`RateLimit`](crate::RateLimit) in Redis, those of all machines.
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
    /// [`ErrorKind::Duplicate`](crate::ErrorKind::Duplicate) if several integrations have this name and provider; and those of a create.
    pub fn ensure(&self, request: NewIntegration) -> Call<'a, Ensured> {
        self.call(RequestBody::try_from(&request).map(Operation::Ensure))
    }

    /// Checks whether a create that failed with this error took effect after all.
    ///
    /// Returns the integration that has the name and provider of the create and did not exist before it; `None` if none
    /// appeared within the [`reconcile_timeout`](Call::reconcile_timeout).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) if the error has no unconfirmed create;
    /// [`ErrorKind::Duplicate`](crate::ErrorKind::Duplicate) if several integrations match;
    /// [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown), with their ids, if nothing shows whether the matches
    /// are older: on another machine, or after a restart.
    pub fn find_created(&self, error: &Error) -> Call<'a, Option<Integration>> {
        self.call(error.to_unconfirmed_create().map(|create| Operation::FindCreated(Box::new(create))))
    }

    /// Sends a test message through the integration with this ID.
    ///
    /// The request is not fully documented: its body is `{"integration": {"id": …}}`.
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

    /// Sends a test message through an integration that is not created yet.
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
