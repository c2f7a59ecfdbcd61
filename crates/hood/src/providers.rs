//! `client.providers()`.

use crate::{Client, List, ProviderDescription};

/// The providers, in the server's own words. From [`Client::providers`]. What this version knows of them by itself is in
/// [`providers`](crate::providers).
#[derive(Clone, Copy, Debug)]
pub struct Providers<'a> {
    client: &'a Client,
}

impl<'a> Providers<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// All providers, page by page as they are needed.
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
        List::new(self.client)
    }
}
