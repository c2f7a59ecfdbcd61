//! Keeps a test suite on this machine.

use std::sync::atomic::{AtomicBool, Ordering};

use super::connect_error::ConnectError;
use super::host::is_loopback;
use crate::env::{self, DISABLE_NET_CONNECT};
use crate::error::Stage;

static IS_DISABLED: AtomicBool = AtomicBool::new(false);

/// Forbids connections to other machines until the process ends, for bindings: a worker's own environment is not the
/// process'.
pub fn disable_net_connect() {
    IS_DISABLED.store(true, Ordering::Relaxed);
}

/// Does so if the variable is set: for bindings, within [`with_variables`](env::with_variables).
pub fn disable_net_connect_if_set() {
    if env::is_on(DISABLE_NET_CONNECT) {
        disable_net_connect();
    }
}

/// Fails if a new connection to this host is forbidden, directly or by a proxy.
pub fn check_connect(host: &str) -> Result<(), ConnectError> {
    if env::is_on(DISABLE_NET_CONNECT) && !is_loopback(host) { Err(forbidden(host)) } else { check_send(host) }
}

/// Fails if a request over a connection of the pool is forbidden, which was made before.
pub fn check_send(host: &str) -> Result<(), ConnectError> {
    if IS_DISABLED.load(Ordering::Relaxed) && !is_loopback(host) { Err(forbidden(host)) } else { Ok(()) }
}

fn forbidden(host: &str) -> ConnectError {
    let message = format!(
        "connections to other machines are disabled, as to {host}; use a sandbox, or unset {DISABLE_NET_CONNECT}"
    );
    ConnectError::lasting(Stage::Name, message)
}
