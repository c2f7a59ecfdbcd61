//! Warnings of this process that its user has not seen yet.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::error::{Error, ErrorKind};

/// The warnings that wait to be seen, and the keys of all that there were.
static WARNINGS: LazyLock<Mutex<(Vec<String>, HashSet<String>)>> = LazyLock::new(Mutex::default);
static IS_WAITING: AtomicBool = AtomicBool::new(false);

/// Logs a warning, and keeps it until it is taken. The same warning is kept once in a process.
pub fn warn(text: String) {
    warn_once(text.clone(), text);
}

fn warn_once(key: String, text: String) {
    tracing::warn!("{text}");
    let mut warnings = WARNINGS.lock().unwrap_or_else(PoisonError::into_inner);
    if warnings.1.insert(key) {
        warnings.0.push(text);
        IS_WAITING.store(true, Ordering::Release);
    }
}

/// Warns of an error of storage. A Redis fails for several reasons in turn, and is warned of once.
pub fn warn_of(error: &Error, consequence: &str) {
    let key = if error.kind() == ErrorKind::Connection { consequence.to_owned() } else { format!("{error}") };
    warn_once(key, format!("{error}; {consequence}"));
}

/// Returns a warning of this process that nobody has taken yet: a file or the Redis of a rate limit cannot be used, so that
/// other processes do not share the limit, or the names that are ensured. Programs show it to their users. It is also logged.
///
/// The call costs next to nothing while there is no warning.
pub fn take_warning() -> Option<String> {
    if !IS_WAITING.load(Ordering::Acquire) {
        return None;
    }
    let mut warnings = WARNINGS.lock().unwrap_or_else(PoisonError::into_inner);
    let warning = warnings.0.pop();
    IS_WAITING.store(!warnings.0.is_empty(), Ordering::Release);
    warning
}
