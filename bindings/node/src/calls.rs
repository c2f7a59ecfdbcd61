//! The calls of one Node environment (the main thread, or a worker), and the delivery of their messages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use tokio::task::AbortHandle;

use crate::call::Call;
use crate::completion_queue::CompletionQueue;
use crate::failure::Failure;
use crate::{panics, worker};

/// Makes the JS thread fetch its messages. Weak: it does not keep the process alive.
type Notify = ThreadsafeFunction<(), (), Vec<String>, Status, false, true>;

/// The calls of one environment.
#[napi]
#[derive(Clone)]
pub struct Calls {
    shared: Arc<Shared>,
}

/// The state that the environment and the tasks of its calls share.
#[derive(Default)]
pub struct Shared {
    queue: Mutex<CompletionQueue>,
    notify: Mutex<Option<Notify>>,
    tasks: Mutex<HashMap<u64, AbortHandle>>,
}

#[napi]
impl Calls {
    /// Creates the calls of an environment.
    #[napi(constructor, catch_unwind)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        panics::print_location_only();
        Self { shared: Arc::default() }
    }

    /// Sets the function that receives JSON arrays of messages.
    #[napi(catch_unwind)]
    pub fn listen(&self, env: &Env, deliver: Function<'_, Vec<String>, ()>) -> Result<()> {
        let queue = self.shared.clone();
        let notify = deliver.build_threadsafe_function().weak().build_callback(move |_| Ok(queue.fetch()))?;
        *lock(&self.shared.notify) = Some(notify);
        // Another environment may have woken the network thread, so that calls have ended before this moment.
        if lock(&self.shared.queue).is_waiting() {
            self.shared.notify();
        }
        env.add_env_cleanup_hook(self.shared.clone(), |shared| shared.close())?;
        Ok(())
    }

    /// Forbids connections to other machines until the process ends.
    #[napi(catch_unwind)]
    pub fn disable_net_connect() {
        ocamba_hood::disable_net_connect();
    }

    /// Aborts a call, unless it ended meanwhile.
    #[napi(catch_unwind)]
    pub fn abort(&self, id: f64) {
        let shared = self.shared.clone();
        worker::give(move || shared.abort(id as u64));
    }

    /// Starts and aborts the calls that were given since the last flush. If there can be no network thread, no call of the
    /// process is ever started, and the reason of this error is the failure of all.
    #[napi(catch_unwind)]
    pub fn flush(&self) -> Result<()> {
        worker::wake().map_err(|why| Failure::thrown(Failure::connection(why)))
    }

    /// Returns a warning of this process that was not shown yet.
    #[napi(catch_unwind)]
    pub fn warning(&self) -> Option<String> {
        ocamba_hood::take_warning()
    }

    /// Sets whether the process stays alive: while a call is pending.
    #[napi(catch_unwind)]
    pub fn keep_alive(&self, env: &Env, alive: bool) -> Result<()> {
        let mut notify = lock(&self.shared.notify);
        // Deprecated in favour of dropping the function, but this function is needed again.
        #[allow(deprecated)]
        notify.as_mut().map_or(Ok(()), |notify| if alive { notify.refer(env) } else { notify.unref(env) })
    }
}

impl Calls {
    /// Starts a call as a task, which is in the table before it begins.
    pub fn start<F>(&self, id: u64, task: impl FnOnce(Call) -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let shared = self.shared.clone();
        worker::give(move || {
            let task = tokio::spawn(task(Call::new(id, shared.clone())));
            lock(&shared.tasks).insert(id, task.abort_handle());
        });
    }
}

impl Shared {
    /// Delivers the message of a call.
    pub fn deliver(self: &Arc<Self>, id: u64, message: &str) {
        lock(&self.tasks).remove(&id);
        if lock(&self.queue).put(message) {
            let shared = self.clone();
            // A new task runs after those that are ready: calls that end together are delivered together.
            tokio::spawn(async move { shared.notify() });
        }
    }

    fn notify(&self) {
        if let Some(notify) = &*lock(&self.notify) {
            // It fails only if the environment is closing, and then nobody waits.
            notify.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// Takes the messages that were not fetched yet.
    pub fn fetch(&self) -> Vec<String> {
        lock(&self.queue).fetch()
    }

    fn abort(&self, id: u64) {
        // Outside the lock: an aborted task may end at once, and removes itself from the table.
        let task = lock(&self.tasks).remove(&id);
        if let Some(task) = task {
            task.abort();
        }
    }

    /// Aborts all calls when the environment closes, and delivers nothing more.
    fn close(self: Arc<Self>) {
        lock(&self.notify).take();
        worker::give(move || {
            let tasks = std::mem::take(&mut *lock(&self.tasks));
            tasks.into_values().for_each(|task| task.abort());
        });
        // If the thread could not be started, there is nothing to abort.
        let _ = worker::wake();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
