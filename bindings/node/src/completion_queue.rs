//! Messages for JavaScript, in batches: one crossing and one parse for all calls that ended meanwhile.

/// Maximum size of a batch, in bytes, unless a single message is larger.
const BATCH: usize = 1024 * 1024;

/// Messages that were not fetched yet.
#[derive(Default)]
pub struct CompletionQueue {
    /// JSON arrays without their closing brackets.
    batches: Vec<String>,
    /// Whether JavaScript was notified and has not fetched since.
    notified: bool,
}

impl CompletionQueue {
    /// Adds a message, and returns whether to notify JavaScript.
    pub fn put(&mut self, message: &str) -> bool {
        match self.batches.last_mut().filter(|batch| batch.len() + message.len() < BATCH) {
            Some(batch) => {
                batch.push(',');
                batch.push_str(message);
            }
            None => {
                let mut batch = String::with_capacity(message.len().max(4096));
                batch.push('[');
                batch.push_str(message);
                self.batches.push(batch);
            }
        }
        !std::mem::replace(&mut self.notified, true)
    }

    /// Whether messages wait to be fetched, though JavaScript was to be notified.
    pub fn is_waiting(&self) -> bool {
        self.notified
    }

    /// Takes all messages, as JSON arrays.
    pub fn fetch(&mut self) -> Vec<String> {
        let mut batches = std::mem::take(self).batches;
        batches.iter_mut().for_each(|batch| batch.push(']'));
        batches
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queue_batches_messages_and_notifies_once() {
        let mut queue = CompletionQueue::default();
        assert!(queue.put("1"));
        assert!(!queue.put("2"));
        assert_eq!(queue.fetch(), ["[1,2]"]);
        assert!(queue.put("3"), "JavaScript is notified again after a fetch");
        assert_eq!(queue.fetch(), ["[3]"]);
        assert!(queue.fetch().is_empty());
    }

    #[test]
    fn queue_limits_the_size_of_batches() {
        let mut queue = CompletionQueue::default();
        let message = format!("{:?}", "x".repeat(BATCH / 2));
        for _ in 0..5 {
            queue.put(&message);
        }
        let batches = queue.fetch();
        assert_eq!(batches.len(), 5);
        assert!(batches.iter().all(|batch| batch.len() < 2 * BATCH));
    }
}
