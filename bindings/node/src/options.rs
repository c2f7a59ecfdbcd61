//! Reads the options that JavaScript gives as JSON, and says which of them is wrong.

use std::time::Duration;

use serde_json::{Map, Value};

/// The options that were not read yet.
pub struct Options {
    values: Map<String, Value>,
}

/// An option that cannot be used. It quotes no value: one may be a secret.
pub struct Wrong {
    /// Its name.
    pub name: String,
    /// What is wrong with it.
    pub what: String,
}

impl Options {
    /// Options as JSON text; none when it is empty.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        if text.is_empty() {
            return Ok(Self { values: Map::new() });
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(values)) => Ok(Self { values }),
            _ => Err(Wrong { name: "options".into(), what: "must be an object".into() }),
        }
    }

    /// Takes out a string.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, Wrong> {
        self.take(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Takes out a time in milliseconds.
    pub fn milliseconds(&mut self, name: &str) -> Result<Option<Duration>, Wrong> {
        let positive = |value: &Value| milliseconds(value).filter(|duration| !duration.is_zero());
        self.take(name, "a number of milliseconds, more than zero", positive)
    }

    /// Takes out a time in milliseconds that may be none at all.
    pub fn milliseconds_or_none(&mut self, name: &str) -> Result<Option<Duration>, Wrong> {
        self.take(name, "a number of milliseconds, not less than zero", milliseconds)
    }

    /// Takes out a number of things.
    pub fn count<N: TryFrom<u64>>(&mut self, name: &str) -> Result<Option<N>, Wrong> {
        self.take(name, "a whole number", |value| N::try_from(value.as_u64()?).ok())
    }

    /// Fails if there are more than were read.
    pub fn end(self, known: &str) -> Result<(), Wrong> {
        match self.values.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Wrong { name, what: format!("is not an option; there are {known}") }),
        }
    }

    fn take<T>(&mut self, name: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Wrong> {
        let Some(value) = self.values.remove(name) else { return Ok(None) };
        let wrong = || Wrong { name: name.to_owned(), what: format!("must be {expected}") };
        read(&value).map(Some).ok_or_else(wrong)
    }
}

fn milliseconds(value: &Value) -> Option<Duration> {
    Duration::try_from_secs_f64(value.as_f64()? / 1e3).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_names_its_option_and_quotes_nothing() {
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
            let wrong: Wrong = read().expect_err(text);
            assert_eq!(format!("{} {}", wrong.name, wrong.what), expected);
        }
    }
}
