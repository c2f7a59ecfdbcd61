//! One request on its way through the server.

use crate::account::journal::Ticket;
use crate::server::faulty_stream::StreamHandle;

/// What belongs to one request beside what was sent.
#[derive(Clone)]
pub struct Exchange {
    pub ticket: Ticket,
    pub wire: StreamHandle,
    /// Whether a fault fired for it on the way in: then no other does, even if it had too few bytes to feel that one.
    pub has_fault: bool,
}
