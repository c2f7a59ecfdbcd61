//! Signals to end, from Ctrl-C or the system: the first asks a command to end, the second ends the process.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::failure::Failure;
use crate::parts::end_signals::EndSignals;
use crate::parts::hidden_prompt;

/// Time to report the second signal: the reader of stderr may be blocked.
const REPORT_TIMEOUT: Duration = Duration::from_millis(500);
/// Time within which a signal is the same as the first one, which may have been sent twice.
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
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = EndSignals::catch()?;
        hidden_prompt::leave_signals();
        let _ = caught.send(Ok(()));
        signals.next().await;
        // The command may have done its work.
        let _ = first.send(());
        // `timeout` signals its child, and then the group of both; the script of the npm package passes on what the system
        // has sent to both.
        let _ = tokio::time::timeout(TWICE, async {
            loop {
                signals.next().await;
            }
        })
        .await;
        signals.next().await;
        Ok(())
    })
}

/// Ends the process.
fn end(failure: Failure, as_json: bool) -> ! {
    let code = failure.exit() as i32;
    let (reported, is_reported) = mpsc::channel();
    thread::spawn(move || reported.send(failure.report(as_json)));
    let _ = is_reported.recv_timeout(REPORT_TIMEOUT);
    std::process::exit(code)
}
