//! The settings of a sandbox.

use std::net::{Ipv4Addr, SocketAddr};

use crate::faults::Faults;

/// The settings of a sandbox. A reset restores them.
#[derive(Clone)]
pub struct Settings {
    pub listen: SocketAddr,
    pub token: Option<String>,
    /// Names by which clients call it, in addition to those of loopback.
    pub hosts: Vec<String>,
    pub burst: u32,
    pub steady: u32,
    /// 0 for no limit.
    pub max_in_flight: u32,
    pub max_body_bytes: usize,
    pub faults: Faults,
    pub journal: usize,
    pub tls: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: None,
            hosts: Vec::new(),
            burst: 10,
            steady: 150,
            max_in_flight: 20,
            max_body_bytes: 1 << 20,
            faults: Faults::default(),
            journal: 10_000,
            tls: false,
        }
    }
}
