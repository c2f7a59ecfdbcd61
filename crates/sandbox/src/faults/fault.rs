//! Faults as types and as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Where the chances begin. Default: 0.
    #[serde(default)]
    pub seed: u64,
    /// Asked from first to last.
    pub faults: Vec<Rule>,
}

/// One fault, and the requests that it is for: those that fit all that is given here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// An `operationId`, or a method and a path, as `POST /v1/hood/integrations`. Default: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The `name` in the body. Default: any, and none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How the `name` in the body begins. Default: any, and none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// How many of these requests go well first. Default: 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// How often it fires, and is gone then. Default: without end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// How likely it fires, from 0 to 1. Default: always, and nothing is drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// What goes wrong.
    pub fault: Fault,
}

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Another answer in place of the right one.
    Answer(Answer),
    /// The right answer, changed. One that is no success stays as it is.
    Change(Change),
    /// All goes well, but late. A delay at `read` goes on when the client has left: it commits late.
    Delay {
        /// How many milliseconds.
        ms: u64,
        /// Default: `read`, so that it commits after the delay.
        #[serde(default)]
        at: Moment,
    },
    /// Never answers, until the client leaves.
    Hang {
        /// Default: `read`.
        #[serde(default)]
        at: Moment,
    },
    /// Ends the connection in order (FIN): the client reads to an end that came too early.
    Close {
        /// Where in the exchange.
        at: Position,
    },
    /// Ends the connection at once (RST).
    Reset {
        /// Where in the exchange.
        at: Position,
    },
    /// The answer comes byte by byte. With a long time between them it stalls there.
    Drip {
        /// How many milliseconds lie between two bytes.
        ms: u64,
        /// How many bytes come at once, before that. Default: 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        after: u64,
    },
}

/// When, for what happens between request and answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// When the request has been read whole, and nothing has been done.
    #[default]
    Read,
    /// When the request has been carried out, if it is one that can be.
    Commit,
}

/// Where, for what happens to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// When the request arrives: only its first line is looked at. The same as byte 0 of the request.
    Arrival,
    /// After so many bytes of the request. One that has no more than that goes well.
    Request(u64),
    /// When the request has been read whole, and nothing has been done.
    Read,
    /// When the request has been carried out, and nothing has been answered. The same as byte 0 of the answer.
    Commit,
    /// After so many bytes of the answer, its head included. One that has no more than that arrives whole.
    Answer(u64),
}

/// An answer in place of the right one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// From 200 to 999.
    pub status: u16,
    /// Beside, or in place of, those that the body brings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Default: the documented error object from status 400 on, and nothing below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Default: `read`, so that nothing is carried out.
    #[serde(default)]
    pub at: Moment,
}

/// A body. It is sent as `application/json`, but for HTML, unless a header says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Any JSON.
    Json(Value),
    /// Any text: malformed JSON, or nothing.
    Text(String),
    /// Text that is sent as `text/html`.
    Html(String),
    /// Any bytes, each as two hexadecimal digits: what is no text.
    Hex(String),
    /// So many bytes, all of them spaces, which may stand before any JSON.
    Size(u64),
}

/// Changes to the right answer. Places in its body are JSON Pointers: `/settings/port`, `/items/0/name`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Another status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers, beside or in place of its own: another `Content-Type`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Values, new or in place of others: unknown ones, extra ones, `null`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// Values that go.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

impl From<Fault> for Rule {
    /// For every request, always.
    fn from(fault: Fault) -> Self {
        Self { operation: None, name: None, name_prefix: None, skip: 0, times: None, probability: None, fault }
    }
}

impl Fault {
    /// As it is called in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Change(_) => "change",
            Self::Delay { .. } => "delay",
            Self::Hang { .. } => "hang",
            Self::Close { .. } => "close",
            Self::Reset { .. } => "reset",
            Self::Drip { .. } => "drip",
        }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
