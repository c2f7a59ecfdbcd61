//! The end of the process that started the sandbox, however it died.

use std::io;
use std::time::Duration;

use tokio::time::sleep;

/// The npm package's script sets it to its process id, so that the program knows whether it is that script's own.
const WRAPPER: &str = "OCAMBA_WRAPPER_PID";
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for the end of the process that started this one, where `--until-input-ends` requests it or the npm
/// package has started this one.
///
/// The end of the input alone does not tell: a process that the other one has forked keeps the pipe open.
pub async fn end(until_input_ends: bool) {
    let is_wrapped = std::env::var(WRAPPER).is_ok_and(|pid| parent().is_some_and(|parent| pid == parent.to_string()));
    tokio::select! {
        () = input_end(), if until_input_ends => {}
        () = parent_end(), if until_input_ends || is_wrapped => {}
        else => std::future::pending().await,
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
async fn parent_end() {
    let first = parent();
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
