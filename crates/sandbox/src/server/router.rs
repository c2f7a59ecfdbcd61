//! The API as a router.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

use crate::contract::error_response::ErrorResponse;
use crate::server::handlers;
use crate::server::journal_middleware::note;
use crate::server::state::Server;

/// Returns the API. The local routes of the sandbox are a router of their own.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        // The document, not the router, knows the addresses: the journal and the API name a request alike.
        .fallback(handlers::handle)
        // One layer for everything before the routes, since each layer costs every request some allocations.
        .layer(from_fn_with_state(server.clone(), note))
        .layer(DefaultBodyLimit::max(server.settings.max_body_bytes))
        .with_state(server)
}

/// Returns the router for plain HTTP to the API of a sandbox that speaks TLS.
pub fn refused() -> Router {
    Router::new()
        .fallback(async || ErrorResponse::bad_request("the request is in plain HTTP; this server requires https"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use serde_json::{Value, json};
    use tower_service::Service;

    use super::*;
    use crate::contract::document::Document;
    use crate::server::settings::Settings;

    struct Api(Arc<Server>);

    impl Api {
        fn new(document: &Document) -> Self {
            Self(Arc::new(
                Server::new(Settings { burst: 0, steady: 0, max_in_flight: 0, ..Settings::default() }, document)
                    .unwrap(),
            ))
        }

        /// Returns status and body, which is null when there is none.
        async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
            let request = Request::builder().method(method).uri(path).header("Authorization", "Bearer any");
            let request = request.header("Content-Type", "application/json").body(Body::from(body.to_string()));
            let response = router(self.0.clone()).call(request.unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, serde_json::from_slice(&bytes).unwrap_or_default())
        }
    }

    #[tokio::test]
    async fn operations_of_the_document_are_all_served() {
        let document = Document::bundled().unwrap();
        let api = Api::new(&document);
        for operation in document.operations() {
            let path = operation.path.replace("{id}", "7");
            let (status, body) = api.ask(&operation.method.to_ascii_uppercase(), &path, json!({})).await;
            assert!([200, 400, 404].contains(&status), "{}: {status} {body}", operation.id);
        }
    }

    #[tokio::test]
    async fn new_provider_needs_no_code() {
        let document = Document::with_one_more_provider();
        let api = Api::new(&document);
        let all = "/v1/hood/integrations";
        let new = |settings: Value| json!({ "name": "n", "provider_id": "pigeon", "settings": settings });
        let done = (204, Value::Null);

        let (_, providers) = api.ask("GET", "/v1/hood/providers", Value::Null).await;
        let pigeon = providers["items"].as_array().unwrap().last().unwrap();
        assert_eq!(
            *pigeon,
            json!({ "id": "pigeon", "type": "letter", "name": "Carrier Pigeon", "logo": null, "settings": [
                { "title": "Loft", "name": "loft", "type": "string", "required": true, "deprecated": false },
                { "title": "Birds", "name": "birds", "type": "integer", "required": false, "deprecated": false },
                { "title": "Ring", "name": "ring", "type": "string", "required": false, "deprecated": false },
                { "title": "Whistle ID", "name": "whistle_id", "type": "string", "required": false, "deprecated": true },
            ] })
        );

        let settings = json!({ "loft": "north", "whistle_id": "s" });
        assert_eq!(api.ask("POST", &format!("{all}/validate"), new(settings.clone())).await, done);
        let (status, refused) = api.ask("POST", &format!("{all}/validate"), new(json!({ "loft": "x" }))).await;
        assert_eq!((status, &refused["message"]), (400, &json!(r#"settings.loft must be one of "north", "south""#)));
        let (status, created) = api.ask("POST", all, new(settings)).await;
        assert_eq!((status, &created["type"]), (201, &json!("letter")));

        let path = format!("{all}/{}", created["id"].as_str().unwrap());
        let (status, refused) = api.ask("PATCH", &path, json!({ "settings": { "birds": 0 } })).await;
        assert_eq!(status, 400);
        assert!(refused["message"].as_str().unwrap().starts_with("settings.birds "), "{refused}");
        let change = json!({ "settings": { "birds": 2, "ring": null, "keyy": 1 } });
        assert_eq!(api.ask("PATCH", &path, change).await, done);
        let by_id = json!({ "integration": { "id": created["id"] } });
        assert_eq!(api.ask("POST", "/v1/hood/test-notification", by_id.clone()).await, done);

        let query = "provider_id=pigeon&type=letter&view=full&sort=provider_id";
        let (_, list) = api.ask("GET", &format!("{all}?{query}"), Value::Null).await;
        let item = &list["items"][0];
        assert_eq!((&list["total"], &item["provider"]), (&json!(1), pigeon));
        assert_eq!(item["settings"], json!({ "loft": "north", "whistle_id": "s", "birds": 2, "ring": null }));
        assert_eq!(item["effective_status"], "active");

        assert_eq!(api.ask("PATCH", &path, json!({ "settings": { "whistle_id": "invalid" } })).await, done);
        let (status, refused) = api.ask("POST", "/v1/hood/test-notification", by_id).await;
        assert_eq!((status, &refused["message"]), (400, &json!("the provider does not accept the credentials")));
    }
}
