//! Follows the bytes of a connection, and notes each request in the journal from its first byte.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use httparse::{EMPTY_HEADER, Request, Status};

use crate::account::journal::{Ticket, short};
use crate::contract::bearer_token::authorize;
use crate::contract::request_body;
use crate::server::local_paths::is_local;
use crate::server::state::Server;

/// Reads a copy of what a client sends. It sees also what no handler does: the rest of a request after a fault or an early
/// response, and a request that never becomes whole.
pub struct ArrivalReader {
    server: Arc<Server>,
    place: Place,
    /// Start of the head, then of the body, up to [`LONGEST`].
    seen: Vec<u8>,
    /// None for requests to the local routes, for those that the guard answers, and between requests.
    ticket: Option<Ticket>,
    has_name: bool,
}

/// The place of the next byte.
enum Place {
    Between,
    Head,
    /// With the number of bytes that follow.
    Body(u64),
    /// With the last bytes.
    Chunks([u8; 5]),
    /// In text that is not HTTP, so that no other request follows.
    Noise,
}

/// Maximum number of bytes that are kept of a head or a body.
const LONGEST: usize = 32 << 10;
const MOST_HEADERS: usize = 100;

impl ArrivalReader {
    pub fn new(server: Arc<Server>) -> Self {
        Self { server, place: Place::Between, seen: Vec::new(), ticket: None, has_name: false }
    }

    /// Returns the ticket of the last request whose first byte was read.
    pub fn last(&self) -> Option<Ticket> {
        self.ticket
    }

    /// Returns whether a head has begun and is not whole.
    pub fn is_within_head(&self) -> bool {
        matches!(self.place, Place::Head | Place::Noise)
    }

    /// Reads the next bytes. Returns the tickets of the requests to the API whose heads are whole now.
    pub fn read(&mut self, mut bytes: &[u8]) -> Vec<Ticket> {
        let mut whole = Vec::new();
        while let Some(first) = bytes.first() {
            match self.place {
                Place::Between if b"\r\n".contains(first) => bytes = &bytes[1..],
                Place::Between => {
                    self.seen.clear();
                    self.has_name = false;
                    self.ticket = None;
                    self.place = Place::Head;
                }
                Place::Head => {
                    let before = self.seen.len();
                    self.seen.extend_from_slice(bytes);
                    let length = self.read_head().map_or(bytes.len(), |length| length.saturating_sub(before));
                    if !matches!(self.place, Place::Head | Place::Noise) {
                        whole.extend(self.ticket);
                        self.seen.clear();
                        self.end_if_whole();
                    }
                    bytes = &bytes[length..];
                }
                Place::Body(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    self.read_body(&bytes[..length]);
                    self.place = Place::Body(left - length as u64);
                    self.end_if_whole();
                    bytes = &bytes[length..];
                }
                Place::Chunks(mut last) => {
                    let end = bytes.iter().position(|byte| {
                        last.rotate_left(1);
                        last[4] = *byte;
                        last == *b"0\r\n\r\n"
                    });
                    let length = end.map_or(bytes.len(), |end| end + 1);
                    self.read_body(&bytes[..length]);
                    self.place = if end.is_some() { Place::Between } else { Place::Chunks(last) };
                    bytes = &bytes[length..];
                }
                Place::Noise => break,
            }
        }
        whole
    }

    /// Notes what is known of the head. Returns its length once it is whole.
    fn read_head(&mut self) -> Option<usize> {
        let mut headers = [EMPTY_HEADER; MOST_HEADERS];
        let mut request = Request::new(&mut headers);
        let parsed = request.parse(&self.seen);
        let method = request.method.map(short);
        let path = request.path.map(|target| target.parse().map_or(short(target), |uri: Uri| short(uri.path())));
        let is_whole = matches!(parsed, Ok(Status::Complete(_)));
        let is_for_local = method.as_ref().zip(path.as_ref()).is_some_and(|(method, path)| is_local(method, path));
        let headers = is_whole.then(|| known_headers(request.headers));
        let token = headers.as_ref().and_then(|headers| authorize(headers, &self.server.settings.tokens).ok());
        let account = token.map(|token| self.server.account(token).company_id.clone());
        if is_for_local || is_whole && self.server.guard.answers(&self.seen) {
            // Noted only if its first bytes did not say so.
            if let Some(ticket) = self.ticket.take() {
                self.server.journal.forget(ticket);
            }
        } else {
            let ticket = *self.ticket.get_or_insert_with(|| self.server.journal.first_byte());
            self.server.journal.learn(ticket, |it| (it.method, it.path, it.account) = (method, path, account));
        }
        match (parsed, headers) {
            (Ok(Status::Complete(length)), Some(headers)) => {
                self.place = match headers.get("content-length").map(|value| value.to_str().unwrap_or_default().parse())
                {
                    _ if headers.contains_key("transfer-encoding") => Place::Chunks([0; 5]),
                    None => Place::Body(0),
                    Some(length) => length.map_or(Place::Noise, Place::Body),
                };
                Some(length)
            }
            (Ok(_), _) if self.seen.len() < LONGEST => None,
            _ => {
                self.place = Place::Noise;
                None
            }
        }
    }

    /// Notes the name, once all of it came.
    fn read_body(&mut self, bytes: &[u8]) {
        let Some(ticket) = self.ticket.filter(|_| !self.has_name) else { return };
        let length = bytes.len().min(LONGEST.saturating_sub(self.seen.len()));
        self.seen.extend_from_slice(&bytes[..length]);
        // The size of a chunk comes before the JSON.
        let start = self.seen.iter().position(|byte| *byte == b'{').unwrap_or_default();
        if let Some(name) = request_body::name(&self.seen[start..]).filter(|_| length > 0) {
            self.has_name = true;
            self.server.journal.learn(ticket, |it| it.name = Some(short(&name)));
        }
    }

    fn end_if_whole(&mut self) {
        if let Place::Body(0) = self.place {
            self.place = Place::Between;
        }
    }
}

/// Returns the headers that say whose the request is and where it ends.
fn known_headers(all: &[httparse::Header<'_>]) -> HeaderMap {
    let known = ["authorization", "content-length", "transfer-encoding"];
    let headers = all.iter().filter_map(|header| {
        let name = known.iter().find(|name| header.name.eq_ignore_ascii_case(name))?;
        Some((HeaderName::from_static(name), HeaderValue::from_bytes(header.value).ok()?))
    });
    headers.collect()
}
