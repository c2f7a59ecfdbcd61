//! Arrivals: requests of which at least one byte reached the server.

use std::collections::BTreeMap;

use serde::Serialize;

/// A request of which at least one byte has reached the server, with what is known of it so far.
///
/// It is noted before everything else: before the token and the limits are checked, before a fault fires, and also when the
/// rest of the request never comes or is not HTTP. It contains no secrets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Arrival {
    /// Number of the arrival, from 1. Requests to the sandbox's own routes leave gaps.
    pub id: u64,
    /// Time of the first byte, in milliseconds since the start of the sandbox.
    pub at_ms: f64,
    /// Method of the request, if it came.
    pub method: Option<String>,
    /// Path, without the query, if it came.
    pub path: Option<String>,
    /// The `name` in the body, if as much of the body came.
    pub name: Option<String>,
    /// The `company_id` that the token belongs to, if the head came with a token that the sandbox accepts.
    pub account: Option<String>,
    /// Number of the request in the journal, if its head was whole and valid: see [`Entry::id`](crate::Entry::id).
    pub request: Option<u64>,
}

/// Returns the maximum size of a journal of this many requests, in bytes.
pub fn most_bytes(limit: usize) -> usize {
    const EACH: usize = 1 << 10;
    const LEAST: usize = 1 << 20;
    limit.saturating_mul(EACH).max(LEAST)
}

/// The last arrivals, by id.
#[derive(Default)]
pub struct ArrivalLog {
    last_id: u64,
    kept: BTreeMap<u64, Arrival>,
    bytes: usize,
}

impl Arrival {
    /// Returns the memory that it takes, in bytes.
    fn bytes(&self) -> usize {
        let texts = [&self.method, &self.path, &self.name, &self.account];
        size_of::<Self>() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

impl ArrivalLog {
    /// Adds an arrival, and returns its id. Drops the oldest above the limit.
    pub fn add(&mut self, at_ms: f64, limit: usize) -> u64 {
        self.last_id += 1;
        let arrival = Arrival { id: self.last_id, at_ms, ..Arrival::default() };
        self.bytes += arrival.bytes();
        self.kept.insert(self.last_id, arrival);
        while self.kept.len() > limit || self.bytes > most_bytes(limit) && self.kept.len() > 1 {
            let Some((_, oldest)) = self.kept.pop_first() else { break };
            self.bytes -= oldest.bytes();
        }
        self.last_id
    }

    pub fn change(&mut self, id: u64, write: impl FnOnce(&mut Arrival)) {
        if let Some(arrival) = self.kept.get_mut(&id) {
            self.bytes -= arrival.bytes();
            write(arrival);
            self.bytes += arrival.bytes();
        }
    }

    pub fn remove(&mut self, id: u64) {
        self.bytes -= self.kept.remove(&id).map_or(0, |removed| removed.bytes());
    }

    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Returns those with ids after one and up to another.
    pub fn between(&self, after: u64, last: u64) -> impl Iterator<Item = &Arrival> {
        self.kept.range(after + 1..).map(|(_, arrival)| arrival).take_while(move |it| it.id <= last)
    }

    pub fn all(&self) -> Vec<Arrival> {
        self.kept.values().cloned().collect()
    }
}
