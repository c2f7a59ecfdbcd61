//! Writes each request into the journal: when it arrives, and when it is over.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, USER_AGENT};
use axum::middleware::Next;
use axum::response::Response;

use crate::account::journal::{Entry, Ticket, short};
use crate::contract::error_response::ErrorDetails;
use crate::server::exchange::Exchange;
use crate::server::faulty_stream::StreamHandle;
use crate::server::gate::gate;
use crate::server::state::Server;

/// Stands before all else.
pub async fn record(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let wire = request.extensions_mut().remove::<StreamHandle>().unwrap_or_default();
    let agent = request.headers().get(USER_AGENT).map(|value| short(&String::from_utf8_lossy(value.as_bytes())));
    let early = wire.request();
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
    keep(&server, ticket, &request);
    request.extensions_mut().insert(Exchange { ticket, wire: wire.clone(), has_fault: early.is_some() });
    let mut open = Open { server: &server, ticket, status: None, told: None };
    let mut response = gate(&server, request, next).await;
    open.status = wire.answer().then(|| response.status().as_u16());
    open.told = response.extensions_mut().remove::<ErrorDetails>().map(Box::new);
    response
}

/// Keeps what the inspector needs to show how a request is sent again, but for its body. Most have nothing of it.
fn keep(server: &Server, ticket: Ticket, request: &Request) {
    let query = request.uri().query();
    let kind = request.headers().get(CONTENT_TYPE).filter(|value| *value != "application/json");
    if query.is_some() || kind.is_some() {
        let (query, kind) = (query.map(short), kind.map(|it| short(&String::from_utf8_lossy(it.as_bytes()))));
        server.journal.keep(ticket, |sent| (sent.query, sent.content_type) = (query, kind));
    }
}

/// A request that is not over: it is when this is dropped, even if nobody waits for its answer any more.
struct Open<'a> {
    server: &'a Server,
    ticket: Ticket,
    status: Option<u16>,
    told: Option<Box<ErrorDetails>>,
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.server.journal.over(self.ticket, self.status, self.told.take());
    }
}
