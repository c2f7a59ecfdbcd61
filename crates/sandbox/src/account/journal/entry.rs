//! An entry of the journal.

use serde::Serialize;

use crate::contract::error_response::ErrorDetails;

/// One request and its effect. It contains no secrets: nothing of the request's settings or token, and of its query only the
/// documented parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Number of the request, from 1, in the order of arrival.
    pub id: u64,
    /// Time of arrival, in milliseconds since the start of the sandbox.
    pub at_ms: f64,
    /// Method of the request.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// The `company_id` that the token belongs to, if the sandbox accepts it.
    pub account: Option<String>,
    /// Query, in which values of undocumented parameters are masked.
    pub query: Option<String>,
    /// The `operationId`, if the method and path are those of an operation.
    pub operation: Option<String>,
    /// The `name` in the body, if the body was read.
    pub name: Option<String>,
    /// The provider in the body, or that of the integration in the path.
    pub provider_id: Option<String>,
    /// Status of the response. None as long as nothing of a response was sent.
    pub status: Option<u16>,
    /// Whether it took effect: an integration was created or changed, or a test message was sent.
    pub committed: bool,
    /// The integration that the effect was on, if it is a stored one.
    pub integration_id: Option<String>,
    /// Number of older integrations that the sandbox dropped for this one, which has a maximum of them.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: u64,
    /// The kind of the fault that fired.
    pub fault: Option<&'static str>,
    /// Time until the response was ready or the connection ended. None while the request is in flight.
    pub duration_ms: Option<f64>,
    /// `User-Agent` of the request.
    pub user_agent: Option<String>,
    /// The error response. It has names, but no values.
    #[serde(skip)]
    pub(crate) error: Option<Box<ErrorDetails>>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Entry {
    /// Returns the memory that it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        let texts = [
            &self.account,
            &self.query,
            &self.operation,
            &self.name,
            &self.provider_id,
            &self.integration_id,
            &self.user_agent,
        ];
        let error = self.error.as_ref().map_or(0, |error| error.bytes());
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
        size_of::<Self>() + self.method.len() + self.path.len() + texts + error
    }
}

/// Truncates text of a request, so that a journal of many entries stays small.
pub fn short(text: &str) -> String {
    const LONGEST: usize = 256;
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_truncated_between_letters() {
        assert_eq!(short(&"é".repeat(300)), "é".repeat(256));
        assert_eq!(short("short"), "short");
    }
}
