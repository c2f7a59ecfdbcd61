//! Rows that have passed their checks: what the account is to have.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use ocamba_hood::RequestBody;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::error::Mistake;
use crate::sheet::{Draft, Format, Sheet};
use crate::{Error, Secrets};

/// Rows that have passed their checks. From [`Sheet::check`].
pub struct Fleet {
    pub(crate) name: Arc<str>,
    pub(crate) format: Format,
    pub(crate) rows: Vec<Row>,
    pub(crate) allow_unknown_providers: bool,
    secrets: Secrets,
}

/// One of them. It does not show its settings.
pub(crate) struct Row {
    pub line: u32,
    pub key: Key,
    /// JSON with its secrets, or references to them, as they stood.
    pub request: Box<str>,
}

/// What an integration is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
pub(crate) struct Key {
    pub name: String,
    pub provider_id: String,
}

impl Sheet {
    /// Checks every row, and that no two are of the same name and provider. References to secrets must lead somewhere; what
    /// they lead to is not kept.
    ///
    /// ```
    /// use ocamba_fleet::{Error, Format, Secrets, Sheet};
    ///
    /// let text = r#"{"name": "", "provider": "mitto", "settings": {"sender_name": "Example"}}"#;
    /// let sheet = Sheet::from_reader(text.as_bytes(), Format::JsonLines, "example.jsonl");
    /// let Err(Error::Mistakes(mistakes)) = sheet.check(Secrets::new()) else { panic!() };
    /// let fields: Vec<_> = mistakes.iter().map(|mistake| (mistake.line, mistake.field.as_str())).collect();
    /// assert_eq!(fields, [(1, "name"), (1, "settings.api_key")]);
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`]: all that is wrong, each with its line and field.
    pub fn check(self, secrets: Secrets) -> Result<Fleet, Error> {
        self.checked(secrets, false)
    }

    /// As [`check`](Self::check), and providers that this version does not know are taken as they are.
    pub fn check_allowing_unknown_providers(self, secrets: Secrets) -> Result<Fleet, Error> {
        self.checked(secrets, true)
    }

    fn checked(self, secrets: Secrets, allow_unknown_providers: bool) -> Result<Fleet, Error> {
        let Self { name, format, drafts, mut mistakes, .. } = self;
        let mut rows: Vec<Row> = Vec::with_capacity(drafts.len());
        let mut lines: HashMap<Key, u32> = HashMap::with_capacity(drafts.len());
        for Draft { line, request } in drafts {
            let mistake = |(field, message)| Mistake { file: name.to_string(), line, field, message };
            let wrong = problems(&request, &secrets, allow_unknown_providers);
            let sound = wrong.is_empty();
            wrong.into_iter().for_each(|wrong| mistakes.push(mistake(wrong)));
            // A row that is wrong elsewhere may still be a second one of its name.
            let Ok(key) = serde_json::from_str::<Key>(&request) else { continue };
            match lines.get(&key) {
                Some(first) => {
                    let message =
                        format!("names the same integration as line {first}: a name and provider may stand once");
                    mistakes.push(mistake(("name".to_owned(), message)));
                }
                None => {
                    lines.insert(key.clone(), line);
                    if sound {
                        rows.push(Row { line, key, request });
                    }
                }
            }
        }
        mistakes.sort();
        match mistakes.count() {
            0 => Ok(Fleet { name, format, rows, allow_unknown_providers, secrets }),
            _ => Err(Error::Mistakes(mistakes)),
        }
    }
}

/// What is wrong with a request, as the core finds it: as it stands, and with its secrets.
fn problems(request: &str, secrets: &Secrets, allow_unknown: bool) -> Vec<(String, String)> {
    let of = |text: &str| -> Vec<(String, String)> {
        let checked = RequestBody::new_integration(text, allow_unknown);
        let problems = checked.err().map(|error| error.field_errors().to_vec()).unwrap_or_default();
        problems.into_iter().map(|problem| (problem.field, problem.message)).collect()
    };
    let mut wrong = of(request);
    match secrets.resolved(request) {
        Ok(resolved) if wrong.is_empty() && *resolved != *request => wrong = of(&resolved),
        Ok(_) => {}
        Err(mistakes) => wrong.extend(mistakes),
    }
    wrong
}

impl Fleet {
    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The request of a row with its secrets, or why it cannot be had any more.
    pub(crate) fn resolved(&self, row: usize) -> Result<RequestBody, String> {
        let in_words = |mistakes: Vec<(String, String)>| {
            let all: Vec<_> = mistakes.iter().map(|(field, message)| format!("{field} {message}")).collect();
            all.join("; ")
        };
        let text = self.secrets.resolved(&self.rows[row].request).map_err(in_words)?;
        RequestBody::new_integration(&text, self.allow_unknown_providers).map_err(|error| error.to_string())
    }

    /// The fields of a row with its secrets.
    pub(crate) fn wanted(&self, row: usize) -> Result<Map<String, Value>, String> {
        let body = self.resolved(row)?;
        serde_json::from_str(body.expose()).map_err(|_| "cannot be read".to_owned())
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("name", &self.name).field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("line", &self.line).field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use ocamba_hood::providers;
    use serde_json::json;

    use super::*;

    /// A sound request of the first provider.
    fn request(name: &str, secret: &str) -> String {
        let provider = &providers()[0];
        let value = |is_secret| json!(if is_secret { secret } else { "plain" });
        let settings: Map<String, Value> =
            provider.settings.iter().map(|s| (s.name.to_owned(), value(s.secret))).collect();
        json!({"name": name, "provider": provider.title, "settings": settings}).to_string()
    }

    fn mistakes(rows: &[String]) -> Vec<String> {
        match Sheet::from_requests(rows, "t").check(Secrets::new()) {
            Ok(_) => Vec::new(),
            Err(error) => error.to_string().lines().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn two_rows_of_one_name_and_provider_are_refused() {
        assert!(mistakes(&[request("a", "x"), request("b", "x")]).is_empty());
        let found = mistakes(&[request("a", "x"), request("b", "x"), request("a", "y")]);
        assert_eq!(found, ["t:3: name names the same integration as line 1: a name and provider may stand once"]);
    }

    #[test]
    fn all_mistakes_are_told_in_the_order_of_the_rows() {
        let rows =
            [request("", "canary"), "canary".to_owned(), request("a", "env:OCAMBA_FLEET_NOT_THERE"), request("b", "")];
        let found = mistakes(&rows);
        let begins = ["t:1: name must", "t:2: is not valid JSON", "t:3: settings.", "t:4: settings."];
        assert!(found.iter().zip(begins).all(|(found, begin)| found.starts_with(begin)), "{found:#?}");
        assert_eq!(found.len(), 4);
        assert!(!found.concat().contains("canary"));
    }

    #[test]
    fn secrets_do_not_show() {
        let fleet = Sheet::from_requests([request("a", "canary")], "t").check(Secrets::new()).expect("sound");
        assert!(!format!("{fleet:?} {:?}", fleet.rows).contains("canary"));
    }
}
