//! The gate of the crate `ocamba-hood`, compiled with loom's atomics: each test runs in all interleavings of its threads.

#[cfg(test)]
#[path = "../../../crates/hood/src/transport/send_gate.rs"]
mod send_gate;

#[cfg(test)]
mod tests {
    use loom::sync::Arc;
    use loom::sync::atomic::{AtomicUsize, Ordering};
    use loom::thread::{self, JoinHandle};

    use crate::send_gate::{CallGate, SendGate};

    /// Writes the request as the connection does, if its gate lets it.
    fn write(gate: &SendGate, written: &AtomicUsize) {
        if gate.take() {
            written.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Starts the thread of the connection.
    fn dispatcher(gate: &Arc<SendGate>, written: &Arc<AtomicUsize>) -> JoinHandle<()> {
        let (gate, written) = (gate.clone(), written.clone());
        thread::spawn(move || write(&gate, &written))
    }

    #[test]
    fn request_that_was_given_up_is_never_written() {
        loom::model(|| {
            let (call, written) = (Arc::new(CallGate::default()), Arc::new(AtomicUsize::new(0)));
            let gate = call.begin_attempt();
            let dispatcher = dispatcher(&gate, &written);
            let timer = thread::spawn(move || gate.close());
            let was_sent = call.cancel();
            let timer_says_sent = timer.join().expect("the timer");
            dispatcher.join().expect("the dispatcher");
            let written = written.load(Ordering::SeqCst) == 1;
            assert_eq!((was_sent, timer_says_sent, call.is_taken()), (written, written, written));
        });
    }

    #[test]
    fn retried_request_is_written_at_most_once() {
        loom::model(|| {
            let (call, written) = (Arc::new(CallGate::default()), Arc::new(AtomicUsize::new(0)));
            let first = call.begin_attempt();
            let dispatcher = dispatcher(&first, &written);
            let canceller = {
                let call = call.clone();
                thread::spawn(move || call.cancel())
            };
            // The attempt timed out. It is made again where it was not sent.
            if !first.close() {
                write(&call.begin_attempt(), &written);
            }
            let cancelled_as_sent = canceller.join().expect("the canceller");
            dispatcher.join().expect("the dispatcher");
            let written = written.load(Ordering::SeqCst);
            assert!(written <= 1, "written {written} times");
            assert!(cancelled_as_sent || written == 0, "cancelled as not sent, and written");
        });
    }

    #[test]
    fn canceller_knows_of_a_request_before_its_repetition() {
        loom::model(|| {
            let (call, written) = (Arc::new(CallGate::default()), Arc::new(AtomicUsize::new(0)));
            // An `ensure` searched after its first request, and sends another.
            write(&call.begin_request(), &written);
            let canceller = {
                let call = call.clone();
                thread::spawn(move || call.cancel())
            };
            write(&call.begin_request(), &written);
            assert!(canceller.join().expect("the canceller") && call.is_taken());
        });
    }
}
