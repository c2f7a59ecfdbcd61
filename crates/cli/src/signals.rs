//! Being told to stop.

use crate::exit::Exit;
use crate::report::Failure;

/// Ctrl-C, or a request to end from the system.
#[derive(Debug)]
pub struct StopSignal {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
    #[cfg(windows)]
    signals: (tokio::signal::windows::CtrlC, tokio::signal::windows::CtrlBreak),
}

impl StopSignal {
    /// From now on such a signal is noted, and does not end the process by itself.
    pub fn listen() -> Result<Self, Failure> {
        Self::new().map_err(|e| Failure::new(Exit::Failed, format!("signals cannot be listened for: {e}")))
    }

    /// Returns when the signal has come.
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

    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] })
    }

    #[cfg(windows)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c};
        Ok(Self { signals: (ctrl_c()?, ctrl_break()?) })
    }
}
