//! What happens, as server-sent events: a few each second, each with all that has happened since the one before.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use tokio::time::sleep;

use crate::account::integration::Integration;
use crate::account::journal::{Cursor, short};
use crate::faults::Faults;
use crate::local::inspector::budget::Budget;
use crate::local::inspector::rows::Row;
use crate::server::state::{Limits, Server};

/// `GET /_sandbox/events`. Who reads slowly is told less often: nothing is kept for it meanwhile.
pub async fn events(State(server): State<Arc<Server>>) -> Response {
    let watcher = Watcher::new(server);
    let stream = stream::unfold(watcher, async |mut watcher| {
        let update = watcher.next().await;
        Some((Ok::<_, Infallible>(Event::default().data(update)), watcher))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}

/// How often it is looked.
const OFTEN: Duration = Duration::from_millis(100);
/// How often in a flood, when to draw what nobody can read would take the processor from the requests.
const CALM: Duration = Duration::from_secs(1);
/// Looks between two at what costs more.
const SLOW: u64 = 4;
/// How many integrations are told: the newest.
const INTEGRATIONS: usize = 50;

/// What one page has been told. There is work only as long as it listens.
struct Watcher {
    server: Arc<Server>,
    /// Before the next look.
    pause: Duration,
    tick: u64,
    began: Instant,
    budget: Budget,
    cursor: Cursor,
    counts: Option<Counts>,
    integrations: Option<u64>,
    faults: Option<u64>,
}

/// What was told of the limits: what is used of each window, what is in flight, and how many requests have come.
type Counts = (Vec<u32>, usize, u64);

/// Only what has changed is told.
#[derive(Default, Serialize)]
struct Update {
    #[serde(skip_serializing_if = "Option::is_none")]
    hello: Option<Hello>,
    /// Whether all requests that were told are to be forgotten.
    anew: bool,
    requests: Vec<Row>,
    left_out: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Levels>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrations: Option<Integrations>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faults: Option<Faults>,
}

/// What does not change.
#[derive(Serialize)]
struct Hello {
    /// Another one when the sandbox was started again.
    run: String,
    version: &'static str,
    /// When the journal's time began, in milliseconds since 1970.
    epoch_ms: f64,
    /// Their names for people, by their ids.
    providers: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Levels {
    #[serde(flatten)]
    limits: Limits,
    requests: u64,
}

#[derive(Serialize)]
struct Integrations {
    total: usize,
    last: Vec<Line>,
}

/// An integration without its settings.
#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    provider_id: String,
    status: String,
    created_ms: f64,
}

impl Watcher {
    fn new(server: Arc<Server>) -> Self {
        Self {
            server,
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

    /// Waits until there is something to tell.
    async fn next(&mut self) -> String {
        loop {
            sleep(self.pause).await;
            let update = self.look();
            self.tick += 1;
            self.pause = if update.left_out > 0 { CALM } else { OFTEN };
            if update.says_something()
                && let Ok(text) = serde_json::to_string(&update)
            {
                return text;
            }
        }
    }

    fn look(&mut self) -> Update {
        let news = self.server.journal.news(&mut self.cursor, self.budget.at(self.began.elapsed()));
        self.budget.spend(news.entries.len());
        let limits = self.server.limits();
        let counts = (limits.windows.iter().map(|it| it.used).collect(), limits.in_flight, news.total);
        let has_changed = self.counts.as_ref() != Some(&counts);
        self.counts = Some(counts);
        let is_slow = self.tick.is_multiple_of(SLOW);
        Update {
            hello: (self.tick == 0).then(|| Hello::of(&self.server)),
            anew: news.anew,
            requests: news.entries.into_iter().map(Row::from).collect(),
            left_out: news.left_out,
            state: has_changed.then_some(Levels { limits, requests: news.total }),
            integrations: if is_slow { self.integrations() } else { None },
            faults: if is_slow { self.server.faults.news(&mut self.faults) } else { None },
        }
    }

    fn integrations(&mut self) -> Option<Integrations> {
        let (total, last) = self.server.store.news(&mut self.integrations, INTEGRATIONS)?;
        Some(Integrations { total, last: last.iter().map(|it| Line::from(&**it)).collect() })
    }
}

impl Update {
    fn says_something(&self) -> bool {
        self.anew
            || !self.requests.is_empty()
            || self.left_out > 0
            || self.state.is_some()
            || self.integrations.is_some()
            || self.faults.is_some()
    }
}

impl Hello {
    fn of(server: &Server) -> Self {
        let name = |it: &serde_json::Value| Some((it["id"].as_str()?.to_owned(), it["name"].as_str()?.to_owned()));
        Self {
            run: server.run.to_string(),
            version: env!("CARGO_PKG_VERSION"),
            epoch_ms: milliseconds(SystemTime::now()) - server.journal.milliseconds(),
            providers: server.providers.descriptions().into_iter().filter_map(name).collect(),
        }
    }
}

impl From<&Integration> for Line {
    fn from(it: &Integration) -> Self {
        Self {
            id: it.id.clone(),
            name: short(&it.name),
            provider_id: it.provider_id.clone(),
            status: it.status.clone(),
            created_ms: milliseconds(it.create_time),
        }
    }
}

/// Since 1970.
fn milliseconds(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0
}
