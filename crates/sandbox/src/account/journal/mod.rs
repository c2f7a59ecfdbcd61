//! The journal: requests and their effects.

mod arrival;
mod changes;
mod entry;
mod log;
mod reading;
mod sent;

pub use arrival::Arrival;
pub use changes::Cursor;
pub use entry::{Entry, short};
pub use log::{Journal, Listener, Ticket};
pub use sent::{Body, Headers, LONGEST, Response, Sent};
