//! Any status, header and body as a response: a result or an error, never a panic; a result is written back unchanged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ocamba_hood::{Integration, reveal};
use serde_json::Value;

fuzz_target!(|input: (u16, &[u8], &[u8])| {
    let (status, header, body) = input;
    ocamba_hood::fuzzing::read_response(status, header, body);
    let Ok(integration) = serde_json::from_slice::<Integration>(body) else { return };
    let written = reveal(|| serde_json::to_value(&integration)).expect("JSON");
    let mut read: Value = serde_json::from_slice(body).expect("it was read");
    // The only change: an id that is a number becomes a string.
    read["id"] = written["id"].clone();
    assert_eq!(written, read);
});
