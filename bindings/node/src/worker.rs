//! The thread that everything on the wire happens on: one for the process, whatever the number of clients and workers.
//!
//! It runs always, not only during calls: only so is it seen in time when a server closes an idle connection.

use std::sync::OnceLock;
use std::thread;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

type Job = Box<dyn FnOnce() + Send>;

/// Runs `job` on the thread, within its runtime, after all that were given before.
pub fn run(job: impl FnOnce() + Send + 'static) -> Result<(), String> {
    static JOBS: OnceLock<Result<UnboundedSender<Job>, String>> = OnceLock::new();
    let jobs = JOBS.get_or_init(start).as_ref().map_err(String::clone)?;
    jobs.send(Box::new(job)).map_err(|_| "the network thread has ended".to_owned())
}

fn start() -> Result<UnboundedSender<Job>, String> {
    let fail = |e: std::io::Error| format!("the network thread cannot be started: {e}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fail)?;
    let (sender, jobs) = unbounded_channel();
    thread::Builder::new().name("ocamba-hood".into()).spawn(move || runtime.block_on(work(jobs))).map_err(fail)?;
    Ok(sender)
}

async fn work(mut jobs: UnboundedReceiver<Job>) {
    while let Some(job) = jobs.recv().await {
        // A job only starts or ends tasks, and those catch their own panics. The thread must outlive even the unforeseen.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}
