//! The binary, run as its users run it.

mod api;
mod bad_input;
mod by_options;
mod change;
mod create;
mod debug;
mod doctor;
mod fleet;
mod fleet_disk;
mod fleet_files;
mod fleet_program;
mod fleet_together;
mod list;
mod network;
mod outcomes;
mod output;
mod probe;
mod profiles;
#[path = "../../../hood/tests/support/redis.rs"]
mod redis;
mod references;
mod sandbox;
mod signals;
mod support;
mod terminal;
