//! Panics: bugs, here or below. None tells what it was about.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

/// Has a panic say where it was, and not its message, which may quote a secret.
///
/// An addon has a hook of its own: no other code in the process is concerned.
pub fn tell_only_where() {
    set_hook(Box::new(|panic| {
        // A program may well have closed its stderr.
        let _ = writeln!(std::io::stderr(), "{}", told(panic));
    }));
}

/// What `work` returns, or nothing where it panicked. Else napi would throw an error with the panic's message.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!("ocamba-hood panicked at {place}; please report it")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_panic_tells_where_and_not_why() {
        static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let before = std::panic::take_hook();
        set_hook(Box::new(|panic| TOLD.lock().expect("not poisoned").push(told(panic))));
        let nothing: Option<()> = catch_panic(|| panic!("a secret"));
        set_hook(before);
        let told = TOLD.lock().expect("not poisoned").join("\n");
        assert!(nothing.is_none() && told.contains(file!()) && !told.contains("secret"), "{told}");
    }
}
