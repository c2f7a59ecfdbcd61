//! Reads the options of clients and calls, which JavaScript passes as JSON, and names an invalid one.

use std::time::Duration;

use ocamba_hood::{CallOptions, Client, ClientBuilder, ExtraHeaders, Proxy, did_you_mean};
use serde_json::{Map, Value};

use crate::failure::Failure;

/// Names the language in `User-Agent`, before the core's name.
const PRODUCT: &str = concat!("ocamba-hood-node/", env!("CARGO_PKG_VERSION"));

/// Reads the options of a client: a builder, and the rate limit, its tier and its folder, which the core parses.
pub fn of_client(text: &str) -> Result<(ClientBuilder, [Option<String>; 3]), InvalidOption> {
    fn with<T>(
        builder: ClientBuilder,
        value: Option<T>,
        set: impl FnOnce(ClientBuilder, T) -> ClientBuilder,
    ) -> ClientBuilder {
        match value {
            Some(value) => set(builder, value),
            None => builder,
        }
    }
    let mut options = Options::read(text, &[])?;
    let mut builder = Client::builder();
    builder = with(builder, options.string("token")?, ClientBuilder::token);
    builder = with(builder, options.string("baseUrl")?, ClientBuilder::base_url);
    builder = with(builder, options.milliseconds("timeout")?, ClientBuilder::timeout);
    builder = with(builder, options.milliseconds("connectTimeout")?, ClientBuilder::connect_timeout);
    builder = with(builder, options.count("maxRetries")?, ClientBuilder::max_retries);
    let rate_limit = [options.string("rateLimit")?, options.string("rateLimitTier")?, options.string("rateLimitDir")?];
    builder = with(builder, options.count("maxResponseBytes")?, ClientBuilder::max_response_bytes);
    builder = with(builder, options.string("proxy")?, |builder, text| builder.proxy(Proxy::from_text(&text)));
    builder = with(builder, options.string("rootCertificates")?, ClientBuilder::root_certificates);
    builder = with(builder, options.string("clientCertificate")?, ClientBuilder::client_certificate);
    builder = with(builder, options.string("httpHost")?, ClientBuilder::http_host);
    let mut headers = ExtraHeaders::default();
    options.headers(&mut headers)?;
    builder = builder.headers(headers);
    let product = options.string("userAgent")?.map_or_else(|| PRODUCT.to_owned(), |own| format!("{own} {PRODUCT}"));
    options.end()?;
    Ok((builder.user_agent(product).root_certificates_of("NODE_EXTRA_CA_CERTS"), rate_limit))
}

/// Reads the options of a call. Only calls that search for a create have `reconcileTimeout`.
pub fn of_call(text: &str, operation: &str, client: &Client) -> Result<CallOptions, InvalidOption> {
    let mut read = client.call_options();
    let mut options = Options::read(text, &["signal"])?;
    read.timeout = options.milliseconds("timeout")?.unwrap_or(read.timeout);
    read.connect_timeout = options.milliseconds("connectTimeout")?.unwrap_or(read.connect_timeout);
    options.headers(&mut read.headers)?;
    for (name, value) in options.traced() {
        read.headers.set_missing(&name, &value);
    }
    read.max_retries = options.count("maxRetries")?.unwrap_or(read.max_retries);
    if matches!(operation, "ensure" | "find_created") {
        read.reconcile_timeout = options.milliseconds_or_zero("reconcileTimeout")?.unwrap_or(read.reconcile_timeout);
    }
    options.end()?;
    Ok(read)
}

/// An invalid option. It quotes no value, which may be a secret.
pub struct InvalidOption {
    /// The option's name.
    pub name: String,
    /// The reason.
    pub message: String,
}

impl From<InvalidOption> for Failure {
    fn from(InvalidOption { name, message }: InvalidOption) -> Self {
        // Options that are not an object have no prefix.
        let field = if name == "options" { name } else { format!("options.{name}") };
        Self::validation(field, message)
    }
}

/// The options that were not read yet.
struct Options {
    values: Map<String, Value>,
    /// The names of all options.
    known: Vec<&'static str>,
}

impl Options {
    /// Parses JSON. An empty text has no options. JavaScript has read those of `known`.
    fn read(text: &str, known: &[&'static str]) -> Result<Self, InvalidOption> {
        let invalid = || InvalidOption { name: "options".into(), message: "must be an object".into() };
        let values = if text.is_empty() { Ok(Map::new()) } else { serde_json::from_str(text).map_err(|_| invalid()) };
        Ok(Self { values: values?, known: known.to_vec() })
    }

    /// Takes a string.
    fn string(&mut self, name: &'static str) -> Result<Option<String>, InvalidOption> {
        self.take(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Takes a duration in milliseconds.
    fn milliseconds(&mut self, name: &'static str) -> Result<Option<Duration>, InvalidOption> {
        let positive = |value: &Value| milliseconds(value).filter(|duration| !duration.is_zero());
        self.take(name, "a number of milliseconds, more than zero", positive)
    }

    /// Takes a duration in milliseconds that may be zero.
    fn milliseconds_or_zero(&mut self, name: &'static str) -> Result<Option<Duration>, InvalidOption> {
        self.take(name, "a number of milliseconds, not less than zero", milliseconds)
    }

    /// Takes a whole number.
    fn count<N: TryFrom<u64>>(&mut self, name: &'static str) -> Result<Option<N>, InvalidOption> {
        self.take(name, "a whole number", |value| N::try_from(value.as_u64()?).ok())
    }

    /// Takes headers: an object of strings.
    fn headers(&mut self, headers: &mut ExtraHeaders) -> Result<(), InvalidOption> {
        let all = self.take("headers", "an object of strings", |value| {
            let pairs = value.as_object()?.iter().map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
            pairs.collect::<Option<Vec<_>>>()
        })?;
        all.into_iter().flatten().for_each(|(name, value)| headers.set(&name, &value));
        Ok(())
    }

    /// Takes the headers of subscribers, as pairs of strings: no option of the user.
    fn traced(&mut self) -> Vec<(String, String)> {
        let pairs = self.values.remove("traced").and_then(|pairs| serde_json::from_value(pairs).ok());
        pairs.unwrap_or_default()
    }

    /// Fails if an option was not read.
    fn end(self) -> Result<(), InvalidOption> {
        let Some(name) = self.values.keys().next() else { return Ok(()) };
        let mut next = did_you_mean(name, self.known.iter().copied());
        if next.is_empty() {
            next = format!("; there are {}", self.known.join(", "));
        }
        let message = format!("is not an option{next}");
        Err(InvalidOption { name: name.clone(), message })
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, InvalidOption> {
        self.known.push(name);
        let Some(value) = self.values.remove(name) else { return Ok(None) };
        let invalid = || InvalidOption { name: name.to_owned(), message: format!("must be {expected}") };
        read(&value).map(Some).ok_or_else(invalid)
    }
}

fn milliseconds(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()? / 1e3).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_option_is_named_without_its_value() {
        let cases: [(&str, &str); 8] = [
            (r#"{"token": 4711}"#, "token must be a string"),
            (r#"{"timeout": "4711"}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": null}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": -4711}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": 0}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"colour": 4711}"#, "colour is not an option; there are token, timeout"),
            (r#"{"time_out": 4711}"#, "time_out is not an option; did you mean timeout?"),
            ("[4711]", "options must be an object"),
        ];
        for (text, expected) in cases {
            let read = || {
                let mut options = Options::read(text, &[])?;
                options.string("token")?;
                options.milliseconds("timeout")?;
                options.end()
            };
            let invalid: InvalidOption = read().expect_err(text);
            assert_eq!(format!("{} {}", invalid.name, invalid.message), expected);
        }
    }
}
