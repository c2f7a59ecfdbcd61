//! Applies the fault that fires for a request.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::account::journal::{self, short};
use crate::contract::error_response::ErrorResponse;
use crate::contract::request_body;
use crate::faults::{Ending, Fault, Moment, Position, Rule, Subject};
use crate::server::accounts::Account;
use crate::server::faulty_stream::{Exchange, StreamHandle};
use crate::server::state::Server;

/// The last middleware. Without faults it only passes requests on.
pub async fn apply_fault(server: &Server, request: Request, next: Next) -> Response {
    let exchange = request.extensions().get::<Exchange>().cloned();
    let Some(exchange) = exchange.filter(|_| server.faults.any_once_read()) else {
        return next.run(request).await;
    };
    let (fault, request) = match select(server, &exchange, request).await {
        Ok(selected) => selected,
        Err(error) => return error.into_response(),
    };
    match fault {
        Some(fault) => apply(&fault.fault, server, &exchange.stream, request, next).await,
        None => next.run(request).await,
    }
}

/// Reads the whole request, and selects its fault.
async fn select(
    server: &Server,
    exchange: &Exchange,
    request: Request,
) -> Result<(Option<Arc<Rule>>, Request), ErrorResponse> {
    let (parts, bytes) = request_body::whole(request, server.settings.max_body_bytes).await?;
    if !bytes.is_empty() {
        let sent = journal::Body::of(&bytes);
        server.journal.keep(exchange.ticket, |it| it.body = Some(sent));
    }
    let name = request_body::name(&bytes);
    let account = parts.extensions.get::<Arc<Account>>().map(|it| it.company_id.as_str());
    let seen = Subject { name: name.as_deref(), account, ..Subject::of(parts.method.as_str(), parts.uri.path()) };
    let fault = if exchange.has_fault { None } else { server.faults.once_read(seen) };
    server.journal.note(exchange.ticket, |entry| {
        entry.name = name.as_deref().map(short);
        if let Some(fault) = &fault {
            entry.fault = Some(fault.fault.kind());
        }
    });
    Ok((fault, Request::from_parts(parts, Body::from(bytes))))
}

async fn apply(fault: &Fault, server: &Server, stream: &StreamHandle, request: Request, next: Next) -> Response {
    if let Some((at, ending)) = fault.ending() {
        return end(at, ending, stream, request, next).await;
    }
    match fault {
        Fault::Answer(answer) => {
            if answer.at == Moment::Commit {
                next.run(request).await;
            }
            answer.response()
        }
        Fault::Change(change) => change.apply(next.run(request).await).await,
        Fault::Delay { ms, at: Moment::Read } => late(server, Duration::from_millis(*ms), request, next).await,
        Fault::Delay { ms, at: Moment::Commit } => {
            let response = next.run(request).await;
            sleep(Duration::from_millis(*ms)).await;
            response
        }
        Fault::Hang { at } => {
            if *at == Moment::Commit {
                next.run(request).await;
            }
            pending().await
        }
        Fault::Drip { ms, after } => {
            stream.drip(*after, Duration::from_millis(*ms));
            next.run(request).await
        }
        // Those above end the connection, and the others fired before its first request.
        Fault::Close { .. } | Fault::Reset { .. } | Fault::Tls(_) | Fault::ExpireToken(_) => next.run(request).await,
    }
}

async fn end(at: Position, ending: Ending, stream: &StreamHandle, request: Request, next: Next) -> Response {
    let after = match at {
        Position::Read => {
            stream.cut(0, ending);
            // This response is not sent.
            return StatusCode::NO_CONTENT.into_response();
        }
        Position::Commit => 0,
        Position::Answer(bytes) => bytes,
        Position::End => {
            stream.end(ending);
            return next.run(request).await;
        }
        // The stream applied these before.
        Position::Arrival | Position::Request(_) => return next.run(request).await,
    };
    stream.cut(after, ending);
    next.run(request).await
}

/// Continues after the delay even when the client has left, as a server does that does not check.
async fn late(server: &Server, delay: Duration, request: Request, next: Next) -> Response {
    let (sender, receiver) = oneshot::channel();
    server.detach(async move {
        sleep(delay).await;
        let _ = sender.send(next.run(request).await);
    });
    receiver.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
