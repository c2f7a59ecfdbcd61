//! The end of the process that started the sandbox, however it died.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

/// The npm package's script sets it to its process id, so that the program knows whether it is that script's own.
const WRAPPER: &str = "OCAMBA_WRAPPER_PID";
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The process that started this one.
pub struct Parent {
    id: Option<u32>,
    is_wrapper: bool,
}

impl Parent {
    /// Returns the parent, which must still be alive: whoever waits for the sandbox's first line may die after it.
    pub fn current() -> Self {
        let id = parent();
        let is_wrapper = std::env::var(WRAPPER).is_ok_and(|wrapper| id.is_some_and(|id| wrapper == id.to_string()));
        Self { id, is_wrapper }
    }

    /// Waits for its end, where `--until-input-ends` requests it or the npm package has started this process.
    ///
    /// The end of the input alone does not tell: a process that the other one has forked keeps the pipe open.
    pub async fn end(self, until_input_ends: bool) {
        tokio::select! {
            () = input_end(), if until_input_ends => {}
            () = other_parent(self.id), if until_input_ends || self.is_wrapper => {}
            else => std::future::pending().await,
        }
    }
}

/// Waits for the end of the input. On a thread that the end of the program does not wait for.
async fn input_end() {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        ended.send(())
    });
    let _ = end.await;
}

/// Waits until this process has another parent: the system gives it one when its own has ended.
async fn other_parent(first: Option<u32>) {
    while parent() == first {
        sleep(PAUSE).await;
    }
}

#[cfg(unix)]
fn parent() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

/// Windows ends the children of Node's processes with them.
#[cfg(not(unix))]
fn parent() -> Option<u32> {
    None
}
