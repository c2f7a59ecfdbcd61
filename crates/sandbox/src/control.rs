//! `/_sandbox`: what the sandbox does beside the API, for tests and tools on the same machine.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::answer::{self, Refusal};
use crate::body;
use crate::faults::{Faults, InvalidFaults};
use crate::server::{Server, authorize};
use crate::wire::Handle;

/// Nothing below it belongs to the API: it needs no token, and counts in no limit.
const PATH: &str = "/_sandbox";

/// Whether a path is the control's.
pub fn is_at(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|below| below.starts_with('/'))
}

/// Who may use it.
#[derive(Clone)]
pub enum Guard {
    /// Whoever can reach the loopback interface, but for web pages of other origins. Such a page could have its own
    /// name lead here (DNS rebinding), and so what the client calls this server has to be a loopback name.
    Loopback,
    /// Who has the token. None: nobody.
    Token(Option<String>),
}

pub fn router(server: Arc<Server>, guard: Guard) -> Router {
    let control = Router::new()
        .route("/journal", get(journal).delete(clear_journal))
        .route("/faults", get(faults).put(replace_faults).post(add_faults).delete(clear_faults))
        .route("/integrations", get(integrations))
        .route("/reset", post(reset))
        .fallback(async || Refusal::new(StatusCode::NOT_FOUND, "there is nothing at this address"))
        .method_not_allowed_fallback(async || {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method")
        })
        .layer(from_fn_with_state(guard, admit))
        .with_state(server);
    Router::new().nest(PATH, control)
}

type Control = State<Arc<Server>>;

async fn journal(State(server): Control) -> Response {
    answer::json(StatusCode::OK, &server.journal.entries())
}

async fn clear_journal(State(server): Control) -> StatusCode {
    server.journal.clear();
    StatusCode::NO_CONTENT
}

async fn integrations(State(server): Control) -> Response {
    answer::json(StatusCode::OK, &server.store.created())
}

async fn reset(State(server): Control) -> StatusCode {
    server.reset();
    StatusCode::NO_CONTENT
}

async fn faults(State(server): Control) -> Response {
    answer::json(StatusCode::OK, &server.faults.left())
}

async fn replace_faults(State(server): Control, request: Request) -> Result<StatusCode, Refusal> {
    let faults = read(request).await?;
    server.set_faults(&faults).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn add_faults(State(server): Control, request: Request) -> Result<StatusCode, Refusal> {
    let faults = read(request).await?;
    server.faults.add(&faults, &server.operations).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(server): Control) -> Result<StatusCode, Refusal> {
    server.set_faults(&Faults::default()).map_err(refuse)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of any content type, so that any tool can send a file.
async fn read(request: Request) -> Result<Faults, Refusal> {
    /// What a request may have where nothing else is said.
    const MOST: usize = 2 << 20;
    let (_, bytes) = body::whole(request, MOST).await?;
    String::from_utf8_lossy(&bytes).parse().map_err(refuse)
}

fn refuse(invalid: InvalidFaults) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, invalid.to_string())
}

async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let admitted = match &guard {
        Guard::Loopback => from_here(request.headers()),
        Guard::Token(Some(token)) => authorize(request.headers(), Some(token)),
        Guard::Token(None) => {
            let message = "a sandbox that is reached from elsewhere is controlled by its token, and has none";
            Err(Refusal::new(StatusCode::FORBIDDEN, message))
        }
    };
    // A fault in the exchange before this one does not reach here.
    let wire = request.extensions().get::<Handle>().cloned().unwrap_or_default();
    wire.request();
    let response = match admitted {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    wire.answer();
    response
}

fn from_here(headers: &HeaderMap) -> Result<(), Refusal> {
    let forbid = |message| Err(Refusal::new(StatusCode::FORBIDDEN, message));
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(Ok(host)), None) = (hosts.next().map(HeaderValue::to_str), hosts.next()) else {
        return forbid("the header Host is missing");
    };
    if !is_loopback(host) {
        return forbid("the header Host must be a loopback address or localhost");
    }
    let same = |origin: &HeaderValue| origin.to_str().ok().and_then(|it| it.strip_prefix("http://")) == Some(host);
    if headers.get_all(ORIGIN).iter().all(same) { Ok(()) } else { forbid("web pages of other origins have no access") }
}

/// A host as it stands in a header, with or without a port.
fn is_loopback(host: &str) -> bool {
    if let Ok(address) = host.parse::<SocketAddr>() {
        return address.ip().is_loopback();
    }
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let ip = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    ip.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_from_here() {
        for host in ["127.0.0.1", "127.0.0.1:80", "127.9.9.9:1", "localhost", "LocalHost:4010", "[::1]", "[::1]:80"] {
            assert!(is_loopback(host), "{host}");
        }
        let foreign = ["", "x", "10.0.0.1:80", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example:1"];
        for host in foreign.into_iter().chain(["0.0.0.0:1", "[::]:1", "[fe80::1]", "localhost@evil.example", "127.1"]) {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_page_is_let_in_by_its_own_origin_alone() {
        let ask = |host: &str, origin: &str| {
            let headers = [(HOST, host.parse().unwrap()), (ORIGIN, origin.parse().unwrap())];
            from_here(&HeaderMap::from_iter(headers)).is_ok()
        };
        assert!(ask("localhost:1", "http://localhost:1"));
        for origin in ["null", "http://localhost:2", "https://localhost:1", "http://evil.example", "localhost:1", ""] {
            assert!(!ask("localhost:1", origin), "{origin}");
        }
        assert!(!ask("evil.example", "http://evil.example"));
    }
}
