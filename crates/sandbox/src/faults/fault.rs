//! The types of faults, and their JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// All faults of a sandbox.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Seed of the random generator. Default: 0.
    #[serde(default)]
    pub seed: u64,
    /// The rules; the first that fires is the only one.
    pub faults: Vec<Rule>,
}

/// A fault and the requests that it applies to: those that match all given fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// An `operationId`, or a method and a path, as `POST /v1/hood/integrations`. Default: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// The `name` in the body. Default: any or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Prefix of the `name` in the body. Default: any or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_prefix: Option<String>,
    /// Number of matching requests to skip first. Default: 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// Number of times that it fires before it is removed. Default: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Probability that it fires, from 0 to 1. Default: always, without use of the random generator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The fault.
    pub fault: Fault,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Replaces the correct response.
    Answer(Answer),
    /// Changes the correct response, if it is a success.
    Change(Change),
    /// Delays the response. A delay at `read` continues when the client has left, so the request takes effect late.
    Delay {
        /// Length of the delay, in milliseconds.
        ms: u64,
        /// Default: `read`, so that the request takes effect after the delay.
        #[serde(default)]
        at: Moment,
    },
    /// Sends no response until the client leaves.
    Hang {
        /// Default: `read`.
        #[serde(default)]
        at: Moment,
    },
    /// Closes the connection in order (FIN): the client reads an early end.
    Close {
        /// The position in the request or response.
        at: Position,
    },
    /// Resets the connection (RST).
    Reset {
        /// The position in the request or response.
        at: Position,
    },
    /// Sends the response byte by byte. With a long pause it stalls.
    Drip {
        /// Pause between two bytes, in milliseconds.
        ms: u64,
        /// Number of bytes that are sent at once first. Default: 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        after: u64,
    },
    /// Lets tokens expire: each works for a number of matching requests, or for a time, and is then refused with 401.
    ExpireToken(ExpireToken),
    /// Fails in TLS. Only for a sandbox that speaks it: see [`Builder::tls`](crate::Builder::tls).
    Tls(TlsFault),
}

/// How long a token works, from its first request that the rule matches. A token that follows it works as long again.
///
/// With neither, it has expired already. With both, it works until the first of them. The requests that are refused count in
/// no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExpireToken {
    /// Number of requests that it works for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Time that it works for, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
}

/// A failure of TLS.
///
/// Those without a position are of a whole connection, and fire when its `ClientHello` has arrived: their rules name no
/// operation, and `skip`, `times` and `probability` count connections. Those with one end the connection of a request there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum TlsFault {
    /// Responds to the `ClientHello` with a fatal alert.
    AlertOnHello,
    /// Sends a fatal alert after the `Finished` of the client, which may have sent a request with it.
    AlertOnFinished,
    /// Never responds to the `ClientHello`.
    Hang,
    /// Speaks only HTTP/2: refuses other protocols in ALPN, and ends the connection of a client that uses none.
    Http2Only,
    /// Speaks only TLS 1.2.
    Tls12Only,
    /// Speaks only TLS 1.3.
    Tls13Only,
    /// Gives no tickets or sessions to resume.
    NoTickets,
    /// Has a certificate that has expired.
    ExpiredCertificate,
    /// Has a certificate for another host.
    OtherHost,
    /// Has a certificate of another authority.
    UnknownAuthority,
    /// Sends a fatal alert; behind a response, in the same packet.
    Alert {
        /// The position in the request or response.
        at: Position,
    },
    /// Sends half of the record that begins there, then closes the connection.
    CutInRecord {
        /// The position in the request or response.
        at: Position,
    },
    /// Sends `close_notify`, but leaves the connection open, and reads what follows.
    HalfClose {
        /// The position in the request or response.
        at: Position,
    },
    /// Closes the connection without `close_notify`.
    NoCloseNotify {
        /// The position in the request or response.
        at: Position,
    },
}

/// The way in which a fault ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Close,
    Reset,
    Alert,
    CutInRecord,
    HalfClose,
    NoCloseNotify,
}

/// What is known when a fault is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The `ClientHello` of a connection.
    Hello,
    /// The first line of a request.
    Arrival,
    /// The head of a request, with a valid token.
    Token,
    /// The whole request.
    Read,
}

/// The time of a fault between request and response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// After the whole request was read, before it takes effect.
    #[default]
    Read,
    /// After the request took effect, if it is a valid one.
    Commit,
}

/// The position of a fault of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Position {
    /// When the first line of the request arrives. The same as byte 0 of the request.
    Arrival,
    /// After this number of bytes of the request. A request without further bytes has no fault.
    Request(u64),
    /// After the whole request was read, before it takes effect.
    Read,
    /// After the request took effect, before the response. The same as byte 0 of the response.
    Commit,
    /// After this number of bytes of the response, including its head. A response without further bytes is complete.
    Answer(u64),
    /// After the whole response.
    End,
}

/// A response that replaces the correct one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Status, from 200 to 999.
    pub status: u16,
    /// Headers, in addition to those of the body, or replacing them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Default: the documented error response from status 400, and none below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Body>,
    /// Default: `read`, so that the request takes no effect.
    #[serde(default)]
    pub at: Moment,
}

/// A body. Unless a header changes it, the type is `text/html` for HTML and `application/json` for all others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Any JSON.
    Json(Value),
    /// Any text, as malformed or empty JSON.
    Text(String),
    /// Text with the type `text/html`.
    Html(String),
    /// Any bytes, each as two hexadecimal digits.
    Hex(String),
    /// This number of bytes, all spaces, which are valid before any JSON.
    Size(u64),
}

/// Changes to the correct response. Values in its body are given by JSON Pointers: `/settings/port`, `/items/0/name`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// New status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Headers to add or replace, as the `Content-Type`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Values to add or replace: unknown ones, extra ones, `null`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Value>,
    /// Values to remove.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

impl From<Fault> for Rule {
    /// Applies the fault to every request.
    fn from(fault: Fault) -> Self {
        Self { operation: None, name: None, name_prefix: None, skip: 0, times: None, probability: None, fault }
    }
}

impl Fault {
    /// Returns the name of the fault in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Change(_) => "change",
            Self::Delay { .. } => "delay",
            Self::Hang { .. } => "hang",
            Self::Close { .. } => "close",
            Self::Reset { .. } => "reset",
            Self::Drip { .. } => "drip",
            Self::ExpireToken(_) => "expire_token",
            Self::Tls(_) => "tls",
        }
    }

    /// Returns where and how the fault ends a connection, if it does and the connection is one of requests by then.
    pub fn ending(&self) -> Option<(Position, Ending)> {
        match *self {
            Self::Close { at } => Some((at, Ending::Close)),
            Self::Reset { at } => Some((at, Ending::Reset)),
            Self::Tls(TlsFault::Alert { at }) => Some((at, Ending::Alert)),
            Self::Tls(TlsFault::CutInRecord { at }) => Some((at, Ending::CutInRecord)),
            Self::Tls(TlsFault::HalfClose { at }) => Some((at, Ending::HalfClose)),
            Self::Tls(TlsFault::NoCloseNotify { at }) => Some((at, Ending::NoCloseNotify)),
            _ => None,
        }
    }

    /// Returns when the fault is selected.
    pub fn stage(&self) -> Stage {
        match (self, self.ending()) {
            (_, Some((Position::Arrival | Position::Request(_), _))) => Stage::Arrival,
            (Self::Tls(_), None) => Stage::Hello,
            (Self::ExpireToken(_), _) => Stage::Token,
            _ => Stage::Read,
        }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}
