//! The Node addon: JSON in, JSON out. It translates and decides nothing.
//!
//! ```text
//! JS thread                               the one tokio thread of the process
//! Client.call(number, operation, text) ─> a task for the call ──> server
//! deliver([text, ...])  <── notify ──────── CompletionQueue: calls that ended since the last notify, as text
//! ```
//!
//! The JavaScript in `lib/` keeps the promises by id and makes classes of the messages.

mod call;
mod calls;
mod client;
mod completion_queue;
mod failure;
mod message;
mod options;
mod panics;
mod sandbox;
mod worker;
