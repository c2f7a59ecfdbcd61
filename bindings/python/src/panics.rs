//! Panics, which are bugs. Each becomes an error of this package, and shows no secret.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

/// Makes panics print their position only, because a message may quote a secret.
///
/// The hook belongs to this extension, and affects no other code in the process.
pub fn print_position_only() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        // The program may have closed its stderr.
        let _ = writeln!(std::io::stderr(), "ocamba_hood panicked at {place}; please report it");
    }));
}

/// Returns what `work` returns, or `None` after a panic, which PyO3 would raise as an exception that `except Exception`
/// does not catch.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
