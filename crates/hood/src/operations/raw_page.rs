//! A page of a list as JSON, whose items are chosen by their ids and providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::checked_body::CheckedBody;

/// A page, borrowed from its text.
#[derive(Deserialize, Serialize)]
pub struct RawPage<'a> {
    #[serde(default)]
    pub total: Value,
    #[serde(borrow)]
    pub items: Vec<&'a RawValue>,
}

/// The fields that identify an item.
#[derive(Deserialize)]
pub struct ItemHead {
    pub id: String,
    #[serde(default)]
    pub provider_id: Value,
}

/// Reads a page and the heads of its items.
pub fn parse(body: &CheckedBody) -> Option<(RawPage<'_>, Vec<ItemHead>)> {
    let page: RawPage<'_> = serde_json::from_str(body.as_str()).ok()?;
    let heads = page.items.iter().map(|item| serde_json::from_str(item.get())).collect::<Result<_, _>>().ok()?;
    Some((page, heads))
}

impl RawPage<'_> {
    pub fn to_body(&self) -> CheckedBody {
        CheckedBody::composed(serde_json::to_string(self).unwrap_or_default())
    }
}

/// Leaves out the items of other providers: the server may not know this filter.
pub fn only_of_provider(body: CheckedBody, wanted: Option<&str>) -> CheckedBody {
    let Some(wanted) = wanted else { return body };
    let Some((page, heads)) = parse(&body) else { return body };
    let is_wanted = |head: &ItemHead| head.provider_id.as_str().is_none_or(|id| id == wanted);
    if heads.iter().all(is_wanted) {
        return body;
    }
    let items = page.items.iter().zip(&heads).filter(|(_, head)| is_wanted(head)).map(|(item, _)| *item).collect();
    RawPage { total: page.total.clone(), items }.to_body()
}
