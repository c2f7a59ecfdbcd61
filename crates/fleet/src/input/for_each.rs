//! Deserializes the items of a list one by one.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};

/// Calls a function with each item of a list, so that the list is never in memory as a whole.
pub struct ForEach<F, T>(F, PhantomData<fn(T)>);

impl<F: FnMut(T), T> ForEach<F, T> {
    pub fn new(item: F) -> Self {
        Self(item, PhantomData)
    }
}

impl<'de, F: FnMut(T), T: Deserialize<'de>> DeserializeSeed<'de> for ForEach<F, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(T), T: Deserialize<'de>> Visitor<'de> for ForEach<F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
}
