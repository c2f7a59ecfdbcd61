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
const MOST_OPEN: usize = 16_384;
/// Maximum number of connections that wait for their clients within a request, for longer than a brief time.
const MOST_WAITING: usize = 512;
/// Maximum time in which the head of a request arrives, or in which a client takes some bytes of a response.
const PATIENCE: Duration = Duration::from_secs(10);
/// Maximum time between two requests.
const IDLE: Duration = Duration::from_secs(30);
/// The brief time.
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

    /// Returns whether there is room for another connection.
    pub fn have_room(&self) -> bool {
        self.0.len() < MOST_OPEN
    }

    /// Closes the connections that wait for too long, and of the others those that wait longest if there are too many.
    pub fn close_late(&mut self, now: Instant) {
        let mut waiting = Vec::new();
        for connection in self.0.values_mut().filter(|it| !it.is_closing) {
            let (stage, since) = connection.stream.stage();
            let most = match stage {
                Stage::Idle => IDLE,
                Stage::Head | Stage::Stalled => PATIENCE,
                Stage::Busy => continue,
            };
            if now - since >= most {
                connection.close();
            } else if stage != Stage::Idle && now - since >= BRIEF {
                waiting.push((since, connection));
            }
        }
        waiting.sort_by_key(|(since, _)| *since);
        let too_many = waiting.len().saturating_sub(MOST_WAITING);
        waiting.into_iter().take(too_many).for_each(|(_, connection)| connection.close());
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
        "the head of the request did not arrive in time: within {} s, or {} s while more than {MOST_WAITING} connections wait",
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
    async fn longest_waits_end_when_there_are_too_many() {
        let mut stages = vec![Stage::Stalled; MOST_WAITING - 1];
        stages.extend([Stage::Busy, Stage::Idle, Stage::Head, Stage::Head]);
        let (mut open, closes, start) = connections(&stages);
        // None has waited for too long.
        let now = start + Duration::from_secs(MOST_WAITING as u64);
        for it in open.0.values() {
            it.stream.enter(it.stream.stage().0, now);
        }
        open.close_late(now + BRIEF / 2);
        assert!(closed(&closes).is_empty());
        open.close_late(now + BRIEF);
        let closed = closed(&closes);
        assert_eq!(closed.len(), 1);
        assert!(stages[closed[0]] == Stage::Head || stages[closed[0]] == Stage::Stalled);
    }
}
