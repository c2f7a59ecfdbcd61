//! `cargo xtask simulate`: worlds of clients, their machine, the network and the server, in an order of events that a seed
//! decides, until one breaks a promise.
//!
//! A world is one thread. The code of the clients and of the sandbox is that of every build; what is not real is the system
//! below it: [`kernel`] has the clocks, the processes, and the file system with its disks and locks; [`network`] has the
//! connections.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod fleet;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
mod plan;
#[cfg(target_os = "linux")]
mod process;
#[cfg(target_os = "linux")]
mod program;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod redis;
#[cfg(target_os = "linux")]
mod search;
#[cfg(target_os = "linux")]
mod shrink;
#[cfg(target_os = "linux")]
mod wire;
#[cfg(target_os = "linux")]
mod world;

/// Only people read errors of worlds.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[cfg(target_os = "linux")]
fn main() -> Result<std::process::ExitCode> {
    program::run()
}

#[cfg(not(target_os = "linux"))]
fn main() -> Result {
    Err("worlds replace functions of Linux; run them there".into())
}
