//! The signals that ask a process to end: from Ctrl-C, the system, or a terminal that closes.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

/// Signals that are caught from now on, for the rest of the process.
#[cfg(unix)]
pub struct EndSignals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Option<Signal>,
}

#[cfg(windows)]
pub struct EndSignals {
    interrupt: CtrlC,
    terminate: CtrlBreak,
    hangup: Option<CtrlClose>,
}

impl EndSignals {
    /// Catches the signals. Within a runtime only.
    #[cfg(unix)]
    pub fn catch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if hangup_ends() { Some(signal(SignalKind::hangup())?) } else { None },
        })
    }

    #[cfg(windows)]
    pub fn catch() -> io::Result<Self> {
        Ok(Self { interrupt: ctrl_c()?, terminate: ctrl_break()?, hangup: Some(ctrl_close()?) })
    }

    /// Waits for the next one, and returns its number.
    pub async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
            Some(_) = async { self.hangup.as_mut()?.recv().await } => 1,
        }
    }
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
