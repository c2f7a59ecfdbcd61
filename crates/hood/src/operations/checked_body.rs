//! A response body, decoded once: into a type, or for the bindings into checked JSON.

use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::model::{Json, Text};

/// Form of a response that the API promises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Nothing: a body that the server sends all the same must be JSON, and is not used.
    Nothing,
    /// An object with an `id`.
    Item,
    /// An object with `items`, each of which has an `id`.
    List,
    /// Any text.
    Text,
}

/// The result of a response.
pub trait FromBody: Sized + Send {
    /// Decodes a body; `None` where it is not as promised.
    fn from_body(body: &Bytes, shape: Shape) -> Option<Self>;

    /// Reads a result that was composed of checked JSON.
    fn from_checked(body: CheckedBody) -> Option<Self>;
}

impl<T: DeserializeOwned + Send> FromBody for T {
    fn from_body(body: &Bytes, shape: Shape) -> Option<Self> {
        match shape {
            Shape::Nothing => CheckedBody::from_body(body, shape).and_then(Self::from_checked),
            // As text, whose characters are checked at once and not for each string.
            _ => serde_json::from_str(str::from_utf8(body).ok()?).ok(),
        }
    }

    fn from_checked(body: CheckedBody) -> Option<Self> {
        serde_json::from_str(body.as_str()).ok()
    }
}

/// JSON of a response that has the promised form. All ids are strings, also those that were sent as numbers, which not
/// every language reads exactly.
#[doc(hidden)]
#[derive(Clone, Default)]
pub struct CheckedBody(Bytes);

impl CheckedBody {
    /// Takes JSON that was composed of checked JSON.
    pub(crate) fn composed(json: String) -> Self {
        Self(json.into())
    }

    /// Returns the JSON, secrets in clear.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromBody for CheckedBody {
    fn from_body(body: &Bytes, shape: Shape) -> Option<Self> {
        let text = str::from_utf8(body).ok()?;
        let ids = match shape {
            // A page of a gateway is no promise of the API.
            Shape::Nothing if text.is_empty() || serde_json::from_str::<IgnoredAny>(text).is_ok() => {
                return Some(Self(Bytes::from_static(b"null")));
            }
            Shape::Nothing => return None,
            Shape::Text => return Some(Self(body.clone())),
            Shape::Item => vec![serde_json::from_str::<Ids<'_>>(text).ok()?],
            Shape::List => serde_json::from_str::<ListIds<'_>>(text).ok()?.0,
        };
        let ids =
            ids.iter().flat_map(|ids| [Some(ids.own), ids.of_company, ids.of_provider, ids.of_embedded]).flatten();
        let numbers: Vec<_> = ids.filter(|id| is_number(id)).map(|id| place(id, body)).collect();
        Some(Self(if numbers.is_empty() { body.clone() } else { quoted(body, &numbers) }))
    }

    fn from_checked(body: CheckedBody) -> Option<Self> {
        Some(body)
    }
}

impl fmt::Debug for CheckedBody {
    /// Leaves out the JSON, which has secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedBody").finish_non_exhaustive()
    }
}

/// Returns the place of a value that was borrowed from the body.
fn place(value: &RawValue, body: &[u8]) -> Range<usize> {
    let start = value.get().as_ptr() as usize - body.as_ptr() as usize;
    start..start + value.get().len()
}

/// Returns the body with quotes around these places.
fn quoted(body: &[u8], places: &[Range<usize>]) -> Bytes {
    let mut places = places.to_vec();
    places.sort_by_key(|place| place.start);
    let mut text = Vec::with_capacity(body.len() + 2 * places.len());
    let mut end = 0;
    for place in places {
        text.extend_from_slice(&body[end..place.start]);
        text.push(b'"');
        text.extend_from_slice(&body[place.clone()]);
        text.push(b'"');
        end = place.end;
    }
    text.extend_from_slice(&body[end..]);
    text.into()
}

/// The ids of an object, and of the provider in it. Its own is a string or a number, and the others may be anything.
struct Ids<'a> {
    own: &'a RawValue,
    of_company: Option<&'a RawValue>,
    of_provider: Option<&'a RawValue>,
    of_embedded: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Ids<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(IdsVisitor)
    }
}

struct IdsVisitor;

impl<'de> de::Visitor<'de> for IdsVisitor {
    type Value = Ids<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an `id`")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<Ids<'de>, A::Error> {
        let (mut own, mut of_company, mut of_provider, mut of_embedded) = (None, None, None, None);
        while let Some(Text(name)) = fields.next_key()? {
            match &*name {
                "id" => own = Some(fields.next_value()?),
                "company_id" => of_company = Some(checked::<A::Error>(fields.next_value()?)?),
                "provider_id" => of_provider = Some(checked::<A::Error>(fields.next_value()?)?),
                "provider" => of_embedded = provider_id::<A::Error>(fields.next_value()?)?,
                // Read, not skipped: texts must be texts.
                _ => drop(fields.next_value::<Json<'_>>()?),
            }
        }
        let own: &RawValue = own.ok_or_else(|| de::Error::missing_field("id"))?;
        match serde_json::from_str(own.get()) {
            Ok(Json::String(_) | Json::Number { .. }) => Ok(Ids { own, of_company, of_provider, of_embedded }),
            _ => Err(de::Error::custom("an `id` must be a string or a number")),
        }
    }
}

/// Returns a value whose texts are texts.
fn checked<E: de::Error>(value: &RawValue) -> Result<&RawValue, E> {
    serde_json::from_str::<Json<'_>>(value.get()).map_err(E::custom).map(|_| value)
}

fn is_number(value: &RawValue) -> bool {
    value.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

/// Returns the id of an embedded provider, if it has one.
fn provider_id<E: de::Error>(provider: &RawValue) -> Result<Option<&RawValue>, E> {
    let provider = checked(provider)?;
    Ok(serde_json::from_str::<Ids<'_>>(provider.get()).ok().map(|ids| ids.own))
}

/// The ids of a list's items.
struct ListIds<'a>(Vec<Ids<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for ListIds<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ListVisitor)
    }
}

struct ListVisitor;

impl<'de> de::Visitor<'de> for ListVisitor {
    type Value = ListIds<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `items`")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut fields: A) -> Result<ListIds<'de>, A::Error> {
        let mut items = None;
        while let Some(Text(name)) = fields.next_key()? {
            if name == "items" {
                items = Some(fields.next_value()?);
            } else {
                fields.next_value::<Json<'_>>()?;
            }
        }
        items.map(ListIds).ok_or_else(|| de::Error::missing_field("items"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str, shape: Shape) -> Option<String> {
        CheckedBody::from_body(&Bytes::copy_from_slice(text.as_bytes()), shape).map(|body| body.as_str().to_owned())
    }

    #[test]
    fn numeric_ids_become_strings_with_all_their_digits() {
        let one = checked(r#"{"n": 1.50, "provider": {"id": 2}, "id": 12345678901234567890}"#, Shape::Item);
        assert_eq!(one.as_deref(), Some(r#"{"n": 1.50, "provider": {"id": "2"}, "id": "12345678901234567890"}"#));
        let all = checked(r#"{"id": 1, "company_id": 2, "provider_id": 3, "other_id": 4}"#, Shape::Item);
        assert_eq!(all.as_deref(), Some(r#"{"id": "1", "company_id": "2", "provider_id": "3", "other_id": 4}"#));
        let list = checked(r#"{"total": 2, "items": [{"id": "1"}, {"id": 7}]}"#, Shape::List);
        assert_eq!(list.as_deref(), Some(r#"{"total": 2, "items": [{"id": "1"}, {"id": "7"}]}"#));
    }

    #[test]
    fn body_of_another_form_is_refused() {
        for text in ["[]", "{}", "null", r#"{"items": null}"#, r#"{"items": [{}]}"#, r#"{"items": ["1"]}"#] {
            assert_eq!(checked(text, Shape::List), None, "{text}");
        }
        for text in ["[]", "{}", r#"{"id": null}"#, r#"{"id": {}}"#, r#"{"id": "1", "name": "\ud800"}"#] {
            assert_eq!(checked(text, Shape::Item), None, "{text}");
        }
    }

    #[test]
    fn unpromised_body_is_not_used_and_must_be_json() {
        for (body, expected) in [("", Some(())), (r#"{"id": 7}"#, Some(())), ("<html>", None), (r#"{"id": "#, None)] {
            assert_eq!(checked(body, Shape::Nothing).map(|text| assert_eq!(text, "null")), expected, "{body}");
            assert_eq!(<()>::from_body(&Bytes::from_static(body.as_bytes()), Shape::Nothing), expected, "{body}");
        }
    }
}
