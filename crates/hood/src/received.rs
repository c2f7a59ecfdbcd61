//! What the generated client reads of an answer: that it is what was promised. Whoever wants more reads the body.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::ensure::Action;
use crate::json::{Json, Text};

/// An integration, or nothing where nothing was promised.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Received {
    /// Ids that came as numbers, which not every language reads exactly.
    pub numeric_ids: Vec<NumericId>,
    /// What an `ensure` did.
    pub action: Option<Action>,
}

/// An id that came as a number.
#[doc(hidden)]
#[derive(Debug)]
pub struct NumericId {
    /// Which item of a list has it; none where the answer is no list.
    pub item: Option<usize>,
    /// Whether it is that of the provider within.
    pub of_provider: bool,
    /// Its digits.
    pub id: String,
}

/// A page of a list. Each of its items has an id.
#[doc(hidden)]
#[derive(Debug)]
pub struct ReceivedList(pub Received);

/// What an answer's body is, or is not.
#[doc(hidden)]
pub trait Answered: Sized {
    /// Reads it; none where it is not as promised.
    fn of(received: Received, body: &[u8]) -> Option<Self>;
}

/// An answer without a body that means anything. What a server sends all the same is left unread.
impl Answered for () {
    fn of(_: Received, _: &[u8]) -> Option<Self> {
        Some(())
    }
}

impl From<()> for Received {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<ReceivedList> for Received {
    fn from(list: ReceivedList) -> Self {
        list.0
    }
}

impl Answered for Received {
    fn of(_: Received, body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

impl Answered for ReceivedList {
    fn of(_: Received, body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }
}

impl<'de> Deserialize<'de> for Received {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ids = deserializer.deserialize_map(IdVisitor)?;
        Ok(Self { numeric_ids: ids.numbered(None).collect(), action: None })
    }
}

impl<'de> Deserialize<'de> for ReceivedList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let numeric_ids = deserializer.deserialize_map(ListVisitor)?;
        Ok(Self(Received { numeric_ids, action: None }))
    }
}

/// The ids of an object, and of the provider in it, as far as they came as numbers.
#[derive(Default)]
struct Ids {
    own: Option<String>,
    of_provider: Option<String>,
}

impl Ids {
    fn numbered(self, item: Option<usize>) -> impl Iterator<Item = NumericId> {
        let id = move |of_provider| move |id| NumericId { item, of_provider, id };
        self.own.map(id(false)).into_iter().chain(self.of_provider.map(id(true)))
    }
}

impl<'de> Deserialize<'de> for Ids {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IdVisitor)
    }
}

struct IdVisitor;

impl<'de> de::Visitor<'de> for IdVisitor {
    type Value = Ids;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an `id`")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Ids, A::Error> {
        let (mut id, mut of_provider) = (None, None);
        while let Some(Text(name)) = fields.next_key()? {
            match &*name {
                "id" => id = Some(fields.next_value()?),
                "provider" => {
                    of_provider = fields.next_value::<Value>()?.get("id").filter(|id| id.is_number()).cloned()
                }
                // Looked through, not skipped: texts must be texts.
                _ => drop(fields.next_value::<Json<'_>>()?),
            }
        }
        let of_provider = of_provider.map(|id| id.to_string());
        match id {
            Some(Value::String(_)) => Ok(Ids { own: None, of_provider }),
            Some(Value::Number(id)) => Ok(Ids { own: Some(id.to_string()), of_provider }),
            _ => Err(de::Error::custom("it needs an `id`")),
        }
    }
}

struct ListVisitor;

impl<'de> de::Visitor<'de> for ListVisitor {
    type Value = Vec<NumericId>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut items = None;
        while let Some(Text(name)) = fields.next_key()? {
            if name == "items" {
                items = Some(fields.next_value::<Vec<Ids>>()?);
            } else {
                fields.next_value::<Json<'_>>()?;
            }
        }
        let items = items.ok_or_else(|| de::Error::custom("a list needs `items`"))?;
        Ok(items.into_iter().enumerate().flat_map(|(item, ids): (_, Ids)| ids.numbered(Some(item))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_ids_keep_all_their_digits() {
        let one: Received = serde_json::from_str(r#"{"id": 12345678901234567890}"#).expect("an integration");
        assert_eq!(one.numeric_ids[0].id, "12345678901234567890");
        let list: ReceivedList =
            serde_json::from_str(r#"{"total": 2, "items": [{"id": "1"}, {"id": 7}]}"#).expect("a list");
        assert_eq!((list.0.numeric_ids[0].item, list.0.numeric_ids[0].id.as_str()), (Some(1), "7"));
    }

    #[test]
    fn what_is_no_list_is_refused() {
        for text in ["[]", "{}", "null", r#"{"items": null}"#, r#"{"items": [{}]}"#, r#"{"items": ["1"]}"#] {
            assert!(serde_json::from_str::<ReceivedList>(text).is_err(), "{text}");
        }
    }
}
