//! Panics: bugs, here or below. To a user each is an error of this package, and none tells what it was about.

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

/// Has a panic say where it was, and not its message, which may quote a secret.
///
/// An extension has a hook of its own: no other code in the process is concerned.
pub fn tell_only_where() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        // A program may well have closed its stderr.
        let _ = writeln!(std::io::stderr(), "ocamba_hood panicked at {place}; please report it");
    }));
}

/// What `work` returns, or nothing where it panicked. Else PyO3 would raise what `except Exception` does not catch.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}
