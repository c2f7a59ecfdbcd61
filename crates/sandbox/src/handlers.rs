//! What the operations do.

mod create;
mod list;
mod providers;
mod test_notification;
mod update;
mod validate;

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

pub use test_notification::whole;

use crate::answer::{Reason, Refusal};
use crate::body;
use crate::journal::{Body, Ticket, short};
use crate::operations::Operation;
use crate::parameters::Values;
use crate::server::{Exchange, Server};

/// Answers a request.
pub async fn handle(
    State(server): State<Arc<Server>>,
    Extension(exchange): Extension<Exchange>,
    request: Request,
) -> Result<Response, Refusal> {
    let path = request.uri().path();
    let operation = server.operations.find(request.method().as_str(), path)?;
    let call = Call {
        server: &server,
        operation,
        ticket: exchange.ticket,
        path: operation.path_values(path)?,
        query: operation.parameters.query(request.uri().query())?,
        request,
    };
    match operation.id.as_str() {
        "createIntegration" => create::create(call).await,
        "validateIntegration" => validate::validate(call).await,
        "listIntegrations" => Ok(list::list(&call)),
        "getIntegration" => list::get(&call),
        "updateIntegration" => update::update(call).await,
        "listProviders" => Ok(providers::list(&call)),
        "sendTestNotification" => test_notification::send(call).await,
        _ => Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "the sandbox does not know this operation yet")),
    }
}

/// A request of which the address has been checked.
struct Call<'a> {
    server: &'a Server,
    operation: &'a Operation,
    ticket: Ticket,
    path: Values,
    query: Values,
    request: Request,
}

/// What is left of a call when its body has been read.
struct Carried<'a> {
    server: &'a Server,
    operation: &'a Operation,
    ticket: Ticket,
    path: Values,
    body: Value,
}

impl<'a> Call<'a> {
    /// Reads the body, and checks it.
    async fn carried(self) -> Result<Carried<'a>, Refusal> {
        let carried = self.unchecked().await?;
        carried.check()?;
        Ok(carried)
    }

    /// Reads the body, which is JSON.
    async fn unchecked(self) -> Result<Carried<'a>, Refusal> {
        let Self { server, operation, ticket, path, request, .. } = self;
        let bytes = body::read(request, server.max_body_bytes).await?;
        let sent = Body::of(&bytes);
        server.journal.keep(ticket, |it| it.body = Some(sent));
        let body = body::json(&bytes)?;
        let name = body["name"].as_str().map(short);
        server.journal.note(ticket, |entry| entry.name = name);
        Ok(Carried { server, operation, ticket, path, body })
    }
}

impl Carried<'_> {
    fn check(&self) -> Result<(), Refusal> {
        self.operation.body.as_ref().map_or(Ok(()), |schema| schema.check(&self.body).map_err(invalid))
    }

    /// Writes into the journal that the request was carried out, and with which integration.
    fn committed(&self, integration: Option<&str>) {
        self.server.journal.note(self.ticket, |entry| {
            entry.integration_id = integration.map(str::to_owned);
            entry.committed = true;
        });
    }
}

/// The integration's id in the path.
fn id(path: &Values) -> &str {
    path.get("id").unwrap_or_default()
}

fn invalid(reason: impl Into<Reason>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, reason)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is no integration with this id")
}

fn not_accepted() -> Refusal {
    invalid("the provider does not accept the credentials")
}

fn nothing_to_say() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use axum::body::{Body, to_bytes};
    use serde_json::json;
    use tower_service::Service;

    use super::*;
    use crate::Builder;
    use crate::document::Document;

    struct Api(Arc<Server>);

    impl Api {
        fn new(document: &Document) -> Self {
            Self(Arc::new(Server::new(&Builder::default().no_limits(), document).unwrap()))
        }

        /// Status and body, which is null when there is none.
        async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
            let request = Request::builder().method(method).uri(path).header("Authorization", "Bearer any");
            let request = request.header("Content-Type", "application/json").body(Body::from(body.to_string()));
            let response = self.0.router().call(request.unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, serde_json::from_slice(&bytes).unwrap_or_default())
        }
    }

    #[tokio::test]
    async fn every_operation_of_the_document_is_served() {
        let document = Document::bundled().unwrap();
        let api = Api::new(&document);
        for operation in document.operations() {
            let path = operation.path.replace("{id}", "7");
            let (status, body) = api.ask(&operation.method.to_ascii_uppercase(), &path, json!({})).await;
            assert!([200, 400, 404].contains(&status), "{}: {status} {body}", operation.id);
        }
    }

    #[tokio::test]
    async fn one_more_provider_needs_no_code() {
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
