//! Finds the addresses of a name, and remembers them for errors.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use super::host::is_private;

/// Addresses of a name, as far as they are known.
pub type Resolved = Arc<Mutex<Vec<SocketAddr>>>;

/// The system's resolver, which notes what it found.
#[derive(Clone)]
pub struct Resolver {
    /// Whether every other address is an error.
    pub only_private: bool,
    pub resolved: Resolved,
}

/// Failure to resolve a name.
#[derive(Debug)]
pub struct NameError {
    message: String,
    is_lasting: bool,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = NameError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, NameError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), NameError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { only_private, resolved } = self.clone();
        Box::pin(async move {
            let found = GaiResolver::new().call(name.clone()).await;
            let addresses: Vec<_> = match found {
                Ok(addresses) => addresses.collect(),
                Err(error) => {
                    let message = format!("the name {name} was not found ({error})");
                    return Err(NameError { message, is_lasting: false });
                }
            };
            if only_private && !addresses.iter().all(|address| is_private(address.ip())) {
                let message =
                    format!("the name {name} has a public address; over http the token could be read in transit");
                return Err(NameError { message, is_lasting: true });
            }
            resolved.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&addresses);
            Ok(addresses.into_iter())
        })
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for NameError {}

/// Returns whether a failure to resolve a name is lasting; none for a failure of another stage.
pub fn of_resolver(error: &(dyn std::error::Error + 'static)) -> Option<bool> {
    let mut chain = std::iter::successors(Some(error), |error| error.source());
    chain.find_map(|error| error.downcast_ref::<NameError>()).map(|error| error.is_lasting)
}
