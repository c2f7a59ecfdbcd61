//! The binary, run as its users run it.

mod bad_input;
mod change;
mod create;
mod doctor;
mod fleet;
mod fleet_disk;
mod fleet_program;
mod fleet_together;
mod list;
mod network;
mod outcomes;
mod output;
mod profiles;
mod references;
mod sandbox;
mod signals;
mod support;
