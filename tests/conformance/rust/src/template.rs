//! JSON as changes to an example, with words in braces for values that depend on the provider.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Result;

/// Changes to an example, or other JSON.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Template {
    json: Option<Value>,
    /// Values by JSON Pointer.
    set: Map<String, Value>,
    /// JSON Pointers.
    remove: Vec<String>,
}

impl Template {
    /// Returns the resulting JSON.
    pub fn apply(self, example: &Value) -> Result<Value> {
        let mut value = self.json.unwrap_or_else(|| example.clone());
        for (pointer, new) in self.set {
            match value.pointer_mut(&pointer) {
                Some(old) => *old = new,
                None => {
                    let (parent, name) = parent(&mut value, &pointer)?;
                    parent.insert(name, new);
                }
            }
        }
        for pointer in self.remove {
            let (parent, name) = parent(&mut value, &pointer)?;
            parent.remove(&name).ok_or_else(|| format!("there is no {pointer} to remove"))?;
        }
        Ok(value)
    }
}

/// Returns the object that a pointer leads into, and the name of its member.
fn parent<'a>(value: &'a mut Value, pointer: &str) -> Result<(&'a mut Map<String, Value>, String)> {
    let (parent, name) = pointer.rsplit_once('/').ok_or_else(|| format!("{pointer:?} is not a JSON Pointer"))?;
    let parent = value.pointer_mut(parent).and_then(Value::as_object_mut);
    Ok((parent.ok_or_else(|| format!("{pointer} leads nowhere"))?, name.to_owned()))
}

/// Replaces the words in all texts and names.
pub fn fill(value: Value, words: &[(String, String)]) -> Value {
    let text = |text: String| words.iter().fold(text, |text, (word, meant)| text.replace(word.as_str(), meant));
    match value {
        Value::String(it) => Value::String(text(it)),
        Value::Array(all) => all.into_iter().map(|value| fill(value, words)).collect(),
        Value::Object(all) => all.into_iter().map(|(name, value)| (text(name), fill(value, words))).collect(),
        other => other,
    }
}
