//! The journal of a server: what reached it, and what it did.

use serde::{Deserialize, Serialize};

/// Arrivals and journal of one account's server, as the sandbox serves them.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Journal {
    /// Every request of which a byte reached the server.
    pub arrivals: Vec<Arrival>,
    /// Every request that the server served.
    #[serde(rename = "journal")]
    pub entries: Vec<Entry>,
}

/// A request of which a byte reached the server, with what is known of it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Arrival {
    /// Its number.
    pub id: u64,
    /// Its method, if that came.
    pub method: Option<String>,
    /// Its path, if that came.
    pub path: Option<String>,
    /// The name in its body, if that came.
    pub name: Option<String>,
    /// Number of its entry in the journal, if it has one.
    pub request: Option<u64>,
}

/// A request that the server served.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Entry {
    /// Its number, from 1 without gaps.
    pub id: u64,
    /// Its method.
    pub method: String,
    /// Its path.
    pub path: String,
    /// The name in its body.
    pub name: Option<String>,
    /// Status of the response.
    pub status: Option<u16>,
    /// Whether it took effect.
    pub committed: bool,
    /// ID of the integration that it created or changed.
    pub integration_id: Option<String>,
}

/// A kind of write that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Write {
    Create,
    Update,
}

/// Path of a create.
const CREATE: &str = "/v1/hood/integrations";

impl Write {
    /// Returns the kind of a request.
    pub fn of(method: &str, path: &str) -> Option<Self> {
        match method {
            "POST" if path == CREATE => Some(Self::Create),
            "PATCH" => Some(Self::Update),
            _ => None,
        }
    }
}
