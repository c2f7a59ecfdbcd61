//! One page of a list.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::ProviderDescription;
use crate::integration::Integration;
use crate::received::{Answered, Received};

/// One page of a list. From [`List::page`](crate::List::page).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Page<T> {
    /// How many items all pages have together, where the server told.
    pub total: Option<u64>,
    /// The items of this page.
    pub items: Vec<T>,
}

#[derive(Deserialize)]
struct Wire<T> {
    #[serde(default)]
    total: Value,
    items: Vec<T>,
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Option<Page<T>> {
    let Wire { total, items } = serde_json::from_slice(body).ok()?;
    Some(Page { total: total.as_u64(), items })
}

impl Answered for Page<Integration> {
    fn of(_: Received, body: &[u8]) -> Option<Self> {
        read(body)
    }
}

impl Answered for Page<ProviderDescription> {
    fn of(_: Received, body: &[u8]) -> Option<Self> {
        read(body)
    }
}
