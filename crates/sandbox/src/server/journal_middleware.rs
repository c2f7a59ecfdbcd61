//! Adds each request to the journal when it arrives and when it ends.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::middleware::Next;
use axum::response::Response;

use crate::account::journal::{Entry, Ticket, short};
use crate::contract::error_response::ErrorDetails;
use crate::server::faulty_stream::{Exchange, StreamHandle};
use crate::server::gate::gate;
use crate::server::state::Server;

/// The first middleware.
pub async fn journal(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let stream = request.extensions_mut().remove::<StreamHandle>().unwrap_or_default();
    let agent = request.headers().get(USER_AGENT).map(|value| short(&String::from_utf8_lossy(value.as_bytes())));
    let early = stream.request();
    let ticket = match early {
        Some(ticket) => {
            server.journal.note(ticket, |entry| entry.user_agent = agent);
            ticket
        }
        None => {
            let entry = server.entry(request.method().as_str(), request.uri().path());
            server.journal.arrived(Entry { user_agent: agent, ..entry })
        }
    };
    if let Some(arrival) = stream.arrival() {
        server.journal.learn(arrival, |it| it.request = Some(ticket.id()));
    }
    keep_content(&server, ticket, &request);
    request.extensions_mut().insert(Exchange { ticket, stream: stream.clone(), has_fault: early.is_some() });
    let mut open = Open { server: &server, ticket, status: None, error: None };
    let mut response = gate(&server, ticket, request, next).await;
    open.status = stream.response().then(|| response.status().as_u16());
    open.error = response.extensions_mut().remove::<ErrorDetails>().map(Box::new);
    response
}

/// Keeps the query and the content type, with which the inspector shows how to send a request again. Most have neither.
fn keep_content(server: &Server, ticket: Ticket, request: &Request) {
    let query = request.uri().query();
    if let Some(query) = query {
        let masked = short(&server.masking.query(query));
        server.journal.note(ticket, |entry| entry.query = Some(masked));
    }
    let kind = request.headers().get(CONTENT_TYPE).filter(|value| *value != "application/json");
    if query.is_some() || kind.is_some() {
        let (query, kind) = (query.map(short), kind.map(|it| short(&String::from_utf8_lossy(it.as_bytes()))));
        server.journal.keep(ticket, |sent| (sent.query, sent.content_type) = (query, kind));
    }
}

/// A request in flight. It ends when this is dropped, even if nobody waits for its response any more.
struct Open<'a> {
    server: &'a Server,
    ticket: Ticket,
    status: Option<u16>,
    error: Option<Box<ErrorDetails>>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.server.journal.end(self.ticket, self.status, self.error.take());
    }
}
