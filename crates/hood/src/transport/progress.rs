//! How far a call has come, for callers who cancel it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::send_gate::{CallGate, SendGate};
use crate::clock::Moment;
use crate::error::UnconfirmedCreate;

/// Progress of a call: whether its request has been sent, which is all that is known of one that is cancelled.
#[derive(Clone, Default)]
pub struct Progress(Arc<State>);

#[derive(Default)]
struct State {
    gate: CallGate,
    /// Body of a create, and its start.
    create: OnceLock<(Bytes, Moment)>,
}

impl Progress {
    /// Returns true when the request may have reached the server; if not, nothing was created.
    ///
    /// The response is final once the call has ended or was dropped. While it runs, the request may be sent a moment later:
    /// [`cancel`](Self::cancel) prevents that.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.gate.is_taken()
    }

    /// Cancels the call: nothing is sent from now on. Returns true if the request may have reached the server before.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client, request: ocamba_hood::NewIntegration) {
    /// let call = client.integrations().create(request);
    /// let progress = call.progress();
    /// let timed_out = tokio::time::timeout(std::time::Duration::from_secs(5), call).await.is_err();
    /// if timed_out && !progress.cancel() {
    ///     println!("nothing was created");
    /// }
    /// # }
    /// ```
    pub fn cancel(&self) -> bool {
        self.0.gate.cancel()
    }

    /// Returns the create that may have taken effect, as JSON without a secret: for bindings, as
    /// [`Error::unconfirmed_create`](crate::Error).
    #[doc(hidden)]
    pub fn unconfirmed_create(&self) -> Option<String> {
        self.to_unconfirmed_create().filter(|_| self.may_have_been_sent())?.to_json()
    }

    pub(crate) fn to_unconfirmed_create(&self) -> Option<UnconfirmedCreate> {
        let (body, began) = self.0.create.get()?;
        UnconfirmedCreate::new(body, began.clone())
    }

    /// Notes the body of a create that begins. It is read only if somebody searches for the create.
    pub(crate) fn begin_create(&self, body: &Bytes) {
        self.0.create.get_or_init(|| (body.clone(), Moment::now()));
    }

    /// Begins another request of the call.
    pub(crate) fn begin_request(&self) -> Arc<SendGate> {
        self.0.gate.begin_request()
    }

    /// Begins an attempt, when none of this request before it took effect.
    pub(crate) fn begin_attempt(&self) -> Arc<SendGate> {
        self.0.gate.begin_attempt()
    }
}

impl fmt::Debug for Progress {
    /// Leaves out the body, which has secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("may_have_been_sent", &self.may_have_been_sent()).finish_non_exhaustive()
    }
}
