//! The state of a request on its way through the server.

use crate::account::journal::Ticket;
use crate::server::faulty_stream::StreamHandle;

/// The state of a request, an extension of it.
#[derive(Clone)]
pub struct Exchange {
    pub ticket: Ticket,
    pub stream: StreamHandle,
    /// Whether a fault fired on arrival. Then no other does, even if the request was too short for that one.
    pub has_fault: bool,
}
