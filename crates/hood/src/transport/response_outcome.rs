//! Rules by which a response tells the outcome of its request. Gateways, firewalls and portals respond for the server, some
//! of them after it has done its work: a status that anybody may send proves nothing.

use reqwest::StatusCode;
use serde_json::Value;

use crate::error::Outcome;

/// A rule. The first that matches counts.
struct Rule {
    /// Statuses, as ranges.
    statuses: &'static [(u16, u16)],
    /// Whether the body must be the error object of the API.
    api_only: bool,
    outcome: Outcome,
}

/// The rules for a response without the promised result. ARCHITECTURE.md shows them.
const RULES: [Rule; 4] = [
    // Sent when a server or gateway lost patience, perhaps with a request in work.
    Rule { statuses: &[(408, 408), (499, 499)], api_only: false, outcome: Outcome::Unknown },
    // Sent only before the work.
    Rule {
        statuses: &[(400, 401), (404, 405), (411, 411), (413, 415), (421, 422), (425, 425), (431, 431)],
        api_only: false,
        outcome: Outcome::Rejected,
    },
    Rule { statuses: &[(400, 499)], api_only: true, outcome: Outcome::Rejected },
    Rule { statuses: &[(0, u16::MAX)], api_only: false, outcome: Outcome::Unknown },
];

/// Returns the outcome of a request whose response has this status and body, and not the promised result.
pub fn of_response(status: StatusCode, body: &[u8]) -> Outcome {
    let status = status.as_u16();
    let matches = |rule: &&Rule| {
        rule.statuses.iter().any(|(first, last)| (*first..=*last).contains(&status))
            && (!rule.api_only || is_error_of_api(status, body))
    };
    RULES.iter().find(matches).map_or(Outcome::Unknown, |rule| rule.outcome)
}

/// Returns true for the error object of the API: it has a trace id, or its code is the status and it has a title.
pub fn is_error_of_api(status: u16, body: &[u8]) -> bool {
    let object: Value = serde_json::from_slice(body).unwrap_or_default();
    let has_text = |name: &str| object[name].as_str().is_some_and(|text| !text.is_empty());
    has_text("trace_id") || object["code"] == status && has_text("title")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the table of ARCHITECTURE.md that shows the rules.
    fn table() -> String {
        let mut rows = String::from("| status | body | outcome |\n|---|---|---|\n");
        for Rule { statuses, api_only, outcome } in &RULES {
            let range = |(first, last): &(u16, u16)| match (*first, *last) {
                (0, u16::MAX) => "any other".to_owned(),
                (first, last) if first == last => first.to_string(),
                (first, last) if first + 1 == last => format!("{first}, {last}"),
                (first, last) => format!("{first} to {last}"),
            };
            let statuses: Vec<_> = statuses.iter().map(range).collect();
            let body = if *api_only { "error object of the API" } else { "any" };
            rows += &format!("| {} | {body} | `{outcome}` |\n", statuses.join(", "));
        }
        rows
    }

    #[test]
    fn architecture_shows_the_rules() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ARCHITECTURE.md");
        let text = std::fs::read_to_string(path).expect("ARCHITECTURE.md");
        assert!(text.contains(&table()), "ARCHITECTURE.md must have:\n{}", table());
    }

    #[test]
    fn status_that_anybody_may_send_proves_nothing() {
        let object: &[u8] = br#"{"code": 403, "title": "Forbidden.", "trace_id": "0b7c"}"#;
        let foreign: [&[u8]; 6] = [
            b"",
            b"<html>",
            b"null",
            br#"{"message": "Forbidden"}"#,
            br#"{"code": 7, "title": "x"}"#,
            b"{\"trace_id\":",
        ];
        let rejected = [400, 401, 404, 405, 411, 413, 414, 415, 421, 422, 425, 431];
        for status in 100..=599 {
            let outcome = |body: &[u8]| of_response(StatusCode::from_u16(status).expect("a status"), body);
            for body in foreign {
                let expected = if rejected.contains(&status) { Outcome::Rejected } else { Outcome::Unknown };
                assert_eq!(outcome(body), expected, "{status}");
            }
            let is_rejected = (400..=499).contains(&status) && ![408, 499].contains(&status);
            assert_eq!(outcome(object), if is_rejected { Outcome::Rejected } else { Outcome::Unknown }, "{status}");
        }
    }
}
