//! Deserializes the items of a list one by one.

use std::fmt;

use serde::Deserialize;
use serde::de::{SeqAccess, Visitor};

/// Calls a function with each item of a list, so that the list is never in memory as a whole.
pub struct EachItem<'f, T>(pub &'f mut dyn FnMut(T));

impl<'de, T: Deserialize<'de>> Visitor<'de> for EachItem<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        std::iter::from_fn(|| items.next_element().transpose()).try_for_each(|item| item.map(&mut *self.0))
    }
}
