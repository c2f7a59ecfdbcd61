//! Exports an account: its integrations as a sheet, with references in place of their secrets.

use std::collections::{HashMap, HashSet, hash_map};
use std::io::{self, Write};

use ocamba_hood::{Client, Integration, ProviderInfo, REDACTED, RequestBody, reveal};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::input::format::Format;
use crate::input::references;
use crate::key::Key;
use crate::ledger::entry::{Entry, RowFailure, State};
use crate::ledger::ledger::Ledger;
use crate::plan::account_snapshot::read_integrations;
use crate::plan::step::Action;

/// The integrations of an account as rows of a sheet. Applying it, with the same secrets, changes nothing.
pub struct Export {
    requests: Vec<String>,
    /// The integration of each row.
    integrations: HashMap<Key, String>,
    company_id: Option<String>,
    variables: Vec<String>,
    left_out: Vec<String>,
}

impl Export {
    /// Reads the account. In place of each secret the sheet has a reference to a variable of the environment, as
    /// `env:MITTO_API_KEY_1165`; equal secrets of a setting have the same one.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// use ocamba_fleet::{Export, Format};
    ///
    /// let export = Export::read(&client).await?;
    /// export.write(Format::Csv, std::io::stdout())?;
    /// println!("set {}", export.variables().join(", "));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the account could not be read.
    pub async fn read(client: &Client) -> Result<Self, Error> {
        Self::of_account(client, false).await
    }

    /// Reads the account with its secrets, as far as the API returns them.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] if the account could not be read.
    pub async fn read_with_secrets(client: &Client) -> Result<Self, Error> {
        Self::of_account(client, true).await
    }

    async fn of_account(client: &Client, with_secrets: bool) -> Result<Self, Error> {
        let mut rows = Rows { with_secrets, ..Rows::default() };
        let items = read_integrations(client, |integration| rows.add(integration)).await?;
        rows.left_out.extend(items.check_complete().err().map(|error| error.message().to_owned()));
        Ok(rows.finish())
    }

    /// Returns the number of rows.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Returns whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Returns the variables to which the rows refer.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// Returns which integrations the sheet cannot have, and why; also if the list of the account has holes.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Records in a ledger which integration each row is, as applying the sheet would: a row that is then renamed renames its
    /// integration, and one that is removed is named by a plan. A row in doubt stays so.
    ///
    /// # Errors
    ///
    /// [`Error::OtherAccount`] if the ledger is or may be of another account; [`Error::Ledger`] if it cannot be written.
    pub async fn record(&self, client: &Client, ledger: &mut Ledger) -> Result<(), Error> {
        ledger.bind(client, self.company_id.as_deref()).await?;
        let in_doubt = |key: &Key| ledger.entries.get(key).is_some_and(|entry| entry.state == State::Intent);
        let entry = |(key, id): (&Key, &String)| {
            let (action, failure) = (Action::Adopt.to_string(), RowFailure::default());
            (key.clone(), Entry { state: State::Done, action, id: Some(id.clone()), failure })
        };
        let entries: Vec<_> = self.integrations.iter().filter(|(key, _)| !in_doubt(key)).map(entry).collect();
        ledger.write(entries.clone()).await?;
        ledger.entries.extend(entries);
        Ok(())
    }

    /// Writes the sheet.
    ///
    /// # Errors
    ///
    /// Errors of the writer.
    pub fn write(&self, format: Format, out: impl Write) -> io::Result<()> {
        let requests: Vec<&str> = self.requests.iter().map(String::as_str).collect();
        format.write(&requests, out)
    }
}

/// The rows while the account is read.
#[derive(Default)]
struct Rows {
    with_secrets: bool,
    rows: Vec<Map<String, Value>>,
    integrations: HashMap<Key, String>,
    company_id: Option<String>,
    /// The variable of each provider's setting and secret.
    variables: HashMap<(String, String, String), String>,
    order: Vec<String>,
    left_out: Vec<String>,
}

impl Rows {
    fn add(&mut self, integration: &Integration) {
        if self.company_id.is_none() {
            self.company_id.clone_from(&integration.company_id);
        }
        let fields = reveal(|| serde_json::to_value(integration)).unwrap_or_default();
        let (id, provider_id) = (&integration.id, integration.provider.id());
        let name = integration.name.clone().unwrap_or_default();
        let mut row = Map::new();
        row.insert("name".to_owned(), name.clone().into());
        row.insert("provider_id".to_owned(), provider_id.into());
        row.extend(
            fields.get("status").filter(|status| status.is_string()).map(|it| ("status".to_owned(), it.clone())),
        );
        let settings = fields.get("settings").and_then(Value::as_object).into_iter().flatten();
        let settings =
            settings.filter_map(|(name, value)| Some((name.clone(), self.setting(id, provider_id, name, value)?)));
        row.insert("settings".to_owned(), Value::Object(settings.collect()));
        let key = Key { name: name.clone(), provider_id: provider_id.to_owned() };
        if let Err(error) = RequestBody::new_integration(&Value::Object(row.clone()).to_string(), true) {
            self.left_out.push(format!("integration {id}, {name:?}, is no row: {error}"));
        } else if let hash_map::Entry::Vacant(place) = self.integrations.entry(key) {
            place.insert(id.clone());
            self.rows.push(row);
        } else {
            self.left_out
                .push(format!("integration {id} is no row: another one has its name and provider too, {name:?}"));
        }
    }

    /// Returns what the sheet has for a setting; none for one that a row cannot have.
    fn setting(&mut self, id: &str, provider_id: &str, name: &str, value: &Value) -> Option<Value> {
        let provider = ProviderInfo::of(provider_id);
        let is_known = provider.is_none_or(|provider| provider.setting(name).is_some());
        let is_secret = provider.and_then(|provider| provider.setting(name)).is_none_or(|setting| setting.secret);
        if !is_known || value.is_null() || value == "" {
            return None;
        }
        let is_masked = value.as_str().is_some_and(is_masked);
        if !is_secret || (self.with_secrets && !is_masked) {
            return Some(value.clone());
        }
        // A masked value does not show which secrets are equal.
        let secret = if is_masked { id.to_owned() } else { value.to_string() };
        let order = &mut self.order;
        let variable = self.variables.entry((provider_id.to_owned(), name.to_owned(), secret)).or_insert_with(|| {
            let provider = provider.map_or_else(|| format!("PROVIDER_{provider_id}"), |it| it.type_name.to_owned());
            let variable = variable_name(&format!("{provider}_{name}_{id}"));
            order.push(variable.clone());
            variable
        });
        Some(format!("env:{variable}").into())
    }

    fn finish(self) -> Export {
        let Self { rows, integrations, company_id, variables, order, left_out, .. } = self;
        // Variables of rows that were left out are not needed.
        let used = rows.iter().filter_map(|row| row["settings"].as_object()).flat_map(Map::values);
        let used: HashSet<String> = used.filter_map(Value::as_str).map(str::to_owned).collect();
        let has_references = !variables.is_empty();
        let is_used = |variable: &String| used.contains(&format!("env:{variable}"));
        let own: HashSet<String> = order.iter().map(|variable| format!("env:{variable}")).collect();
        let requests = rows.into_iter().map(|mut row| {
            let settings = row.get_mut("settings").and_then(Value::as_object_mut).into_iter().flatten();
            for (_, value) in settings {
                // Where references are read, a text that begins like one needs a mark.
                if let Some(text) = value.as_str()
                    && has_references
                    && !own.contains(text)
                {
                    *value = references::as_text(text).into_owned().into();
                }
            }
            Value::Object(row).to_string()
        });
        let (requests, variables) = (requests.collect(), order.into_iter().filter(is_used).collect());
        Export { requests, integrations, company_id, variables, left_out }
    }
}

/// Returns the name of a variable that every shell can export.
#[doc(hidden)]
pub fn variable_name(text: &str) -> String {
    text.to_ascii_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// Returns whether an API has hidden a value.
fn is_masked(text: &str) -> bool {
    text == REDACTED || text.chars().filter(|c| matches!(c, '*' | '•')).count() * 2 > text.chars().count()
}
