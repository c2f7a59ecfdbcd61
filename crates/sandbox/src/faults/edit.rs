//! Changes the correct response.

use axum::body::{Body, to_bytes};
use axum::http::StatusCode;
use axum::http::header::CONTENT_LENGTH;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::faults::fault::Change;
use crate::faults::response::set_headers;

impl Change {
    /// Changes a successful response. Others stay the same.
    pub async fn apply(&self, response: Response) -> Response {
        if !response.status().is_success() {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let Ok(bytes) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if let Some(status) = self.status.and_then(|status| StatusCode::from_u16(status).ok()) {
            parts.status = status;
        }
        set_headers(&mut parts.headers, &self.headers);
        let body = match serde_json::from_slice(&bytes) {
            Ok(mut body) => {
                self.edit(&mut body);
                Body::from(body.to_string())
            }
            // A response without a body has no values to change.
            Err(_) => Body::from(bytes),
        };
        parts.headers.remove(CONTENT_LENGTH);
        Response::from_parts(parts, body)
    }

    fn edit(&self, body: &mut Value) {
        for (pointer, value) in &self.set {
            with_parent(body, pointer, |parent, key| match parent {
                Value::Object(members) => {
                    members.insert(key, value.clone());
                }
                Value::Array(items) => match key.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                    Some(item) => *item = value.clone(),
                    None => items.push(value.clone()),
                },
                _ => {}
            });
        }
        for pointer in &self.remove {
            with_parent(body, pointer, |parent, key| match parent {
                Value::Object(members) => {
                    members.shift_remove(&key);
                }
                Value::Array(items) => {
                    if let Some(index) = key.parse().ok().filter(|index| *index < items.len()) {
                        items.remove(index);
                    }
                }
                _ => {}
            });
        }
    }
}

/// Edits the parent of a JSON Pointer's value, if it exists.
fn with_parent(body: &mut Value, pointer: &str, edit: impl FnOnce(&mut Value, String)) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(parent) = body.pointer_mut(parent) {
        edit(parent, key.replace("~1", "/").replace("~0", "~"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_set_and_removed_at_their_pointers() {
        let change = Change {
            set: [
                ("/a", json!(null)),
                ("/new", json!(1)),
                ("/in/a~1b~01", json!("x")),
                ("/list/0", json!("first")),
                ("/list/-", json!("last")),
                ("/nowhere/x", json!(1)),
            ]
            .map(|(pointer, value)| (pointer.to_owned(), value))
            .into(),
            remove: ["/gone", "/list/1", "/list/9", "/nothing"].map(str::to_owned).into(),
            ..Change::default()
        };
        let mut body = json!({ "a": 1, "in": {}, "gone": 2, "list": ["x", "y"] });
        change.edit(&mut body);
        assert_eq!(body, json!({ "a": null, "in": { "a/b~1": "x" }, "list": ["first", "last"], "new": 1 }));
    }
}
