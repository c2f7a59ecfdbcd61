//! What the account has of what the rows name, read in one go.

use std::collections::{HashMap, HashSet};

use ocamba_hood::{Client, Integration, Outcome, View, reveal};
use serde_json::{Map, Value};

use crate::Error;
use crate::fleet::{Fleet, Key};
use crate::ledger::Entry;

/// How often a page that cannot be read is asked for again, beside the client's own retries.
const MAX_RETRIES: u32 = 4;

/// The integrations that the rows or the ledger know.
#[derive(Default)]
pub struct World {
    pub company_id: Option<String>,
    by_key: HashMap<Key, Vec<Found>>,
    by_id: HashMap<String, Key>,
}

/// One of them.
#[derive(Clone)]
pub struct Found {
    pub id: String,
    pub status: Option<String>,
    /// With its secrets.
    pub settings: Map<String, Value>,
}

impl World {
    pub async fn read(client: &Client, fleet: &Fleet, entries: &HashMap<Key, Entry>) -> Result<Self, Error> {
        let keys: HashSet<&Key> = fleet.rows.iter().map(|row| &row.key).collect();
        let ids: HashSet<&str> = keys.iter().filter_map(|key| entries.get(*key)?.id.as_deref()).collect();
        let mut world = Self::default();
        let mut items = client.integrations().list().view(View::Full).items();
        let mut retries = 0;
        while let Some(item) = items.next().await {
            match item {
                Ok(item) => {
                    world.take(&item, &keys, &ids);
                    retries = 0;
                }
                // After an error the same page is asked for again.
                Err(error) if retries < MAX_RETRIES && error.outcome() != Outcome::Rejected => retries += 1,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(world)
    }

    fn take(&mut self, item: &Integration, keys: &HashSet<&Key>, ids: &HashSet<&str>) {
        if self.company_id.is_none() {
            self.company_id.clone_from(&item.company_id);
        }
        let provider_id = item.provider.id().to_owned();
        let key = Key { name: item.name.clone().unwrap_or_default(), provider_id };
        if ids.contains(item.id.as_str()) {
            self.by_id.insert(item.id.clone(), key.clone());
        }
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

    /// All that have this name and provider.
    pub fn named(&self, key: &Key) -> &[Found] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// What the integration with this id is called now.
    pub fn called(&self, id: &str) -> Option<&Key> {
        self.by_id.get(id)
    }
}
