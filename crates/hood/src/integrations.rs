//! `client.integrations()`.

use crate::body::Body;
use crate::ensure::Ensured;
use crate::operation::{Operation, checked_id};
use crate::{Call, Client, Error, Integration, List, NewIntegration, UpdateIntegration};

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
    /// All but `Configuration`: see [`Kind`](crate::Kind).
    pub fn create(&self, request: NewIntegration) -> Call<'a, Integration> {
        self.call(Body::try_from(&request).map(Operation::Create))
    }

    /// As [`create`](Self::create), with a request that was read from JSON and checked before.
    pub fn create_body(&self, request: Body) -> Call<'a, Integration> {
        self.call(Ok(Operation::Create(request)))
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
    /// [`Kind::BadRequest`](crate::Kind::BadRequest) is expected where the provider refuses; which it is, is not documented.
    pub fn validate(&self, request: NewIntegration) -> Call<'a, ()> {
        self.call(Body::try_from(&request).map(Operation::Validate))
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
    /// [`Kind::NotFound`](crate::Kind::NotFound) where there is none; [`Kind::Validation`](crate::Kind::Validation) where no
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
        List::new(self.client)
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
    /// [`Kind::Validation`](crate::Kind::Validation) for an update of nothing; [`Kind::NotFound`](crate::Kind::NotFound).
    pub fn update(&self, id: impl AsRef<str>, update: UpdateIntegration) -> Call<'a, ()> {
        let operation = || Ok(Operation::Update(checked_id(id.as_ref())?, Body::try_from(&update)?));
        self.call(operation())
    }

    /// Has an integration be as it is asked for: creates it, or adopts the one that is there under this name and provider,
    /// or updates what differs of it.
    ///
    /// It can be called again, whatever became of the last time. After an unknown outcome it looks before it creates again,
    /// and waits for a server that may still be at it ([`settle`](Call::settle)). Calls for one name and provider wait for
    /// each other: those of this user on this machine, and where the [`Lane`](crate::Lane) is in Redis, of all machines.
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
    /// [`Kind::Duplicate`](crate::Kind::Duplicate) where several have this name and provider already; and all those of a
    /// create.
    pub fn ensure(&self, request: NewIntegration) -> Call<'a, Ensured> {
        self.call(Body::try_from(&request).map(Operation::Ensure))
    }

    /// Looks whether a create came to be that ended with this error.
    ///
    /// Found is what has its name and provider, and was not there before. `None`: it did not come to be, or not within
    /// [`settle`](Call::settle).
    ///
    /// # Errors
    ///
    /// [`Kind::Validation`](crate::Kind::Validation) where the error is not of a create;
    /// [`Kind::Duplicate`](crate::Kind::Duplicate) where several could be it.
    pub fn find_created(&self, error: &Error) -> Call<'a, Option<Integration>> {
        self.call(error.to_sought().map(|sought| Operation::FindCreated(Box::new(sought))))
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
        self.call(checked_id(id.as_ref()).and_then(|id| Body::test_of(&id)).map(Operation::SendTest))
    }

    /// As [`send_test`](Self::send_test), for an integration that is not created yet.
    pub fn send_test_with(&self, request: NewIntegration) -> Call<'a, ()> {
        self.call(Body::try_from(&request).and_then(|body| Body::test_with(&body)).map(Operation::SendTest))
    }

    fn call<T: crate::received::Answered>(&self, operation: Result<Operation, Error>) -> Call<'a, T> {
        Call::new(self.client, operation)
    }
}
