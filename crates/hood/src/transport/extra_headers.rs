//! Headers that a user adds to the requests of a call.

use std::fmt;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, FieldError};
use crate::secret::REDACTED;

/// Headers that say where and how a request is sent. They are the client's own.
const OWN: [HeaderName; 15] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::EXPECT,
    header::HOST,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::USER_AGENT,
    HeaderName::from_static("keep-alive"),
];

/// Headers by which requests are found again in logs. Their values are no secrets.
const OF_TRACES: [&str; 6] =
    ["traceparent", "tracestate", "x-request-id", "x-correlation-id", "x-amzn-trace-id", "x-cloud-trace-context"];

/// Headers in addition to the client's own, as a gateway's key or `traceparent`. One value a name.
#[derive(Clone, Default)]
pub struct ExtraHeaders {
    valid: Vec<(HeaderName, HeaderValue)>,
    errors: Vec<FieldError>,
}

impl ExtraHeaders {
    /// Sets a header, in place of an earlier value.
    pub fn set(&mut self, name: &str, value: &str) {
        match header(name, value) {
            Ok((name, value)) => {
                self.valid.retain(|(other, _)| *other != name);
                self.valid.push((name, value));
            }
            Err(why) => self.errors.push(FieldError::new(format!("headers.{name}"), why)),
        }
    }

    /// Sets a header of a tracer, which must not fail a call: unless it is invalid, or was set before.
    pub fn set_missing(&mut self, name: &str, value: &str) {
        if let Ok((name, value)) = header(name, value)
            && self.valid.iter().all(|(other, _)| *other != name)
        {
            self.valid.push((name, value));
        }
    }

    /// Sets all of these headers.
    pub fn extend(&mut self, others: Self) {
        self.valid.retain(|(name, _)| others.valid.iter().all(|(other, _)| other != name));
        self.valid.extend(others.valid);
        self.errors.extend(others.errors);
    }

    /// Fails if a header that was set is invalid, or one of the client's own. The error quotes no value.
    pub fn check(&self) -> Result<(), Error> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::invalid(self.errors.clone())) }
    }

    /// Adds the headers to those of a request.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        for (name, value) in &self.valid {
            headers.insert(name, value.clone());
        }
    }

    /// Returns the values that no error may quote.
    pub(super) fn secrets(&self) -> impl Iterator<Item = String> {
        let hidden = self.valid.iter().filter(|(name, _)| !OF_TRACES.contains(&name.as_str()));
        hidden.filter_map(|(_, value)| value.to_str().ok().map(str::to_owned))
    }
}

impl fmt::Debug for ExtraHeaders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.valid.iter().map(|(name, value)| (name, value))).finish()
    }
}

/// Returns the header, or why it is refused.
fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), &'static str> {
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| "is not the name of a header")?;
    if OWN.contains(&name) {
        return Err("is set by the client itself");
    }
    if value.contains(REDACTED) {
        return Err("has the text of a redacted secret; pass the secret itself");
    }
    let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    let value = HeaderValue::from_str(value).ok().filter(|_| is_plain);
    let mut value = value.ok_or("may have only visible ASCII characters, spaces and tabs")?;
    // It may be the key of a gateway.
    value.set_sensitive(true);
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_and_invalid_headers_are_refused_without_their_value() {
        let cases = [
            ("Authorization", "Bearer canary", "headers.Authorization is set by the client itself"),
            ("HOST", "canary.example", "headers.HOST is set by the client itself"),
            ("", "canary", "headers. is not the name of a header"),
            ("a b", "canary", "headers.a b is not the name of a header"),
            ("x-key", "canary\r\nx: y", "headers.x-key may have only visible ASCII characters, spaces and tabs"),
            ("x-key", "canary [REDACTED]", "headers.x-key has the text of a redacted secret; pass the secret itself"),
            ("x-key", "canaryä", "headers.x-key may have only visible ASCII characters, spaces and tabs"),
        ];
        for (name, value, message) in cases {
            let mut headers = ExtraHeaders::default();
            headers.set(name, value);
            let error = headers.check().expect_err(name);
            assert!(error.to_string().contains(message), "{error}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
            assert_eq!(headers.secrets().count(), 0);
        }
    }

    #[test]
    fn last_value_of_a_name_is_sent_and_none_is_shown() {
        let mut headers = ExtraHeaders::default();
        headers.set("X-Key", "first");
        headers.set("x-key", "second");
        let mut sent = HeaderMap::new();
        headers.write(&mut sent);
        assert_eq!((sent.len(), &sent["x-key"]), (1, &HeaderValue::from_static("second")));
        headers.set("traceparent", "00-1");
        assert_eq!(format!("{headers:?}"), r#"{"x-key": Sensitive, "traceparent": Sensitive}"#);
        assert_eq!(headers.secrets().collect::<Vec<_>>(), ["second"]);
    }
}
