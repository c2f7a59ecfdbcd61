//! The open connections: their number has a maximum, and none may wait forever.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use tokio::sync::Notify;
use tokio::task::Id;
use tokio::time::Instant;

use crate::contract::error_response::ErrorResponse;
use crate::server::faulty_stream::StreamHandle;
use crate::server::stage::Stage;

/// Maximum number of connections that are open at once. Others wait until one closes.
const MOST: usize = 512;
/// Maximum time in which the head of a request arrives, or in which a client takes some bytes of a response.
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum time between two requests. Longer than the clients keep a connection.
const IDLE: Duration = Duration::from_secs(30);
/// How long a connection has to wait until another takes its place.
const BRIEF: Duration = Duration::from_secs(1);

/// The open connections.
#[derive(Default)]
pub struct Connections(HashMap<Id, Connection>);

struct Connection {
    stream: StreamHandle,
    close: Arc<Close>,
    is_closing: bool,
}

/// Closes a connection from outside.
#[derive(Default)]
pub struct Close(Notify);

impl Close {
    /// Waits until the connection should close.
    pub async fn requested(&self) {
        self.0.notified().await;
    }
}

impl Connections {
    pub fn add(&mut self, id: Id, stream: StreamHandle, close: Arc<Close>) {
        self.0.insert(id, Connection { stream, close, is_closing: false });
    }

    pub fn remove(&mut self, id: Id) {
        self.0.remove(&id);
    }

    /// Returns whether there is room for another connection, if need be that of one that waits.
    pub fn have_room(&self, now: Instant) -> bool {
        // Those that close send their last bytes, within a short time.
        self.0.len() < 2 * MOST && (!self.are_too_many() || self.longest_wait(now).is_some())
    }

    /// Closes the connection that waits longest if there are too many.
    pub fn make_room(&mut self, now: Instant) {
        if self.are_too_many()
            && let Some(id) = self.longest_wait(now)
            && let Some(connection) = self.0.get_mut(&id)
        {
            connection.close();
        }
    }

    fn are_too_many(&self) -> bool {
        self.0.values().filter(|it| !it.is_closing).count() >= MOST
    }

    fn longest_wait(&self, now: Instant) -> Option<Id> {
        let waits = |it: &Connection| {
            let (stage, since) = it.stream.stage();
            // An idle connection costs least, so it is the last.
            (!it.is_closing && stage != Stage::Busy && now - since >= BRIEF).then_some((stage == Stage::Idle, since))
        };
        let waiting = self.0.iter().filter_map(|(id, it)| Some((waits(it)?, *id)));
        waiting.min_by_key(|(waits, _)| *waits).map(|(_, id)| id)
    }

    /// Closes the connections that wait for too long.
    pub fn close_late(&mut self, now: Instant) {
        for connection in self.0.values_mut().filter(|it| !it.is_closing) {
            let (stage, since) = connection.stream.stage();
            let most = match stage {
                Stage::Idle => IDLE,
                Stage::Head | Stage::Stalled => PATIENCE,
                Stage::Busy => continue,
            };
            if now - since >= most {
                connection.close();
            }
        }
    }
}

impl Connection {
    fn close(&mut self) {
        self.is_closing = true;
        self.close.0.notify_one();
    }
}

/// Returns the response to a client whose head was closed before it was whole.
pub fn too_late() -> Vec<u8> {
    let message = format!(
        "the head of the request did not arrive in time: within {} s, or {} s while {MOST} connections are open",
        PATIENCE.as_secs(),
        BRIEF.as_secs()
    );
    ErrorResponse::new(StatusCode::REQUEST_TIMEOUT, message).into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt;

    use super::*;

    /// Connections in these stages, of which each is a second older than the next.
    fn connections(stages: &[Stage]) -> (Connections, Vec<Arc<Close>>, Instant) {
        let (mut open, mut closes, start) = (Connections::default(), Vec::new(), Instant::now());
        for (index, stage) in stages.iter().enumerate() {
            let (stream, close) = (StreamHandle::default(), Arc::new(Close::default()));
            stream.enter(*stage, start + Duration::from_secs(index as u64));
            open.add(tokio::spawn(pending::<()>()).id(), stream, close.clone());
            closes.push(close);
        }
        (open, closes, start)
    }

    fn closed(closes: &[Arc<Close>]) -> Vec<usize> {
        let is_closed = |close: &Close| close.requested().now_or_never().is_some();
        closes.iter().enumerate().filter(|(_, close)| is_closed(close)).map(|(index, _)| index).collect()
    }

    #[tokio::test]
    async fn connections_that_wait_for_too_long_are_closed() {
        let stages = [Stage::Busy, Stage::Idle, Stage::Head, Stage::Stalled, Stage::Idle];
        let (mut open, closes, start) = connections(&stages);
        open.close_late(start + PATIENCE);
        assert!(closed(&closes).is_empty());
        open.close_late(start + Duration::from_secs(2) + PATIENCE);
        assert_eq!(closed(&closes), [2]);
        open.close_late(start + Duration::from_secs(1) + IDLE);
        assert_eq!(closed(&closes), [1, 3]);
        open.close_late(start + 10 * IDLE);
        assert_eq!(closed(&closes), [4]);
    }

    #[tokio::test]
    async fn longest_wait_ends_when_there_are_too_many() {
        let mut stages = vec![Stage::Busy; MOST - 3];
        stages.extend([Stage::Idle, Stage::Head]);
        let (mut open, closes, start) = connections(&stages);
        let now = start + Duration::from_secs(MOST as u64);
        assert!(open.have_room(now));
        open.make_room(now);
        assert!(closed(&closes).is_empty());
        let (more, _, _) = connections(&[Stage::Head]);
        more.0.values().for_each(|it| it.stream.enter(Stage::Head, now));
        open.0.extend(more.0);
        // The new one has only just begun. A head before an idle connection, and one that is busy never.
        assert!(open.have_room(now));
        open.make_room(now);
        assert_eq!(closed(&closes), [MOST - 2]);
    }

    #[tokio::test]
    async fn busy_and_new_connections_stay_open() {
        let (mut open, closes, start) = connections(&vec![Stage::Busy; MOST]);
        assert!(!open.have_room(start + 10 * IDLE));
        let (new, new_closes, start) = connections(&[Stage::Head]);
        open.0.extend(new.0);
        assert!(!open.have_room(start + BRIEF / 2));
        open.make_room(start + BRIEF / 2);
        assert_eq!((closed(&closes), closed(&new_closes)), (vec![], vec![]));
    }
}
