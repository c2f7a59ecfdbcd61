//! The content of requests. It has secrets: only the inspector reads it, and masks them unless they are requested.

use std::collections::BTreeMap;

/// The content of one request, as far as it was read.
#[derive(Clone, Default)]
pub struct Sent {
    pub query: Option<String>,
    /// None when it is JSON or absent.
    pub content_type: Option<String>,
    pub body: Option<Body>,
}

/// The body of a request.
#[derive(Clone)]
pub struct Body {
    /// All of it, up to the maximum.
    pub start: Box<[u8]>,
    /// Original size, in bytes.
    pub size: usize,
}

/// The contents of the last requests, by id. Requests without content are mostly absent.
#[derive(Default)]
pub struct SentLog {
    bytes: usize,
    all: BTreeMap<u64, Sent>,
}

/// Maximum size that is kept of a body, in bytes.
const LONGEST: usize = 16 << 10;
/// Maximum size that is kept of all requests, in bytes.
const MOST_BYTES: usize = 8 << 20;

impl Body {
    /// Copies the bytes, which may be a small part of a large buffer.
    pub fn of(bytes: &[u8]) -> Self {
        Self { start: bytes[..bytes.len().min(LONGEST)].into(), size: bytes.len() }
    }

    pub fn is_truncated(&self) -> bool {
        self.start.len() < self.size
    }
}

impl Sent {
    fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        text(&self.query) + text(&self.content_type) + self.body.as_ref().map_or(0, |body| body.start.len())
    }
}

impl SentLog {
    /// Adds to the content of a request, and drops the oldest contents above the maximum.
    pub fn add(&mut self, id: u64, most: usize, write: impl FnOnce(&mut Sent)) {
        let sent = self.all.entry(id).or_default();
        self.bytes -= sent.bytes();
        write(sent);
        self.bytes += sent.bytes();
        while self.all.len() > most || self.bytes > MOST_BYTES {
            let Some((_, oldest)) = self.all.pop_first() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    pub fn get(&self, id: u64) -> Option<&Sent> {
        self.all.get(&id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn body(bytes: &[u8]) -> impl FnOnce(&mut Sent) {
        let body = Body::of(bytes);
        |sent| sent.body = Some(body)
    }

    fn ids(kept: &SentLog) -> Vec<u64> {
        kept.all.keys().copied().collect()
    }

    #[test]
    fn contents_are_unique_and_in_the_order_of_their_ids() {
        let mut kept = SentLog::default();
        for id in [3, 1, 7, 3, 5, 1] {
            kept.add(id, 9, body(b"abc"));
            kept.add(id, 9, |sent| sent.query = Some("q".into()));
        }
        assert_eq!((ids(&kept), kept.bytes), (vec![1, 3, 5, 7], 16));
        let sent = kept.get(3).unwrap();
        assert_eq!((&*sent.body.as_ref().unwrap().start, sent.query.as_deref()), (&b"abc"[..], Some("q")));
        assert!(kept.get(2).is_none());
    }

    #[test]
    fn oldest_contents_are_dropped_when_too_many() {
        let mut kept = SentLog::default();
        (1..=5).for_each(|id| kept.add(id, 2, body(b"abc")));
        assert_eq!((ids(&kept), kept.bytes), (vec![4, 5], 6));
        // A late one, older than all others.
        kept.add(1, 2, body(b"abc"));
        assert_eq!(ids(&kept), [4, 5]);
        kept.add(6, 0, body(b"abc"));
        assert_eq!((ids(&kept), kept.bytes), (vec![], 0));
    }

    #[test]
    fn bodies_are_truncated_and_their_total_has_a_maximum() {
        let mut kept = SentLog::default();
        let large = vec![b'x'; LONGEST + 1];
        for id in 1..=1_000 {
            kept.add(id, 10_000, body(&large));
            assert!(kept.bytes <= MOST_BYTES);
        }
        assert_eq!(ids(&kept).len(), MOST_BYTES / LONGEST);
        let last = kept.get(1_000).unwrap().body.as_ref().unwrap();
        assert_eq!((last.start.len(), last.size, last.is_truncated()), (LONGEST, LONGEST + 1, true));
        assert!(!Body::of(&large[1..]).is_truncated());
    }
}
