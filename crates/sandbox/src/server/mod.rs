//! The API over HTTP: connections, middlewares and the handlers of the operations, each with the faults that apply to it.
//! This layer knows the account, its faults and the contract. Of the local routes it knows only the paths.

pub mod accounts;
mod arrival_reader;
mod as_assumed;
pub mod authority;
pub mod connection;
mod connections;
pub mod cors;
pub mod error;
mod fault_middleware;
pub mod faulty_stream;
mod gate;
pub mod guard;
mod handlers;
mod journal_middleware;
mod linger;
pub mod listener;
mod local_paths;
pub mod router;
pub mod settings;
mod stage;
pub mod state;
pub mod stream;
mod tls_handshake;
