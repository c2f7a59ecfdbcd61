//! The top layer: one module for each command.

pub mod api;
pub mod auth;
pub mod completions;
pub mod doctor;
pub mod fleet;
pub mod integrations;
pub mod man;
pub mod open;
pub mod probe;
pub mod providers;
pub mod sandbox;
