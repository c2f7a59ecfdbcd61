//! `sendTestNotification`.

use axum::response::Response;
use serde_json::json;

use super::validate::credentials;
use super::{Call, invalid, not_accepted, not_found, nothing_to_say};
use crate::Error;
use crate::answer::Refusal;
use crate::document::Document;
use crate::schema::Schema;

/// What a test message is sent for when it is not for an integration that is there.
pub fn whole(document: &Document) -> Result<Schema, Error> {
    let new = document.operation("createIntegration")?.body().cloned().unwrap_or_default();
    document.schema(&json!({ "properties": { "integration": new } }))
}

pub async fn send(call: Call<'_>) -> Result<Response, Refusal> {
    let call = call.unchecked().await?;
    let (server, integration) = (call.server, &call.body["integration"]);
    let is_whole = integration.is_object() && integration.get("id").is_none();
    // Says what is missing, where the operation's own schema knows only that it is neither form.
    if is_whole {
        server.test_whole.check(&call.body).map_err(invalid)?;
    }
    call.check()?;
    if is_whole {
        credentials(server, integration)?;
        call.committed(None);
        return Ok(nothing_to_say());
    }
    let id = integration["id"].as_str().unwrap_or_default();
    // While it is tested its settings do not change.
    let tested = server.store.update(id, |it| {
        let accepted = server.providers.get(&it.provider_id).is_some_and(|provider| provider.accepts(&it.settings));
        it.tested = accepted;
        accepted
    });
    if !tested.ok_or_else(not_found)? {
        return Err(not_accepted());
    }
    call.committed(Some(id));
    Ok(nothing_to_say())
}
