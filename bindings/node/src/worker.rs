//! The network thread: one for the process, whatever the number of clients and workers.
//!
//! It always runs, not only during calls, so that it notices when a server closes an idle connection. When idle it
//! sleeps: spinning for some time, so that the next call need not wake it, was measured and gained nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use tokio::sync::Notify;

type Job = Box<dyn FnOnce() + Send>;

static JOBS: Mutex<Vec<Job>> = Mutex::new(Vec::new());
static WAKE: Notify = Notify::const_new();

/// Queues `job`. The thread runs it within its runtime, after all earlier jobs, at the next [`wake`].
pub fn give(job: impl FnOnce() + Send + 'static) {
    JOBS.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(job));
}

/// Runs the queued jobs. Separate from [`give`], because waking costs more than the rest of a call.
pub fn wake() -> Result<(), String> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    STARTED.get_or_init(start).clone()?;
    WAKE.notify_one();
    Ok(())
}

fn start() -> Result<(), String> {
    let fail = |e: std::io::Error| format!("the network thread could not be started: {e}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(fail)?;
    thread::Builder::new().name("ocamba-hood".into()).spawn(move || runtime.block_on(work())).map_err(fail)?;
    Ok(())
}

async fn work() {
    loop {
        WAKE.notified().await;
        let jobs = std::mem::take(&mut *JOBS.lock().unwrap_or_else(PoisonError::into_inner));
        for job in jobs {
            // Jobs only start or abort tasks, which catch their own panics. The thread must survive any other panic.
            let _ = catch_unwind(AssertUnwindSafe(job));
        }
    }
}
