//! What every runner reads: cases in which nothing is left to work out. Runners refuse a field that is not here.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole suite, for one sandbox.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The base URL of the sandbox.
    pub sandbox: String,
    /// What the sandbox lets in.
    pub token: String,
    /// What stands nowhere in what a result or an error shows, by whichever means of the language.
    pub secrets: Vec<String>,
    pub cases: Vec<Case>,
}

/// Some calls of a new client to a sandbox that was reset.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What must hold, with the theme before it.
    pub name: String,
    #[serde(default)]
    pub client: Settings,
    /// Requests of creates that are sent before all else, by other means than the client. The journal does not have them.
    #[serde(default)]
    pub given: Vec<Value>,
    /// As the sandbox takes them.
    #[serde(default)]
    pub faults: Vec<Value>,
    pub calls: Vec<Call>,
    /// The calls begin together, not one after another.
    #[serde(default)]
    pub at_once: bool,
    /// How many requests the journal has in the end.
    pub requests: usize,
    /// How many of them took effect: created or changed an integration, or sent a test message.
    pub commits: usize,
    /// The `operationId` of each request.
    pub operations: Option<Vec<String>>,
    /// How long all the calls take.
    pub at_least_ms: Option<u64>,
    pub at_most_ms: Option<u64>,
}

/// Settings of the client. Those that are left out have the client's defaults, except the first two and the rate limit.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Default: the sandbox's.
    pub token: Option<String>,
    /// Default: the sandbox.
    pub base_url: Option<String>,
    pub timeout_ms: Option<u64>,
    pub connect_timeout_ms: Option<u64>,
    pub max_retries: Option<u32>,
    pub max_response_bytes: Option<usize>,
    /// Tier of a rate limit in memory. Default: no limit.
    pub rate_limit: Option<Tier>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub burst: u32,
    pub steady: u32,
}

/// One call, and how it must end: with a result or an error.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub operation: Operation,
    /// Of an integration: for `get`, `update`, and a `send_test` without a request.
    pub id: Option<String>,
    /// A create's request, an update's changes, or a list's filters; else null.
    #[serde(default)]
    pub request: Value,
    /// Of a list, this page alone.
    pub page: Option<i64>,
    /// Of a list, no more than so many items: then it is given up.
    pub take: Option<usize>,
    /// For `find_created`: which call's error, the first being 0.
    pub error_of: Option<usize>,
    #[serde(default)]
    pub allow_unknown_provider: bool,
    pub timeout_ms: Option<u64>,
    pub max_retries: Option<u32>,
    pub reconcile_timeout_ms: Option<u64>,
    /// As it is written back, secrets in clear: an integration; `{"action", "integration"}` of an `ensure`; the items of a
    /// list; `{"total", "items"}` of a page; null where there is none.
    #[serde(default)]
    pub result: Value,
    /// The fields of integrations that are looked at. Default: all.
    pub only: Option<Vec<String>>,
    /// Its id is one that the journal knows as created, in place of the one in `result`.
    #[serde(default)]
    pub id_from_journal: bool,
    /// The status beside the result. A list that is not asked for one page has none.
    pub status: Option<u16>,
    pub error: Option<Failure>,
}

/// As the clients call them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Create,
    Validate,
    Ensure,
    Get,
    List,
    Update,
    SendTest,
    FindCreated,
    ListProviders,
}

/// What an error says.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub code: String,
    pub outcome: String,
    /// None when no answer came: then the error must have none.
    pub status: Option<u16>,
    /// The fields of its field_errors, in any order.
    #[serde(default)]
    pub field_errors: Vec<String>,
    // What follows is looked at only where it is given.
    pub title: Option<String>,
    pub message_contains: Option<String>,
    /// Whether there is one.
    pub trace_id: Option<bool>,
    /// Seconds; -1 for none.
    pub retry_after: Option<f64>,
    /// What must stand nowhere in it.
    #[serde(default)]
    pub hides: Vec<String>,
}
