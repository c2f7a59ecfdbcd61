//! Server-sent events: a few each second, each with all changes since the previous one.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use crate::account::integration::Integration;
use crate::account::journal::{Cursor, short};
use crate::contract::error_response::ErrorResponse;
use crate::faults::Faults;
use crate::local::inspector::budget::Budget;
use crate::local::inspector::detail::Row;
use crate::server::accounts::Limits;
use crate::server::state::Server;

/// `GET /_sandbox/events`. A slow reader gets fewer events: none are queued for it.
pub async fn events(State(server): State<Arc<Server>>) -> Response {
    let Ok(place) = server.pages.clone().try_acquire_owned() else {
        let message = "too many pages of this sandbox are open; close one";
        return ErrorResponse::new(StatusCode::SERVICE_UNAVAILABLE, message).into_response();
    };
    let watcher = Watcher::new(server, place);
    let stream = stream::unfold(watcher, async |mut watcher| {
        let update = watcher.next().await;
        Some((Ok::<_, Infallible>(Event::default().data(update)), watcher))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

/// Pause between two looks.
const OFTEN: Duration = Duration::from_millis(100);
/// Pause in a flood, when drawing more than people can read would take the processor from the requests.
const CALM: Duration = Duration::from_secs(1);
/// Number of looks between two at the integrations and faults, which cost more.
const SLOW: u64 = 4;
/// Number of the newest integrations in an event.
const INTEGRATIONS: usize = 50;

/// The state of one page. It causes work only while it listens.
struct Watcher {
    server: Arc<Server>,
    _place: OwnedSemaphorePermit,
    /// Pause before the next look.
    pause: Duration,
    tick: u64,
    began: Instant,
    budget: Budget,
    cursor: Cursor,
    counts: Option<Counts>,
    integrations: Option<u64>,
    faults: Option<u64>,
}

/// The last sent counts: the use of each window, the requests in flight, and all requests.
type Counts = (Vec<u32>, usize, u64);

/// An event. It has only changes.
#[derive(Default, Serialize)]
struct Update {
    #[serde(skip_serializing_if = "Option::is_none")]
    hello: Option<Value>,
    /// Whether the journal was cleared: earlier requests are gone.
    cleared: bool,
    requests: Vec<Row>,
    left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Levels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrations: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Faults>,
}

#[derive(Serialize)]
struct Levels {
    #[serde(flatten)]
    limits: Limits,
    requests: u64,
}

impl Watcher {
    fn new(server: Arc<Server>, place: OwnedSemaphorePermit) -> Self {
        Self {
            server,
            _place: place,
            pause: Duration::ZERO,
            tick: 0,
            began: Instant::now(),
            budget: Budget::full(Duration::ZERO),
            cursor: Cursor::default(),
            counts: None,
            integrations: None,
            faults: None,
        }
    }

    /// Waits for changes, and returns an event with them.
    async fn next(&mut self) -> String {
        loop {
            sleep(self.pause).await;
            let update = self.look();
            self.tick += 1;
            self.pause = if update.left_out > 0 { CALM } else { OFTEN };
            if update.has_changes()
                && let Ok(text) = serde_json::to_string(&update)
            {
                return text;
            }
        }
    }

    fn look(&mut self) -> Update {
        let changes = self.server.journal.changes(&mut self.cursor, self.budget.at(self.began.elapsed()));
        self.budget.spend(changes.entries.len());
        let limits = self.server.accounts.limits();
        let counts = (limits.windows.iter().map(|it| it.used).collect(), limits.in_flight, changes.total);
        let has_changed = self.counts.as_ref() != Some(&counts);
        self.counts = Some(counts);
        let is_slow = self.tick.is_multiple_of(SLOW);
        Update {
            hello: (self.tick == 0).then(|| hello(&self.server)),
            cleared: changes.cleared,
            requests: changes.entries.into_iter().map(Row::from).collect(),
            left_out: changes.left_out,
            state: has_changed.then_some(Levels { limits, requests: changes.total }),
            integrations: if is_slow { self.integrations() } else { None },
            faults: if is_slow { self.server.faults.changes(&mut self.faults) } else { None },
        }
    }

    fn integrations(&mut self) -> Option<Value> {
        let (total, last) = self.server.store.changes(&mut self.integrations, INTEGRATIONS)?;
        Some(json!({ "total": total, "last": last.iter().map(|it| line(it)).collect::<Vec<_>>() }))
    }
}

impl Update {
    fn has_changes(&self) -> bool {
        self.cleared
            || !self.requests.is_empty()
            || self.left_out > 0
            || self.state.is_some()
            || self.integrations.is_some()
            || self.faults.is_some()
    }
}

/// Returns the data that does not change.
fn hello(server: &Server) -> Value {
    let names = server.providers.descriptions().into_iter().filter_map(|it| Some((it["id"].as_str()?, &it["name"])));
    json!({
        // Differs when the sandbox was restarted.
        "run": server.run.to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        // Whether only the tokens are accepted that it was started with.
        "has_token": !server.settings.tokens.is_empty(),
        // The time when the journal started.
        "epoch_ms": milliseconds(SystemTime::now()) - server.journal.milliseconds(),
        "operations": server.operations.ids(),
        "providers": names.collect::<BTreeMap<_, _>>(),
    })
}

/// Returns an integration without its settings.
fn line(it: &Integration) -> Value {
    json!({
        "id": it.id,
        "name": short(&it.name),
        "provider_id": it.provider_id,
        "status": it.status,
        "created_ms": milliseconds(it.create_time),
    })
}

/// Returns the milliseconds since 1970.
fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0
}
