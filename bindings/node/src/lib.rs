//! The Node addon: JSON text in, JSON text out. It translates and decides nothing.
//!
//! ```text
//! JS thread                               the one tokio thread of the process
//! Client.call(number, operation, text) ─> a task for the call ──> server
//! deliver([text, ...])  <── notify ──────── CompletionQueue: what ended since the last ring, as text
//! ```
//!
//! The JavaScript around it is in `lib/`: it keeps the promises by id, and makes classes of what comes back.

mod call;
mod call_options;
mod calls;
mod client;
mod completion_queue;
mod failure;
mod message;
mod options;
mod paginator;
mod panics;
mod provider_check;
mod worker;
