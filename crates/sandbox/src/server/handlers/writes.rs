//! The operations with an effect: create, update, and test notifications.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::from_value;

use crate::account::integration::{Integration, NewIntegration, Update};
use crate::contract::error_response::{self, ErrorResponse};
use crate::contract::unknowns::{Duplicates, Names, NullSetting};
use crate::server::handlers::call::{Call, no_content, not_accepted, not_found};
use crate::server::handlers::reads::check_credentials;

/// `createIntegration`.
pub async fn create(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let mut call = call.checked().await?;
    let assumed = &call.server.assumed;
    let mut new: NewIntegration = from_value(call.body.take()).map_err(|_| ErrorResponse::server_error())?;
    new.name = stored_name(new.name, assumed.names);
    let exists = |it: &Arc<Integration>| it.name == new.name && it.provider_id == new.provider_id;
    if assumed.duplicates == Duplicates::Refused && call.server.store.all(Some(call.account)).iter().any(exists) {
        return Err(ErrorResponse::new(StatusCode::CONFLICT, "an integration with this name and provider exists"));
    }
    let created = call.server.store.create(call.account, new);
    let (created, dropped) = created.ok_or_else(ErrorResponse::server_error)?;
    call.committed_for(Some(&created.id), dropped);
    Ok(error_response::json(assumed.create_status.status(), &*created))
}

/// Returns a name in the form that is stored.
fn stored_name(name: String, form: Names) -> String {
    match form {
        Names::Exact => name,
        Names::Trimmed => name.trim().to_owned(),
        Names::Lower => name.to_lowercase(),
    }
}

/// `updateIntegration`.
pub async fn update(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let mut call = call.checked().await?;
    let mut update: Update = from_value(call.body.take()).map_err(|_| ErrorResponse::server_error())?;
    let (store, assumed) = (&call.server.store, &call.server.assumed);
    update.name = update.name.map(|name| stored_name(name, assumed.names));
    // The provider of an integration, which determines its settings, never changes.
    let provider_id =
        store.get(call.account, call.id()).ok_or_else(|| not_found(call.server, call.id()))?.provider_id.clone();
    call.is_of(&provider_id);
    let provider = call.server.providers.get(&provider_id).ok_or_else(ErrorResponse::server_error)?;
    update.settings = update.settings.map(|settings| provider.check_update(settings)).transpose()?;
    if let (NullSetting::Ignored, Some(settings)) = (assumed.null_setting, &mut update.settings) {
        settings.retain(|_, value| !value.is_null());
    }
    store
        .update(call.account, call.id(), |integration| {
            integration.apply(update);
            if let (NullSetting::Removed, Some(settings)) = (assumed.null_setting, integration.settings.as_object_mut())
            {
                settings.retain(|_, value| !value.is_null());
            }
        })
        .ok_or_else(|| not_found(call.server, call.id()))?;
    call.committed(Some(call.id()));
    Ok(no_content(call.server))
}

/// `sendTestNotification`.
pub async fn send_test(call: Call<'_>) -> Result<Response, ErrorResponse> {
    let call = call.unchecked().await?;
    let (server, account, integration) = (call.server, call.account, &call.body["integration"]);
    let is_new = integration.is_object() && integration.get("id").is_none();
    // Names the missing fields, where the operation's own schema only reports that neither form matches.
    if is_new {
        server.test_of_new.check(&call.body)?;
    }
    call.check()?;
    if is_new {
        check_credentials(server, integration)?;
        call.committed(None);
        return Ok(no_content(server));
    }
    let id = integration["id"].as_str().unwrap_or_default();
    server.store.get(account, id).inspect(|it| call.is_of(&it.provider_id));
    // The settings do not change during the test.
    let tested = server.store.update(account, id, |it| {
        it.tested = server.providers.get(&it.provider_id).is_some_and(|provider| provider.accepts(&it.settings));
        it.tested
    });
    if !tested.ok_or_else(|| not_found(server, id))? {
        return Err(not_accepted(server));
    }
    call.committed(Some(id));
    Ok(no_content(server))
}
