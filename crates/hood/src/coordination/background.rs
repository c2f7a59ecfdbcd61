//! Work after the last response of a call, which must not keep the call past its deadline.

use tokio::time::{Instant, timeout_at};

/// Waits for this work until the deadline, at which the rest of it continues in the background.
pub async fn finish_by(deadline: Instant, work: impl Future<Output = ()> + Send + 'static) {
    let mut work = Box::pin(work);
    if timeout_at(deadline, &mut work).await.is_err() {
        tokio::spawn(work);
    }
}
