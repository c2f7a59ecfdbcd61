//! The account's integrations, read as one list.

use std::collections::{HashMap, HashSet};

use ocamba_hood::{Client, Integration, Items, Moment, Outcome, View, reveal};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::key::Key;
use crate::ledger::entry::Entry;

/// Maximum number of further requests for a page, in addition to the client's own retries.
const MAX_RETRIES: u32 = 4;

/// Integrations that the rows name, and the names of all others.
pub struct AccountSnapshot {
    /// Moment before the first request.
    pub read_at: Moment,
    pub company_id: Option<String>,
    by_key: HashMap<Key, Vec<Found>>,
    by_id: HashMap<String, Key>,
    /// Those that the ledger has.
    recorded: HashMap<String, Found>,
}

/// An existing integration.
#[derive(Clone)]
pub struct Found {
    pub id: String,
    pub status: Option<String>,
    /// Settings, secrets included.
    pub settings: Map<String, Value>,
}

impl AccountSnapshot {
    /// Reads the account. Keeps the integrations that the rows name, and those that the ledger has.
    pub async fn read(client: &Client, fleet: &Fleet, entries: &HashMap<Key, Entry>) -> Result<Self, Error> {
        let keys: HashSet<&Key> = fleet.rows.iter().map(|row| &row.key).collect();
        let ids: HashSet<&str> = entries.values().filter_map(|entry| entry.id.as_deref()).collect();
        let (by_key, by_id, recorded) = Default::default();
        let mut account = Self { read_at: Moment::now(), company_id: None, by_key, by_id, recorded };
        let items = read_integrations(client, |item| account.take(item, &keys, &ids)).await?;
        // A row would be created again that the list does not show.
        items.check_complete()?;
        Ok(account)
    }

    fn take(&mut self, item: &Integration, keys: &HashSet<&Key>, ids: &HashSet<&str>) {
        if self.company_id.is_none() {
            self.company_id.clone_from(&item.company_id);
        }
        let provider_id = item.provider.id().to_owned();
        let key = Key { name: item.name.clone().unwrap_or_default(), provider_id };
        self.by_id.insert(item.id.clone(), key.clone());
        let (is_named, is_recorded) = (keys.contains(&key), ids.contains(item.id.as_str()));
        if is_named || is_recorded {
            let status = item.status.as_ref().map(|status| status.as_str().to_owned());
            let mut fields = reveal(|| serde_json::to_value(item)).unwrap_or_default();
            let settings = match fields.get_mut("settings").map(Value::take) {
                Some(Value::Object(settings)) => settings,
                _ => Map::new(),
            };
            let found = Found { id: item.id.clone(), status, settings };
            if is_recorded {
                self.recorded.insert(item.id.clone(), found.clone());
            }
            if is_named {
                self.by_key.entry(key).or_default().push(found);
            }
        }
    }

    /// Returns the integrations with this name and provider.
    pub fn with_key(&self, key: &Key) -> &[Found] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Returns an integration that the ledger has.
    pub fn recorded(&self, id: &str) -> Option<&Found> {
        self.recorded.get(id)
    }

    /// Returns the current name and provider of an integration.
    pub fn key_of(&self, id: &str) -> Option<&Key> {
        self.by_id.get(id)
    }
}

/// Reads all integrations of an account, as one list, and returns that: it knows whether it is complete.
pub async fn read_integrations(
    client: &Client,
    mut take: impl FnMut(&Integration),
) -> Result<Items<Integration>, Error> {
    let mut items = client.integrations().list().view(View::Full).items();
    let mut retries = 0;
    while let Some(item) = items.next().await {
        match item {
            Ok(item) => {
                take(&item);
                retries = 0;
            }
            // The next call reads what this one could not.
            Err(error) if retries < MAX_RETRIES && error.outcome() != Outcome::Rejected => retries += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(items)
}
