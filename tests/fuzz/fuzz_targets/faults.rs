//! Any text as faults of the sandbox: rejected with a message, or read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocamba_sandbox::faults::Faults;

fuzz_target!(|text: &str| {
    if let Err(error) = text.parse::<Faults>() {
        assert!(!error.to_string().is_empty());
    }
});
