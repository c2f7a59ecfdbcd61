//! The gate between a request and its connection: either the connection takes the request, or the caller gives it up.
//!
//! Both may happen on different threads at the same time. One atomic decides, and whoever comes second learns the truth. The
//! test `gate` tries all interleavings with `loom`.

#[cfg(loom)]
use loom::sync::{Arc, Mutex, atomic::AtomicU8};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
#[cfg(not(loom))]
use std::sync::{Arc, Mutex, atomic::AtomicU8};

/// Nothing has been written.
const OPEN: u8 = 0;
/// The connection took the request: it may have reached the server.
const TAKEN: u8 = 1;
/// The caller gave up: the connection never writes the request.
const CLOSED: u8 = 2;

/// Gate of one attempt.
pub struct SendGate(AtomicU8);

impl SendGate {
    fn new(state: u8) -> Arc<Self> {
        Arc::new(Self(AtomicU8::new(state)))
    }

    /// Takes the request for the connection. Returns false if the caller gave up before: nothing may be written then.
    pub fn take(&self) -> bool {
        self.change(TAKEN) == TAKEN
    }

    /// Gives up. Returns true if the connection took the request before: it may have reached the server.
    pub fn close(&self) -> bool {
        self.change(CLOSED) == TAKEN
    }

    /// Moves from [`OPEN`] to another state, which is final. Returns the state that holds.
    fn change(&self, to: u8) -> u8 {
        self.0.compare_exchange(OPEN, to, Ordering::AcqRel, Ordering::Acquire).map_or_else(|held| held, |_| to)
    }
}

/// The gates of a call: one attempt at a time.
pub struct CallGate(Mutex<Current>);

struct Current {
    gate: Arc<SendGate>,
    /// Whether a request before this one may have reached the server.
    was_sent: bool,
    /// Whether no further attempt may begin.
    is_cancelled: bool,
}

impl Default for CallGate {
    fn default() -> Self {
        Self(Mutex::new(Current { gate: SendGate::new(OPEN), was_sent: false, is_cancelled: false }))
    }
}

impl CallGate {
    /// Begins another request of the call, as that of an `ensure` which creates again. Returns the gate of its first attempt.
    pub fn begin_request(&self) -> Arc<SendGate> {
        let was_sent = self.is_taken();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).was_sent = was_sent;
        self.begin_attempt()
    }

    /// Begins an attempt, when none of this request before it took effect. Its gate is closed if the call was cancelled.
    pub fn begin_attempt(&self) -> Arc<SendGate> {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.gate = SendGate::new(if current.is_cancelled { CLOSED } else { OPEN });
        current.gate.clone()
    }

    /// Cancels the call: from now on nothing is written. Returns true if the request may have reached the server.
    pub fn cancel(&self) -> bool {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.is_cancelled = true;
        current.gate.close() || current.was_sent
    }

    /// Returns true if the request may have reached the server so far.
    pub fn is_taken(&self) -> bool {
        let current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        current.was_sent || current.gate.0.load(Ordering::Acquire) == TAKEN
    }
}
