//! Reads the options that JavaScript passes as JSON, and names an invalid one.

use std::time::Duration;

use serde_json::{Map, Value};

/// The options that were not read yet.
pub struct Options {
    values: Map<String, Value>,
}

/// An invalid option. It quotes no value, which may be a secret.
pub struct InvalidOption {
    /// The option's name.
    pub name: String,
    /// The reason.
    pub message: String,
}

impl Options {
    /// Parses JSON. An empty text has no options.
    pub fn read(text: &str) -> Result<Self, InvalidOption> {
        if text.is_empty() {
            return Ok(Self { values: Map::new() });
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(values)) => Ok(Self { values }),
            _ => Err(InvalidOption { name: "options".into(), message: "must be an object".into() }),
        }
    }

    /// Takes a string.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, InvalidOption> {
        self.take(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Takes a duration in milliseconds.
    pub fn milliseconds(&mut self, name: &str) -> Result<Option<Duration>, InvalidOption> {
        let positive = |value: &Value| milliseconds(value).filter(|duration| !duration.is_zero());
        self.take(name, "a number of milliseconds, more than zero", positive)
    }

    /// Takes a duration in milliseconds that may be zero.
    pub fn milliseconds_or_zero(&mut self, name: &str) -> Result<Option<Duration>, InvalidOption> {
        self.take(name, "a number of milliseconds, not less than zero", milliseconds)
    }

    /// Takes a whole number.
    pub fn count<N: TryFrom<u64>>(&mut self, name: &str) -> Result<Option<N>, InvalidOption> {
        self.take(name, "a whole number", |value| N::try_from(value.as_u64()?).ok())
    }

    /// Fails if an option was not read. `known` lists all options.
    pub fn end(self, known: &str) -> Result<(), InvalidOption> {
        match self.values.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(InvalidOption { name, message: format!("is not an option; there are {known}") }),
        }
    }

    fn take<T>(
        &mut self,
        name: &str,
        expected: &str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<Option<T>, InvalidOption> {
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
        let cases: [(&str, &str); 7] = [
            (r#"{"token": 4711}"#, "token must be a string"),
            (r#"{"timeout": "4711"}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": null}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": -4711}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"timeout": 0}"#, "timeout must be a number of milliseconds, more than zero"),
            (r#"{"colour": 4711}"#, "colour is not an option; there are token, timeout"),
            ("[4711]", "options must be an object"),
        ];
        for (text, expected) in cases {
            let read = || {
                let mut options = Options::read(text)?;
                options.string("token")?;
                options.milliseconds("timeout")?;
                options.end("token, timeout")
            };
            let invalid: InvalidOption = read().expect_err(text);
            assert_eq!(format!("{} {}", invalid.name, invalid.message), expected);
        }
    }
}
