//! The settings of a sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde_json::Value;

use crate::account::journal::Listener;
use crate::faults::Faults;

/// The settings of a sandbox. A reset restores them.
#[derive(Clone)]
pub struct Settings {
    /// The addresses, with one port. Those that the machine lacks are left out.
    pub listen: Vec<SocketAddr>,
    /// The accepted tokens; none for any.
    pub tokens: Vec<String>,
    pub account_per_token: bool,
    /// Names by which clients call it, in addition to those of loopback.
    pub hosts: Vec<String>,
    /// Origins of the pages that may use the API.
    pub cors: Vec<String>,
    pub burst: u32,
    pub steady: u32,
    /// 0 for no limit.
    pub max_in_flight: u32,
    pub max_body_bytes: usize,
    pub faults: Faults,
    pub journal: usize,
    /// Bodies of creates.
    pub seed: Vec<Value>,
    pub state: Option<PathBuf>,
    pub on_request: Option<Listener>,
    pub tls: bool,
    /// Answers to unknowns, each by its id.
    pub assumed: Vec<(String, String)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
            tokens: Vec::new(),
            account_per_token: false,
            hosts: Vec::new(),
            cors: Vec::new(),
            burst: 10,
            steady: 150,
            max_in_flight: 20,
            max_body_bytes: 1 << 20,
            faults: Faults::default(),
            journal: 10_000,
            seed: Vec::new(),
            state: None,
            on_request: None,
            tls: false,
            assumed: Vec::new(),
        }
    }
}
