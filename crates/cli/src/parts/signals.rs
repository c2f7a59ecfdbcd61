//! Signals that stop the program.

use std::io;

/// Ctrl-C, or a request of the system to end.
#[derive(Debug)]
pub struct StopSignal {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
    #[cfg(windows)]
    signals: (tokio::signal::windows::CtrlC, tokio::signal::windows::CtrlBreak),
}

impl StopSignal {
    /// Catches the signals from now on, so that they no longer end the process.
    pub fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
        }
        #[cfg(windows)]
        {
            use tokio::signal::windows::{ctrl_break, ctrl_c};
            Ok(Self { signals: (ctrl_c()?, ctrl_break()?) })
        }
    }

    /// Waits for a signal.
    pub async fn received(&mut self) {
        #[cfg(unix)]
        let [first, second] = &mut self.signals;
        #[cfg(windows)]
        let (first, second) = &mut self.signals;
        tokio::select! {
            _ = first.recv() => {}
            _ = second.recv() => {}
        }
    }
}
