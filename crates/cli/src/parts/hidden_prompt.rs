//! A prompt on the terminal that hides what is typed. Whatever ends the process meanwhile restores the terminal.

#[cfg(unix)]
pub use unix::{leave_signals, read};

/// Prompts for a text.
#[cfg(not(unix))]
pub fn read(prompt: &str) -> std::io::Result<String> {
    rpassword::prompt_password(prompt)
}

/// Leaves signals to the command, which catches them from now on.
#[cfg(not(unix))]
pub fn leave_signals() {}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{self, Write};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

    use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};

    use crate::parts::end_signals::EndSignals;

    /// The keys that send a signal after which the process may continue. BSD and macOS also have Ctrl-Y, for a later stop.
    const SIGNAL_KEYS: &[SpecialCodeIndex] = &[
        SpecialCodeIndex::VQUIT,
        SpecialCodeIndex::VSUSP,
        #[cfg(not(any(target_os = "linux", target_os = "android")))]
        SpecialCodeIndex::VDSUSP,
    ];
    /// `_POSIX_VDISABLE`: turns a key off.
    const NO_KEY: u8 = if cfg!(any(target_os = "linux", target_os = "android")) { 0 } else { 0xff };

    /// The terminal of a prompt, and its state before.
    static BEFORE: Mutex<Option<(File, Termios)>> = Mutex::new(None);
    static IS_CAUGHT: AtomicBool = AtomicBool::new(false);
    static IS_LEFT: AtomicBool = AtomicBool::new(false);

    fn before() -> MutexGuard<'static, Option<(File, Termios)>> {
        BEFORE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Prompts for a text.
    pub fn read(prompt: &str) -> io::Result<String> {
        let mut terminal = File::options().read(true).write(true).open("/dev/tty")?;
        catch_signals()?;
        let text = read_hidden(&mut terminal, prompt);
        restore(&mut before());
        terminal.write_all(b"\n").and(text)
    }

    /// Leaves the terminal hidden.
    fn read_hidden(terminal: &mut File, prompt: &str) -> io::Result<String> {
        hide(terminal)?;
        // Not before: what is typed after the prompt is hidden.
        terminal.write_all(prompt.as_bytes())?;
        let input = rpassword::ConfigBuilder::new().input_reader(terminal.try_clone()?).output_discard().build();
        rpassword::read_password_with_config(input)
    }

    /// Hides what is typed, and hands over each character, since a terminal's line is limited to 4 KB. Only Ctrl-C sends a
    /// signal: after others, the process may continue.
    fn hide(terminal: &File) -> io::Result<()> {
        let mut before = before();
        let state = tcgetattr(terminal)?;
        let mut hidden = state.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON;
        hidden.special_codes[SpecialCodeIndex::VMIN] = 1;
        hidden.special_codes[SpecialCodeIndex::VTIME] = 0;
        for code in SIGNAL_KEYS {
            hidden.special_codes[*code] = NO_KEY;
        }
        *before = Some((terminal.try_clone()?, state));
        Ok(tcsetattr(terminal, OptionalActions::Now, &hidden)?)
    }

    /// Restores the terminal. Returns false if there is no prompt.
    fn restore(before: &mut Option<(File, Termios)>) -> bool {
        let Some((terminal, state)) = before.take() else { return false };
        let _ = tcsetattr(terminal, OptionalActions::Now, &state);
        true
    }

    /// Leaves signals to the command, which catches them from now on. Before that, they end the process.
    pub fn leave_signals() {
        IS_LEFT.store(true, Ordering::Relaxed);
    }

    /// Catches the signals from now on: once caught, none of them ends the process by default.
    fn catch_signals() -> io::Result<()> {
        if IS_CAUGHT.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (caught, is_caught) = mpsc::channel();
        std::thread::spawn(move || watch(&caught).or_else(|error| caught.send(Err(error))));
        is_caught.recv().map_err(io::Error::other)??;
        IS_CAUGHT.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn watch(caught: &mpsc::Sender<io::Result<()>>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut signals = EndSignals::catch()?;
            let _ = caught.send(Ok(()));
            loop {
                let signal = signals.next().await;
                // Kept until the end: nothing hides the terminal any more.
                let mut before = before();
                if restore(&mut before) || !IS_LEFT.load(Ordering::Relaxed) {
                    std::process::exit(128 + signal);
                }
            }
        })
    }
}
