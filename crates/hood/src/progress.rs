//! How far a call has come, for callers who give it up before it ends.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;

use crate::find::Sought;

/// Whether a create has been sent: all that can be known of one that is dropped before it ends.
#[derive(Clone, Default)]
pub struct Progress(Arc<State>);

#[derive(Default)]
struct State {
    sent: AtomicBool,
    /// The body of a create, and when it was begun.
    create: OnceLock<(Bytes, SystemTime)>,
}

impl Progress {
    /// Whether the request may have reached the server: if not, nothing was created.
    pub fn may_have_been_sent(&self) -> bool {
        self.0.sent.load(Ordering::Acquire)
    }

    /// What to look for, where a create was given up after it was sent: for bindings, as an
    /// [`Error::sought`](crate::Error).
    #[doc(hidden)]
    pub fn sought(&self) -> Option<String> {
        serde_json::to_string(&self.to_sought().filter(|_| self.may_have_been_sent())?).ok()
    }

    pub(crate) fn to_sought(&self) -> Option<Sought> {
        let (body, began) = self.0.create.get()?;
        Sought::of(body, *began)
    }

    /// What it is that is created. Looked into only if it is ever sought.
    pub(crate) fn creates(&self, body: &Bytes) {
        self.0.create.get_or_init(|| (body.clone(), SystemTime::now()));
    }

    /// A new attempt begins; none before it was carried out.
    pub(crate) fn begin(&self) {
        self.0.sent.store(false, Ordering::Release);
    }

    /// From here on the request may have reached the server.
    pub(crate) fn sent(&self) {
        self.0.sent.store(true, Ordering::Release);
    }
}

impl fmt::Debug for Progress {
    /// Without the body, which has secrets in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").field("may_have_been_sent", &self.may_have_been_sent()).finish_non_exhaustive()
    }
}
