//! Samples for the command line.

use super::call::Call;
use super::curl::here_document;
use crate::Result;

/// A command.
pub fn write(call: &Call) -> Result<String> {
    let with_body = |command: String| match &call.body {
        Some(body) => format!("{command} - {}", here_document(body)),
        None => command + "\n",
    };
    Ok(match call.operation.as_str() {
        "createIntegration" => with_body("ocamba integrations create".into()),
        "validateIntegration" => with_body("ocamba integrations validate".into()),
        "updateIntegration" => with_body(format!("ocamba integrations update {}", call.id()?)),
        "getIntegration" => format!("ocamba integrations get {}\n", call.id()?),
        "listIntegrations" => {
            let filters: String = call.filters.iter().map(|(name, value)| format!(" --{name} {value}")).collect();
            format!("ocamba integrations list{filters}\n")
        }
        "sendTestNotification" => format!("ocamba integrations test {}\n", call.text("/integration/id")?),
        "listProviders" => "ocamba providers --live\n".to_owned(),
        _ => return Err(super::unknown(call, "command_line.rs")),
    })
}
