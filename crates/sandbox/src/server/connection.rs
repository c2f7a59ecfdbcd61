//! Accepts connections, serves them, and closes them so that the last response arrives.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::{self, ready};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::either::Either;
use tower_service::Service;

use crate::contract::memory::Memory;
use crate::faults::Ending;
use crate::server::connections::{Close, Connections, too_late};
use crate::server::cors::is_preflight;
use crate::server::faulty_stream::{FaultyStream, StreamHandle};
use crate::server::linger::{LINGER, linger};
use crate::server::listener::Listener;
use crate::server::local_paths::is_local;
use crate::server::stage::Stage;
use crate::server::state::Server;
use crate::server::stream::{Stream, end, reset};
use crate::server::tls_handshake::accept;

/// The routers of a connection.
#[derive(Clone)]
pub struct Routers {
    pub api: Router,
    pub local: Router,
    /// Takes requests to the API in plain HTTP when the sandbox speaks TLS.
    pub refused: Router,
}

/// Maximum size of a head, and of the bytes of a connection that are read and not yet used.
const MOST_BUFFERED: usize = 32 << 10;

/// Serves until the task is aborted, and its connections with it: `axum::serve` would leave those running.
pub async fn serve(mut listener: Listener, routers: Routers, server: Arc<Server>) {
    let (mut tasks, mut connections) = (JoinSet::new(), Connections::default());
    let mut look = interval(Duration::from_secs(1));
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // First, so that the others make room.
            biased;
            Some(ended) = tasks.join_next_with_id() => {
                connections.remove(ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
            now = look.tick() => connections.close_late(now),
            accepted = listener.accept(), if connections.have_room() => match accepted {
                Ok(stream) => {
                    let (handle, close) = (StreamHandle::default(), Arc::new(Close::default()));
                    let task = converse(stream, handle.clone(), close.clone(), routers.clone(), server.clone());
                    connections.add(tasks.spawn(task).id(), handle, close);
                }
                // Often the limit of open files: others have to close first.
                Err(_) => sleep(Duration::from_millis(10)).await,
            },
        }
    }
}

/// Serves the requests of one connection.
async fn converse(stream: TcpStream, handle: StreamHandle, close: Arc<Close>, routers: Routers, server: Arc<Server>) {
    // Responses are small and each is written at once, so there is nothing to collect.
    let _ = stream.set_nodelay(true);
    handle.enter(Stage::Idle, Instant::now());
    let accepted = tokio::select! {
        accepted = accept(stream, &server, &handle) => accepted,
        () = close.requested() => return,
    };
    if let Ok(Some(stream)) = accepted {
        serve_stream(stream, handle, close, routers, server).await;
    }
}

/// Serves the requests of one connection, with or without TLS.
pub async fn serve_stream(
    stream: Stream,
    handle: StreamHandle,
    close: Arc<Close>,
    routers: Routers,
    server: Arc<Server>,
) {
    let has_scheme = server.authority.is_some() == matches!(stream, Either::Right(_));
    let api = if has_scheme { routers.api } else { routers.refused };
    let faulty = FaultyStream::new(stream, server.clone(), handle.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (method, uri) = (request.method(), request.uri());
        let is_local = is_local(method.as_str(), uri.path());
        if let Err(refusal) = server.guard.admit(method, uri, request.headers()) {
            return future::Either::Left(ready(Ok(answer(refusal.into_response(), &server, &handle))));
        }
        let origin = server.guard.shared_with(uri.path(), request.headers()).cloned();
        if let Some(origin) = origin.as_ref().filter(|_| is_preflight(method, request.headers())) {
            let allowed = origin.preflight(request.headers());
            return future::Either::Left(ready(Ok(answer(allowed, &server, &handle))));
        }
        handle.enter(Stage::Busy, Instant::now());
        if request.body().size_hint().exact().is_none_or(Memory::is_large) {
            request.extensions_mut().insert(server.memory.clone());
        }
        request.extensions_mut().insert(handle.clone());
        let router = if is_local { &routers.local } else { &api };
        let ready = handle.clone();
        let response = router.clone().call(request);
        future::Either::Right(response.map(move |response| {
            ready.enter(Stage::Idle, Instant::now());
            response.map(|mut response| {
                origin.inspect(|origin| origin.share(&mut response));
                response
            })
        }))
    });
    let mut connection =
        http1::Builder::new().max_buf_size(MOST_BUFFERED).serve_connection(TokioIo::new(faulty), service);
    // The stream knows how it ended. For hyper, a fault is an error like any other.
    let is_late = tokio::select! {
        _ = poll_fn(|cx| connection.poll_without_shutdown(cx)) => false,
        () = close.requested() => true,
    };
    match connection.into_parts().io.into_inner().into_parts() {
        (stream, _, Some(Ending::Reset)) => {
            let _ = reset(&stream);
        }
        (Either::Right(mut tls), mut arrivals, Some(Ending::HalfClose)) => {
            let _ = end(&mut tls, Ending::HalfClose).await;
            let _ = linger(&mut tls, Some(&mut arrivals)).await;
        }
        (Either::Right(mut tls), _, Some(ending)) if ending != Ending::Close => {
            let _ = end(&mut tls, ending).await;
            let _ = timeout(LINGER, linger(tls.get_mut().0, None)).await;
        }
        (mut stream, mut arrivals, _) => {
            let close = async {
                if is_late && arrivals.is_within_head() {
                    stream.write_all(&too_late()).await?;
                }
                stream.shutdown().await?;
                linger(&mut stream, Some(&mut arrivals)).await
            };
            let _ = timeout(LINGER, close).await;
        }
    }
}

/// Responds to a request before it reaches the API. It leaves no trace: otherwise a web page could fill the journal.
fn answer(response: Response, server: &Server, stream: &StreamHandle) -> Response {
    if let Some(early) = stream.request() {
        server.journal.end(early, Some(response.status().as_u16()), None);
    }
    stream.response();
    response
}
