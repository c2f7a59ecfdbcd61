//! The binary, run as its users run it.

mod bad_input;
mod create;
mod outcomes;
mod output;
mod sandbox;
mod support;
