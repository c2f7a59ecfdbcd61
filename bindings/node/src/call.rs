//! A running call. However it ends, it delivers exactly one message.

use std::sync::Arc;

use ocamba_hood::{CheckedBody, Error, Progress, Response};

use crate::calls::Shared;
use crate::failure::Failure;
use crate::message::{self, ResponseParts};

/// A call that has not ended. If it is dropped before, its message is an abort or a panic.
pub struct Call {
    id: u64,
    shared: Arc<Shared>,
    progress: Option<Progress>,
    ended: bool,
}

impl Call {
    /// Creates a call that has not started.
    pub fn new(id: u64, shared: Arc<Shared>) -> Self {
        Self { id, shared, progress: None, ended: false }
    }

    /// Sets the progress, which tells an abort whether the request was sent.
    pub fn track(&mut self, progress: Progress) {
        self.progress = Some(progress);
    }

    /// Delivers the result of the core.
    pub fn end(mut self, result: &Result<Response<CheckedBody>, Error>, parts: ResponseParts) {
        self.deliver(&message::ended(self.id, result, parts));
    }

    /// Delivers a result that is no response: the end of a list is `null`.
    pub fn value(mut self, json: &str) {
        self.deliver(&message::value(self.id, json));
    }

    /// Delivers a failure before the call reached the core.
    pub fn fail(mut self, failure: &Failure) {
        self.deliver(&message::failed(self.id, failure));
    }

    fn deliver(&mut self, message: &str) {
        self.ended = true;
        self.shared.deliver(self.id, message);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let sent = self.progress.as_ref().is_some_and(Progress::cancel);
        let failure = match std::thread::panicking() {
            true => Failure::internal(sent),
            false => Failure::aborted(sent, self.progress.as_ref().and_then(Progress::unconfirmed_create)),
        };
        self.deliver(&message::failed(self.id, &failure));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a task that owns a call, and returns the delivered messages.
    async fn messages<F: Future<Output = ()> + Send + 'static>(
        task: impl FnOnce(Call) -> F,
        abort: bool,
    ) -> Vec<String> {
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
    async fn call_delivers_one_message_however_it_ends() {
        let panicked = messages(async |_call: Call| panic!("on purpose"), false).await;
        assert!(panicked[0].contains(r#""id":7"#) && panicked[0].contains(r#""internal""#), "{panicked:?}");
        let aborted = messages(async |_call: Call| std::future::pending().await, true).await;
        assert!(aborted[0].contains(r#""outcome":"not_sent""#), "{aborted:?}");
        let invalid = Failure::validation("name", "is required");
        let ended = messages(async move |call: Call| call.fail(&invalid), true).await;
        assert_eq!([panicked.len(), aborted.len(), ended.len()], [1; 3]);
    }
}
