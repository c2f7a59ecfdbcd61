//! One call on its way: whatever becomes of it, exactly one message is told of it.

use std::sync::Arc;

use ocamba_hood::{CheckedBody, Error, Progress, Response};

use crate::calls::Shared;
use crate::failure::Failure;
use crate::message::{self, ResponseParts};

/// A call that has not ended. Dropped before it has, it tells that it was aborted, or that there was a panic.
pub struct Call {
    id: u64,
    shared: Arc<Shared>,
    progress: Option<Progress>,
    ended: bool,
}

impl Call {
    /// A call that is about to be made.
    pub fn new(id: u64, shared: Arc<Shared>) -> Self {
        Self { id, shared, progress: None, ended: false }
    }

    /// From here on it is known how far the request has come.
    pub fn track(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    /// It has ended by itself.
    pub fn end(mut self, result: &Result<Response<CheckedBody>, Error>, parts: ResponseParts) {
        self.tell(&message::ended(self.id, result, parts));
    }

    /// There was nothing more to ask for.
    pub fn exhaust(mut self) {
        self.tell(&message::exhausted(self.id));
    }

    /// It has failed before the core had a part in it.
    pub fn fail(mut self, failure: &Failure) {
        self.tell(&message::failed(self.id, failure));
    }

    fn tell(&mut self, message: &str) {
        self.ended = true;
        self.shared.deliver(self.id, message);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let sent = self.progress.as_ref().is_some_and(Progress::may_have_been_sent);
        let failure = match std::thread::panicking() {
            true => Failure::internal(sent),
            false => Failure::aborted(sent, self.progress.as_ref().and_then(Progress::unconfirmed_create)),
        };
        self.tell(&message::failed(self.id, &failure));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a task that owns a call, and returns what was told of it.
    async fn told<F: Future<Output = ()> + Send + 'static>(task: impl FnOnce(Call) -> F, abort: bool) -> Vec<String> {
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(task(Call::new(7, shared.clone())));
        tokio::task::yield_now().await;
        if abort {
            task.abort();
        }
        let _ = task.await;
        shared.fetch()
    }

    #[tokio::test]
    async fn a_panic_is_told_as_an_error() {
        async fn fail(_call: Call) {
            panic!("on purpose");
        }
        let told = told(fail, false).await;
        assert!(told.len() == 1 && told[0].contains(r#""id":7"#) && told[0].contains(r#""internal""#), "{told:?}");
    }

    #[tokio::test]
    async fn an_abort_is_told_as_an_error() {
        async fn wait(_call: Call) {
            std::future::pending::<()>().await;
        }
        let told = told(wait, true).await;
        assert!(told.len() == 1 && told[0].contains(r#""outcome":"not_sent""#), "{told:?}");
    }

    #[tokio::test]
    async fn an_abort_after_the_end_tells_nothing_more() {
        async fn end(call: Call) {
            call.fail(&Failure::validation("name", "is required"));
        }
        assert_eq!(told(end, true).await.len(), 1);
    }
}
