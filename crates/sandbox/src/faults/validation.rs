//! Reads faults, and checks what their types cannot.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use axum::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderName, HeaderValue};

use crate::faults::fault::{Answer, Body, Change, Fault, Faults, Rule, Stage};

/// Invalid faults, with the position and the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidFaults(pub(crate) String);

impl Faults {
    /// Reads a file.
    ///
    /// # Errors
    /// When the file cannot be read, is not valid JSON, or has invalid faults. The error begins with the file's name.
    pub fn from_file(path: &Path) -> Result<Self, InvalidFaults> {
        let named = |what: &dyn Display| InvalidFaults(format!("{}: {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| named(&e))?;
        text.parse().map_err(|e| named(&e))
    }
}

impl FromStr for Faults {
    type Err = InvalidFaults;

    fn from_str(text: &str) -> Result<Self, InvalidFaults> {
        // The mark that editors put before UTF-8.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !text.trim_start().starts_with('{') && !text.trim().is_empty() {
            let message = r#"must be an object with a list of faults, as {"faults": []}"#;
            return Err(InvalidFaults(message.into()));
        }
        let faults: Self = serde_json::from_str(text).map_err(|e| InvalidFaults(e.to_string()))?;
        check(&faults).map(|()| faults)
    }
}

/// Checks faults. The error names the position: `faults[2].probability must be from 0 to 1`.
pub fn check(faults: &Faults) -> Result<(), InvalidFaults> {
    faults
        .faults
        .iter()
        .enumerate()
        .try_for_each(|(index, rule)| self::rule(rule).map_err(|what| InvalidFaults(format!("faults[{index}].{what}"))))
}

/// Decodes hexadecimal digits.
pub fn hex(digits: &str) -> Option<Vec<u8>> {
    let halves: Vec<u8> = digits.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    halves.len().is_multiple_of(2).then(|| halves.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

fn rule(rule: &Rule) -> Result<(), String> {
    if rule.times == Some(0) {
        return Err("times must be at least 1".into());
    }
    if rule.probability.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
        return Err("probability must be from 0 to 1".into());
    }
    let stage = rule.fault.stage();
    if stage != Stage::Read && (rule.name.is_some() || rule.name_prefix.is_some()) {
        return Err("fault comes before the request is read, so its name is not known".into());
    }
    if stage == Stage::Hello && rule.operation.is_some() {
        return Err("fault is one of the connection, so its operation is not known".into());
    }
    let what = match &rule.fault {
        Fault::Answer(answer) => self::answer(answer),
        Fault::Change(change) => self::change(change),
        _ => Ok(()),
    };
    what.map_err(|what| format!("fault.{}.{what}", rule.fault.kind()))
}

fn answer(answer: &Answer) -> Result<(), String> {
    status(answer.status)?;
    headers(&answer.headers)?;
    match &answer.body {
        Some(Body::Hex(digits)) if hex(digits).is_none() => Err("body.hex must be pairs of hexadecimal digits".into()),
        _ => Ok(()),
    }
}

fn change(change: &Change) -> Result<(), String> {
    change.status.map_or(Ok(()), status)?;
    headers(&change.headers)?;
    let mut pointers = change.set.keys().chain(&change.remove);
    match pointers.find(|pointer| !pointer.starts_with('/')) {
        Some(wrong) => Err(format!("set and remove take JSON Pointers, which begin with /, not {wrong:?}")),
        None => Ok(()),
    }
}

fn status(status: u16) -> Result<(), String> {
    // After a status below 200, another response would have to follow.
    if (200..=999).contains(&status) { Ok(()) } else { Err(format!("status must be from 200 to 999, not {status}")) }
}

fn headers(headers: &BTreeMap<String, String>) -> Result<(), String> {
    headers.iter().try_for_each(|(name, value)| match (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
        (Ok(name), Ok(_)) if name == CONTENT_LENGTH || name == TRANSFER_ENCODING => {
            Err(format!("headers: {name} follows from the body; close or reset within the answer instead"))
        }
        (Ok(_), Ok(_)) => Ok(()),
        _ => Err(format!("headers: {name:?} is not a valid header")),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn error(rule: &str) -> String {
        let text = format!("{{\"faults\": [{{\"fault\": {{\"drip\": {{\"ms\": 1}}}}}},\n{rule}]}}");
        text.parse::<Faults>().unwrap_err().to_string()
    }

    #[test]
    fn invalid_fault_reports_its_position() {
        for (rule, expected) in [
            (r#"{"times":0,"fault":{"hang":{}}}"#, "faults[1].times must be at least 1"),
            (r#"{"probability":1.1,"fault":{"hang":{}}}"#, "faults[1].probability must be from 0 to 1"),
            (
                r#"{"fault":{"answer":{"status":100}}}"#,
                "faults[1].fault.answer.status must be from 200 to 999, not 100",
            ),
            (
                r#"{"fault":{"change":{"set":{"status":1}}}}"#,
                "faults[1].fault.change.set and remove take JSON Pointers",
            ),
            (r#"{"fault":{"answer":{"status":500,"body":{"hex":"f"}}}}"#, "faults[1].fault.answer.body.hex must be"),
            (r#"{"fault":{"answer":{"status":500,"headers":{"a b":"c"}}}}"#, "headers: \"a b\" is not a valid header"),
            (r#"{"fault":{"change":{"headers":{"Content-Length":"9"}}}}"#, "content-length follows from the body"),
            (r#"{"name":"x","fault":{"close":{"at":"arrival"}}}"#, "faults[1].fault comes before the request is read"),
            (r#"{"name_prefix":"x","fault":{"reset":{"at":{"request":3}}}}"#, "so its name is not known"),
            (r#"{"name":"x","fault":{"tls":{"alert":{"at":"arrival"}}}}"#, "so its name is not known"),
            (r#"{"operation":"x","fault":{"tls":"hang"}}"#, "faults[1].fault is one of the connection"),
        ] {
            assert!(error(rule).contains(expected), "{}", error(rule));
        }
    }

    #[test]
    fn unknown_fault_reports_its_line() {
        for (rule, expected) in [
            (r#"{"fault":{"eat":{}}}"#, "unknown variant `eat`, expected one of `answer`, `change`"),
            (r#"{"fault":{"hang":{"ms":1}}}"#, "unknown field `ms`, expected `at`"),
            (r#"{"tims":1,"fault":{"hang":{}}}"#, "unknown field `tims`, expected one of `operation`"),
            (r#"{"fault":{"close":{}}}"#, "missing field `at`"),
            (r#"{"times":1}"#, "missing field `fault`"),
            (r#"{"fault":{"close":{"at":"lunch"}}}"#, "unknown variant `lunch`"),
            (r#"{"fault":{"reset":{"at":{"answer":-1}}}}"#, "invalid value"),
            (r#"{"fault":{"tls":"eat"}}"#, "unknown variant `eat`, expected one of `alert_on_hello`"),
        ] {
            assert!(error(rule).contains(expected), "{}", error(rule));
            assert!(error(rule).contains(" at line 2 column "), "{}", error(rule));
        }
    }

    #[test]
    fn faults_are_an_object_after_any_byte_order_mark() {
        for text in ["[]", " [7, []]", "7", "null", "\"x\""] {
            let error = text.parse::<Faults>().unwrap_err().to_string();
            assert!(error.starts_with("must be an object with a list of faults"), "{error}");
        }
        assert!("\u{feff}{\"faults\": []}".parse::<Faults>().is_ok());
    }

    #[test]
    fn hex_digits_are_decoded() {
        assert_eq!(hex("00fFe9"), Some(vec![0, 255, 233]));
        assert_eq!(hex(""), Some(vec![]));
        assert_eq!([hex("0"), hex("0g"), hex("é")], [None, None, None]);
    }
}
