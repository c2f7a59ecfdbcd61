//! Any text as a request: rejected with field errors, or read and written to the same JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocamba_hood::{RequestBody, NewIntegration};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let Ok(body) = RequestBody::new_integration(text, true) else { return };
    let request = NewIntegration::from_json_allowing_unknown_providers(text).expect("it was checked");
    let written = RequestBody::try_from(&request).expect("it was read");
    let value = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    assert_eq!(value(body.expose()), value(written.expose()));
});
