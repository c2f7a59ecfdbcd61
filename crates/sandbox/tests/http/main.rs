//! A sandbox over HTTP, on loopback. The client blocks, so the server has threads of its own.
#![allow(clippy::unwrap_used)]

mod client;
mod create;
mod limits;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;
