//! The content of requests and their responses. It has secrets: only the inspector reads it, and masks them unless they are
//! requested.

use std::collections::BTreeMap;

/// The content of one request, as far as it was read.
#[derive(Clone, Default)]
pub struct Sent {
    pub query: Option<String>,
    pub headers: Headers,
    pub body: Option<Body>,
    /// None as long as there is none.
    pub response: Option<Response>,
}

/// A response, as it was before a fault cut it.
#[derive(Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Headers,
    pub body: Body,
}

/// Names and values, each truncated.
pub type Headers = Box<[(Box<str>, Box<str>)]>;

/// The body of a request or a response.
#[derive(Clone)]
pub struct Body {
    /// All of it, up to the maximum.
    pub start: Box<[u8]>,
    /// Original size, in bytes.
    pub size: usize,
}

/// The contents of the last requests, by id.
#[derive(Default)]
pub struct SentLog {
    bytes: usize,
    all: BTreeMap<u64, Sent>,
}

/// Maximum size that is kept of a body, in bytes.
pub const LONGEST: usize = 16 << 10;
/// Maximum size that is kept of all requests, in bytes.
const MOST_BYTES: usize = 8 << 20;

impl Body {
    /// Copies the bytes, which may be a small part of a large buffer.
    pub fn of(bytes: &[u8]) -> Self {
        Self { start: bytes[..bytes.len().min(LONGEST)].into(), size: bytes.len() }
    }

    /// Notes the size of a body that is too large to be kept.
    pub fn of_size(size: usize) -> Self {
        Self { start: Box::default(), size }
    }

    pub fn is_truncated(&self) -> bool {
        self.start.len() < self.size
    }
}

impl Sent {
    fn bytes(&self) -> usize {
        let of = |headers: &Headers| headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        let response = self.response.as_ref().map_or(0, |it| of(&it.headers) + it.body.start.len());
        let query = self.query.as_ref().map_or(0, String::len);
        query + of(&self.headers) + self.body.as_ref().map_or(0, |body| body.start.len()) + response
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
