//! A sandbox over HTTP, on loopback. The client blocks, so the server has threads of its own.
#![allow(clippy::unwrap_used)]

mod accounts;
mod address;
mod arrivals;
mod assumptions;
mod client;
mod control;
mod cors;
mod create;
mod endings;
mod faults;
mod guard;
mod inspector;
mod journal;
mod limits;
mod list;
mod listen;
mod reference;
mod selection;
mod state;
mod tls;
mod update;
mod validate;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
