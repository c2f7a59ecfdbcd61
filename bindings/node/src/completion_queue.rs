//! Messages on their way to JavaScript, in batches: one crossing and one parse for all that ended meanwhile.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How long a batch may become before the next is begun. A single message may be longer.
const BATCH: usize = 1024 * 1024;

/// Messages that were not fetched yet.
#[derive(Default)]
pub struct CompletionQueue(Mutex<State>);

#[derive(Default)]
struct State {
    /// Each a JSON array without its closing bracket.
    batches: Vec<String>,
    /// The notify was rung, and nobody has come.
    rung: bool,
}

impl CompletionQueue {
    /// Adds a JSON text, and says whether the notify must be rung.
    pub fn put(&self, message: &str) -> bool {
        let mut state = self.state();
        match state.batches.last_mut().filter(|batch| batch.len() + message.len() < BATCH) {
            Some(batch) => {
                batch.push(',');
                batch.push_str(message);
            }
            None => {
                let mut batch = String::with_capacity(message.len().max(4096));
                batch.push('[');
                batch.push_str(message);
                state.batches.push(batch);
            }
        }
        !std::mem::replace(&mut state.rung, true)
    }

    /// Takes all that is there, as texts of JSON arrays.
    pub fn fetch(&self) -> Vec<String> {
        let mut batches = {
            let mut state = self.state();
            state.rung = false;
            std::mem::take(&mut state.batches)
        };
        batches.iter_mut().for_each(|batch| batch.push(']'));
        batches
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_together_comes_together_and_rings_once() {
        let queue = CompletionQueue::default();
        assert!(queue.put("1"));
        assert!(!queue.put("2"));
        assert_eq!(queue.fetch(), ["[1,2]"]);
        assert!(queue.put("3"), "the notify is rung again after a visit");
        assert_eq!(queue.fetch(), ["[3]"]);
        assert!(queue.fetch().is_empty());
    }

    #[test]
    fn no_batch_grows_without_end() {
        let queue = CompletionQueue::default();
        let message = format!("{:?}", "x".repeat(BATCH / 2));
        for _ in 0..5 {
            queue.put(&message);
        }
        let batches = queue.fetch();
        assert_eq!(batches.len(), 5);
        assert!(batches.iter().all(|batch| batch.len() < 2 * BATCH));
    }
}
