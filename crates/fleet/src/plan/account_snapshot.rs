//! The account's integrations, read as one list.

use std::collections::{HashMap, HashSet};

use ocamba_hood::{Client, Integration, Moment, Outcome, View, reveal};
use serde_json::{Map, Value};

use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::key::Key;

/// Maximum number of further requests for a page, in addition to the client's own retries.
const MAX_RETRIES: u32 = 4;

/// Integrations that the rows name, and the names of all others.
pub struct AccountSnapshot {
    /// Moment before the first request.
    pub read_at: Moment,
    pub company_id: Option<String>,
    by_key: HashMap<Key, Vec<Found>>,
    by_id: HashMap<String, Key>,
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
    pub async fn read(client: &Client, fleet: &Fleet) -> Result<Self, Error> {
        let keys: HashSet<&Key> = fleet.rows.iter().map(|row| &row.key).collect();
        let (by_key, by_id) = (HashMap::new(), HashMap::new());
        let mut account = Self { read_at: Moment::now(), company_id: None, by_key, by_id };
        let mut items = client.integrations().list().view(View::Full).items();
        let mut retries = 0;
        while let Some(item) = items.next().await {
            match item {
                Ok(item) => {
                    account.take(&item, &keys);
                    retries = 0;
                }
                // After an error, the next call requests the same page again.
                Err(error) if retries < MAX_RETRIES && error.outcome() != Outcome::Rejected => retries += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(account)
    }

    fn take(&mut self, item: &Integration, keys: &HashSet<&Key>) {
        if self.company_id.is_none() {
            self.company_id.clone_from(&item.company_id);
        }
        let provider_id = item.provider.id().to_owned();
        let key = Key { name: item.name.clone().unwrap_or_default(), provider_id };
        self.by_id.insert(item.id.clone(), key.clone());
        if keys.contains(&key) {
            let status = item.status.as_ref().map(|status| status.as_str().to_owned());
            let mut fields = reveal(|| serde_json::to_value(item)).unwrap_or_default();
            let settings = match fields.get_mut("settings").map(Value::take) {
                Some(Value::Object(settings)) => settings,
                _ => Map::new(),
            };
            self.by_key.entry(key).or_default().push(Found { id: item.id.clone(), status, settings });
        }
    }

    /// Returns the integrations with this name and provider.
    pub fn with_key(&self, key: &Key) -> &[Found] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Returns the current name and provider of an integration.
    pub fn key_of(&self, id: &str) -> Option<&Key> {
        self.by_id.get(id)
    }
}
