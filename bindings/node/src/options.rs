//! Reads the options that JavaScript gives as JSON, and says which of them is wrong.

use std::time::Duration;

use serde_json::{Map, Value};

/// The options that were not read yet.
pub struct Options(Map<String, Value>);

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
            return Ok(Self(Map::new()));
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(all)) => Ok(Self(all)),
            _ => Err(Wrong { name: "options".into(), what: "must be an object".into() }),
        }
    }

    /// Takes out a string.
    pub fn string(&mut self, name: &str) -> Result<Option<String>, Wrong> {
        self.take(name, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// Takes out a time in milliseconds.
    pub fn milliseconds(&mut self, name: &str) -> Result<Option<Duration>, Wrong> {
        let positive = |value: &Value| {
            let duration = Duration::try_from_secs_f64(value.as_f64()? / 1e3).ok()?;
            (!duration.is_zero()).then_some(duration)
        };
        self.take(name, "a number of milliseconds, more than zero", positive)
    }

    /// Takes out a number of things.
    pub fn count(&mut self, name: &str) -> Result<Option<usize>, Wrong> {
        self.take(name, "a whole number", |value| usize::try_from(value.as_u64()?).ok())
    }

    /// Fails if there are more than were read.
    pub fn end(self, known: &str) -> Result<(), Wrong> {
        match self.0.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(Wrong { name, what: format!("is not an option; there are {known}") }),
        }
    }

    fn take<T>(&mut self, name: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Result<Option<T>, Wrong> {
        let Some(value) = self.0.remove(name) else { return Ok(None) };
        let wrong = || Wrong { name: name.to_owned(), what: format!("must be {expected}") };
        read(&value).map(Some).ok_or_else(wrong)
    }
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
