//! Adds each request to the journal when it arrives and when it ends.

use std::sync::Arc;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::account::journal::{self, Entry, Headers, LONGEST, Ticket, short};
use crate::contract::error_response::ErrorDetails;
use crate::server::faulty_stream::{Exchange, StreamHandle};
use crate::server::gate::gate;
use crate::server::state::Server;

/// The first middleware.
pub async fn note(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
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
    keep_request(&server, ticket, &request);
    request.extensions_mut().insert(Exchange { ticket, stream: stream.clone(), has_fault: early.is_some() });
    let mut open = Open { server: &server, ticket, status: None, error: None };
    let mut response = gate(&server, ticket, request, next).await;
    open.status = stream.response().then(|| response.status().as_u16());
    open.error = response.extensions_mut().remove::<ErrorDetails>().map(Box::new);
    keep_response(&server, ticket, response).await
}

/// Keeps the query and the headers for the inspector.
fn keep_request(server: &Server, ticket: Ticket, request: &Request) {
    let query = request.uri().query();
    if let Some(query) = query {
        let masked = short(&server.masking.query(query));
        server.journal.note(ticket, |entry| entry.query = Some(masked));
    }
    let (query, headers) = (query.map(short), texts(request.headers()));
    server.journal.keep(ticket, |sent| (sent.query, sent.headers) = (query, headers));
}

/// Keeps the response for the inspector, with its body if that is small.
async fn keep_response(server: &Server, ticket: Ticket, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    let size = body.size_hint().exact().and_then(|size| usize::try_from(size).ok());
    // All of a small body is there already, so that nothing waits.
    let (kept, body) = match size {
        Some(size) if size > LONGEST => (journal::Body::of_size(size), body),
        None => (journal::Body::of_size(0), body),
        Some(_) => match to_bytes(body, LONGEST).await {
            Ok(bytes) => (journal::Body::of(&bytes), Body::from(bytes)),
            Err(_) => (journal::Body::of_size(0), Body::empty()),
        },
    };
    let kept = journal::Response { status: parts.status.as_u16(), headers: texts(&parts.headers), body: kept };
    server.journal.keep(ticket, |sent| sent.response = Some(kept));
    Response::from_parts(parts, body)
}

fn texts(headers: &HeaderMap) -> Headers {
    /// A token may be longer than other texts, and must be whole to be sent again.
    const LONGEST: usize = 4 << 10;
    let text = |value: &HeaderValue| String::from_utf8_lossy(&value.as_bytes()[..value.len().min(LONGEST)]).into();
    headers.iter().map(|(name, value)| (name.as_str().into(), text(value))).collect()
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
