//! What all calls of a client share.

use super::write_request::RequestWriter;
use crate::coordination::NameLocks;
use crate::transport::{CallOptions, Transport};

/// What all calls of a client share.
pub struct Context {
    pub writer: RequestWriter,
    pub transport: Transport,
    pub name_locks: NameLocks,
    /// Options of calls that set none.
    pub options: CallOptions,
}
