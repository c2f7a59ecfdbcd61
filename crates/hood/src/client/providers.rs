//! `client.providers()`.

use std::fmt;
use std::sync::Arc;

use super::list::List;
use crate::model::ProviderDescription;
use crate::operations::Context;

/// Providers, as the server describes them. From [`Client::providers`](crate::Client::providers).
///
/// The providers that this version knows are in [`providers`](crate::providers).
#[derive(Clone, Copy)]
pub struct Providers<'a> {
    context: &'a Arc<Context>,
}

impl<'a> Providers<'a> {
    pub(crate) fn new(context: &'a Arc<Context>) -> Self {
        Self { context }
    }

    /// Lists the providers. Pages are requested as they are needed.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_hood::Error> {
    /// for provider in client.providers().list().all().await? {
    ///     println!("{} {:?}", provider.id, provider.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self) -> List<'a, ProviderDescription> {
        List::new(self.context)
    }
}

impl fmt::Debug for Providers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers").finish_non_exhaustive()
    }
}
