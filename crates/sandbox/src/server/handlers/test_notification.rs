//! `sendTestNotification`.

use axum::response::Response;

use crate::contract::error_response::ErrorResponse;
use crate::server::handlers::call::{Call, invalid, not_accepted, not_found, nothing_to_say};
use crate::server::handlers::validate::credentials;

pub async fn send(call: Call<'_>) -> Result<Response, ErrorResponse> {
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
