//! `sendTestNotification`.

use axum::response::Response;

use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, no_content, not_accepted, not_found};
use crate::server::handlers::validate::credentials;

pub async fn send(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.unchecked().await?;
    let (server, integration) = (call.server, &call.body["integration"]);
    let is_new = integration.is_object() && integration.get("id").is_none();
    // Names the missing fields, where the operation's own schema only reports that neither form matches.
    if is_new {
        server.test_of_new.check(&call.body).map_err(ErrorResponse::bad_request)?;
    }
    call.check()?;
    if is_new {
        credentials(server, integration)?;
        call.committed(None);
        return Ok(no_content());
    }
    let id = integration["id"].as_str().unwrap_or_default();
    // The settings do not change during the test.
    let tested = server.store.update(id, |it| {
        let accepted = server.providers.get(&it.provider_id).is_some_and(|provider| provider.accepts(&it.settings));
        it.tested = accepted;
        accepted
    });
    if !tested.ok_or_else(not_found)? {
        return Err(not_accepted());
    }
    call.committed(Some(id));
    Ok(no_content())
}
