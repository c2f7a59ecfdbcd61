//! The state of one account: its integrations and how they are listed, its rate limit, and the journal of its requests.
//! This layer knows the contract, but no server: it is given times and parsed requests, and returns values.

pub mod integration;
pub mod journal;
pub mod listing;
pub mod rate_limit;
pub mod state_file;
pub mod store;
mod time;
pub mod view;
