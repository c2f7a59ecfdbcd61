//! Signals to end, from Ctrl-C or the system: the first asks a command to end, the second ends the process.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::failure::Failure;

/// Time to report the second signal: the reader of stderr may be blocked.
const REPORT_TIMEOUT: Duration = Duration::from_millis(500);
/// Time within which a signal is the same as the first one, if it may have been sent twice.
const TWICE: Duration = Duration::from_millis(250);

/// Catches signals from now on. The future ends at the first one. The second one ends the process with a failure, whatever
/// the command is waiting for.
pub fn first_signal(at_second: Failure, as_json: bool) -> Result<impl Future<Output = ()>, Failure> {
    let (first, is_first) = oneshot::channel();
    let (caught, is_caught) = mpsc::channel();
    // A thread of its own: a disk, or the reader of an output, may block that of the command.
    thread::spawn(move || match watch(&caught, first) {
        Ok(()) => end(at_second, as_json),
        Err(error) => drop(caught.send(Err(error))),
    });
    let failed = |why: &dyn std::fmt::Display| Failure::other(format!("signals cannot be caught: {why}"));
    is_caught.recv().map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
    Ok(async move { drop(is_first.await) })
}

/// Waits for two signals.
fn watch(caught: &mpsc::Sender<io::Result<()>>, first: oneshot::Sender<()>) -> io::Result<()> {
    #[cfg(unix)]
    use tokio::signal::unix::{SignalKind, signal};
    #[cfg(windows)]
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close};

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        let (mut one, mut other) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        #[cfg(unix)]
        let mut hangup = if hangup_ends() { Some(signal(SignalKind::hangup())?) } else { None };
        #[cfg(windows)]
        let (mut one, mut other, mut hangup) = (ctrl_c()?, ctrl_break()?, Some(ctrl_close()?));
        let mut next = async || {
            tokio::select! {
                _ = one.recv() => {}
                _ = other.recv() => {}
                Some(_) = async { hangup.as_mut()?.recv().await } => {}
            }
        };
        let _ = caught.send(Ok(()));
        next().await;
        // The command may have done its work.
        let _ = first.send(());
        if is_wrapped() {
            // The script passes on what it gets, also where the system has sent it to both.
            let _ = tokio::time::timeout(TWICE, async {
                loop {
                    next().await
                }
            })
            .await;
        }
        next().await;
        Ok(())
    })
}

/// Returns whether the script of the npm package has started this process.
fn is_wrapped() -> bool {
    std::env::var_os("OCAMBA_WRAPPER_PID").is_some()
}

/// Returns whether a hangup is to end the process: not below `nohup`, and not where that cannot be known, since the system
/// itself then ends the process or not.
#[cfg(unix)]
fn hangup_ends() -> bool {
    /// SIGHUP in the mask of ignored signals.
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & HANGUP == 0)
}

/// Ends the process.
fn end(failure: Failure, as_json: bool) -> ! {
    let code = failure.exit() as i32;
    let (reported, is_reported) = mpsc::channel();
    thread::spawn(move || reported.send(failure.report(as_json)));
    let _ = is_reported.recv_timeout(REPORT_TIMEOUT);
    std::process::exit(code)
}
