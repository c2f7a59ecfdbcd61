//! The plan that every runner reads: complete cases, without anything left to derive. Runners refuse unknown fields.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole suite, for one sandbox.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Base URL of the sandbox's local routes, in plain HTTP.
    pub sandbox: String,
    /// A token that the sandbox accepts.
    pub token: String,
    /// Texts that no result or error may show, in any representation of the language.
    pub secrets: Vec<String>,
    pub cases: Vec<Case>,
}

/// Calls of a new client to a sandbox after a reset.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The theme, and the rule that the case checks.
    pub name: String,
    #[serde(default)]
    pub client: Settings,
    /// Integrations that the runner creates first, without the client. The journal omits them.
    #[serde(default)]
    pub given: Vec<Value>,
    /// Faults in the sandbox's format.
    #[serde(default)]
    pub faults: Vec<Value>,
    pub calls: Vec<Call>,
    /// Whether the calls run concurrently.
    #[serde(default)]
    pub at_once: bool,
    /// Number of requests in the journal at the end.
    pub requests: usize,
    /// Number of requests that took effect: created or changed an integration, or sent a test message.
    pub commits: usize,
    /// The `operationId` of each request.
    pub operations: Option<Vec<String>>,
    /// Limits of the time that all the calls take.
    pub at_least_ms: Option<u64>,
    pub at_most_ms: Option<u64>,
    /// How often a runner may run the case until it passes: more than once only if a busy machine could make it fail.
    #[serde(default)]
    pub attempts: u32,
}

/// Settings of the client. Missing ones have the client's defaults, except for the token, the base URL, the timeout and the
/// rate limit.
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
    /// Tier of a rate limit in memory. Default: no rate limit.
    pub rate_limit_tier: Option<Tier>,
    /// Default: that of the column.
    pub proxy: Option<String>,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    pub burst: u32,
    pub steady: u32,
}

/// One call, and its expected result or error.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub operation: Operation,
    /// Integration ID for `get`, `update`, and a `send_test` without a request.
    pub id: Option<String>,
    /// Request of a create, changes of an update, or filters of a list; otherwise null.
    #[serde(default)]
    pub request: Value,
    /// Requests only this page of a list.
    pub page: Option<i64>,
    /// Stops reading a list after this number of items.
    pub take: Option<usize>,
    /// For `find_created`: index of the call whose error it takes.
    pub error_of: Option<usize>,
    #[serde(default)]
    pub allow_unknown_provider: bool,
    pub timeout_ms: Option<u64>,
    pub max_retries: Option<u32>,
    pub reconcile_timeout_ms: Option<u64>,
    /// Serialized result, with secrets in clear: an integration; `{"action", "integration"}` for `ensure`; the items of a
    /// list; `{"total", "items"}` for a page; null for no result.
    #[serde(default)]
    pub result: Value,
    /// Fields of integrations to compare. Default: all.
    pub only: Option<Vec<String>>,
    /// Whether the ID must be one that the journal contains, instead of the ID in `result`.
    #[serde(default)]
    pub id_from_journal: bool,
    /// Status of the response. A list of all pages has none.
    pub status: Option<u16>,
    pub error: Option<Failure>,
}

/// Operations by their names in the clients.
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

/// Expected error.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub code: String,
    pub outcome: String,
    /// None if there was no response: then the error must not have a status.
    pub status: Option<u16>,
    /// None unless no connection could be made: then the stage that failed.
    pub stage: Option<String>,
    /// Fields of its `field_errors`, in any order.
    #[serde(default)]
    pub field_errors: Vec<String>,
    // Runners compare the following only if they are present.
    pub title: Option<String>,
    pub message_contains: Option<String>,
    /// Whether the error must have one.
    pub trace_id: Option<bool>,
    /// In seconds; -1 for none.
    pub retry_after: Option<f64>,
    /// Texts that the error must not contain.
    #[serde(default)]
    pub hides: Vec<String>,
}
