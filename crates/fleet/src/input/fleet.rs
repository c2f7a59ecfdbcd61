//! Rows that passed their checks.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use ocamba_hood::{RequestBody, did_you_mean};
use serde_json::{Map, Value};

use crate::error::{Error, RowErrors};
use crate::input::damage::{self, Damage};
use crate::input::format::Format;
use crate::input::references::References;
use crate::input::row_collector::{RawRow, RowCollector};
use crate::input::row_reader::RowReader;
use crate::key::Key;

/// Rows that passed their checks, from [`RowReader::check`].
pub struct Fleet {
    pub(crate) name: Arc<str>,
    pub(crate) format: Format,
    pub(crate) rows: Vec<Row>,
    pub(crate) allow_unknown_providers: bool,
    /// Names and providers of all rows of the input, also of those that are left alone.
    keys: HashSet<Key>,
    warnings: RowErrors,
    references: References,
}

/// A row, without debug output, since it may have secrets.
pub(crate) struct Row {
    pub line: u32,
    pub key: Key,
    /// JSON text with secrets, or references to them, as in the input.
    pub request: Box<str>,
    /// References in the request.
    pub references: Option<String>,
}

impl RowReader {
    /// Lets rows refer to secrets. By default they cannot, and every text is sent unchanged.
    pub fn references(self, references: References) -> Self {
        Self { references, ..self }
    }

    /// Checks every row, and that no two rows have the same name and provider. [References](Self::references) must resolve; the
    /// secrets are not kept.
    ///
    /// ```
    /// use ocamba_fleet::{Error, Format, RowReader};
    ///
    /// let text = r#"{"name": "", "provider": "mitto", "settings": {"sender_name": "Example"}}"#;
    /// let rows = RowReader::from_reader(text.as_bytes(), Format::JsonLines, "example.jsonl");
    /// let Err(Error::InvalidRows(errors)) = rows.check() else { panic!() };
    /// let fields: Vec<_> = errors.iter().map(|error| (error.line, error.field.as_str())).collect();
    /// assert_eq!(fields, [(1, "name"), (1, "settings.api_key")]);
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidRows`] with all errors, each with its line and field.
    pub fn check(self) -> Result<Fleet, Error> {
        self.check_rows(false)
    }

    /// Like [`check`](Self::check), but accepts providers that this version does not know, without checking their settings.
    pub fn check_allowing_unknown_providers(self) -> Result<Fleet, Error> {
        self.check_rows(true)
    }

    fn check_rows(self, allow_unknown_providers: bool) -> Result<Fleet, Error> {
        let Self { format, mut collected, references } = self;
        let raw = std::mem::take(&mut collected.rows);
        let mut rows: Vec<Row> = Vec::with_capacity(raw.len());
        let mut lines: HashMap<Key, u32> = HashMap::with_capacity(raw.len());
        for RawRow { line, request } in raw {
            let Checked { errors: mut found, damage } = checked(&request, &references, allow_unknown_providers);
            // An invalid row may still have the name of another.
            if let Ok(key) = serde_json::from_str::<Key>(&request) {
                match lines.entry(key) {
                    Entry::Occupied(first) => {
                        let message = format!(
                            "names the same integration as line {}; each name and provider may appear once",
                            first.get()
                        );
                        found.push(("name".to_owned(), message));
                    }
                    Entry::Vacant(new) => {
                        if found.is_empty() {
                            let references = references.names(&request);
                            rows.push(Row { line, key: new.key().clone(), request, references });
                        }
                        new.insert(line);
                    }
                }
            }
            for damage in damage {
                match damage {
                    Damage::Error(field, message) => found.push((field, message.to_owned())),
                    Damage::Warning(field, message) => collected.warn(line, &field, message),
                }
            }
            found.into_iter().for_each(|(field, message)| collected.error(line, &field, message));
        }
        let RowCollector { name, mut errors, mut warnings, .. } = collected;
        errors.sort();
        warnings.sort();
        match errors.count() {
            0 => Ok(Fleet {
                name,
                format,
                rows,
                allow_unknown_providers,
                keys: lines.into_keys().collect(),
                warnings,
                references,
            }),
            _ => Err(Error::InvalidRows(errors)),
        }
    }
}

/// What the check of a row has found.
struct Checked {
    /// Wrong fields, and the reasons.
    errors: Vec<(String, String)>,
    damage: Vec<Damage>,
}

/// Checks a row, with references to secrets and with the secrets.
fn checked(request: &str, references: &References, allow_unknown: bool) -> Checked {
    let check = |text: &str| -> Vec<(String, String)> {
        let errors = RequestBody::new_integration(text, allow_unknown).err();
        let errors = errors.map(|error| error.field_errors().to_vec()).unwrap_or_default();
        errors.into_iter().map(|error| (error.field, error.message)).collect()
    };
    let mut errors = check(request);
    match references.resolve(request) {
        Ok(resolved) => {
            if errors.is_empty() && *resolved != *request {
                errors = check(&resolved);
            }
            Checked { errors, damage: damage::of_request(&resolved) }
        }
        Err(unresolved) => {
            errors.extend(unresolved);
            Checked { errors, damage: Vec::new() }
        }
    }
}

impl Fleet {
    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Keeps only the rows with these names, and leaves the others alone.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchRow`]: no row has one of the names.
    pub fn only<T: AsRef<str>>(mut self, names: &[T]) -> Result<Self, Error> {
        let existing: HashSet<&str> = self.rows.iter().map(|row| row.key.name.as_str()).collect();
        if let Some(name) = names.iter().map(AsRef::as_ref).find(|name| !existing.contains(name)) {
            let meant = did_you_mean(name, existing.iter().copied());
            return Err(Error::NoSuchRow(format!("no row of {} has the name {name:?}{meant}", self.name)));
        }
        let wanted: HashSet<&str> = names.iter().map(AsRef::as_ref).collect();
        self.rows.retain(|row| wanted.contains(row.key.name.as_str()));
        Ok(self)
    }

    /// Returns whether a row of the input has this name and provider, also one that is left alone.
    pub(crate) fn has(&self, key: &Key) -> bool {
        self.keys.contains(key)
    }

    /// Returns what is valid, but probably not as it was meant, without its values.
    pub fn warnings(&self) -> &RowErrors {
        &self.warnings
    }

    /// Returns the number of rows with references that are sent as texts, since nothing may be read.
    #[doc(hidden)]
    pub fn unread_references(&self) -> usize {
        self.rows.iter().filter(|row| self.references.are_missing_for(&row.request)).count()
    }

    /// Returns the request of a row with its secrets, or why they cannot be resolved any more.
    pub(crate) fn request(&self, row: usize) -> Result<RequestBody, String> {
        let text = self.references.resolve(&self.rows[row].request).map_err(|errors| {
            let all: Vec<_> = errors.iter().map(|(field, message)| format!("{field} {message}")).collect();
            all.join("; ")
        })?;
        RequestBody::new_integration(&text, self.allow_unknown_providers).map_err(|error| error.to_string())
    }

    /// Returns the fields of a row with its secrets.
    pub(crate) fn fields(&self, row: usize) -> Result<Map<String, Value>, String> {
        serde_json::from_str(self.request(row)?.expose()).map_err(|_| "cannot be read".to_owned())
    }
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fleet").field("name", &self.name).field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a valid request of the first provider.
    fn request(name: &str, secret: &str) -> String {
        crate::input::references::tests::request(name, secret, "plain")
    }

    fn errors(rows: &[String]) -> Vec<String> {
        match RowReader::from_requests(rows, "t")
            .references(References::new().variables("FLEET_").expect("a prefix"))
            .check()
        {
            Ok(_) => Vec::new(),
            Err(error) => error.to_string().lines().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn duplicate_rows_are_refused() {
        assert!(errors(&[request("a", "x"), request("b", "x")]).is_empty());
        let found = errors(&[request("a", "x"), request("b", "x"), request("a", "y")]);
        assert_eq!(found, ["t:3: name names the same integration as line 1; each name and provider may appear once"]);
    }

    #[test]
    fn check_returns_all_errors_in_the_order_of_the_rows() {
        let rows = [request("", "canary"), "canary".to_owned(), request("a", "env:FLEET_NOT_THERE"), request("b", "")];
        let found = errors(&rows);
        let begins = ["t:1: name must", "t:2: is not valid JSON", "t:3: settings.", "t:4: settings."];
        assert!(found.iter().zip(begins).all(|(found, begin)| found.starts_with(begin)), "{found:#?}");
        assert_eq!(found.len(), 4);
        assert!(!found.concat().contains("canary"));
    }

    #[test]
    fn debug_output_omits_secrets() {
        let fleet = RowReader::from_requests([request("a", "canary")], "t").check().expect("valid rows");
        assert!(!format!("{fleet:?}").contains("canary"));
    }
}
