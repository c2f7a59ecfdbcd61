//! Panics: bugs of this package or below. A panic's message may quote a secret, so it is never shown.

use std::io::Write;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook};

/// Makes panics print their location only.
///
/// An addon has its own hook: no other code in the process is affected.
pub fn print_location_only() {
    set_hook(Box::new(|panic| {
        // A program may have closed its stderr.
        let _ = writeln!(std::io::stderr(), "{}", report(panic));
    }));
}

/// Returns the result of `work`, or `None` if it panicked. Otherwise napi would throw an error with the panic's message.
pub fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn report(panic: &PanicHookInfo<'_>) -> String {
    let location = panic.location().map_or_else(|| "an unknown location".to_owned(), ToString::to_string);
    format!("ocamba-hood panicked at {location}; please report it")
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn panic_reports_its_location_but_not_its_message() {
        static REPORTS: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let before = std::panic::take_hook();
        set_hook(Box::new(|panic| REPORTS.lock().expect("not poisoned").push(report(panic))));
        let nothing: Option<()> = catch_panic(|| panic!("a secret"));
        set_hook(before);
        let reports = REPORTS.lock().expect("not poisoned").join("\n");
        assert!(nothing.is_none() && reports.contains(file!()) && !reports.contains("a secret"), "{reports}");
    }
}
