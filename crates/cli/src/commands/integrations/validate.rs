//! `ocamba integrations validate`.

use serde_json::json;

use super::request::RequestInput;
use crate::parts::table::{DONE, printable};
use crate::shared::error_hints::CommandContext;
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, output};

/// Asks the provider to check the credentials of a request.
pub fn run(input: &RequestInput, global: &Global) -> Result<(), Failure> {
    let request = input.read("validate")?;
    let context = CommandContext::reading(&request.source, "validate integrations");
    calls::send_one(global, request.operation, &context)?;
    let value = json!({ "action": "validated", "name": request.name });
    output::print(global.output, &value, || {
        let name = printable(&request.name);
        format!("{DONE}Valid{DONE:#}: the provider accepts the credentials of {name}; nothing was created\n")
    })
}

pub const EXAMPLES: &[(&str, &str)] =
    &[("check the credentials in a request", "ocamba integrations validate request.json")];
