//! Samples for cURL.

use super::call::Call;

/// A command that fails where the server says no.
pub fn write(call: &Call) -> String {
    let mut lines = vec![
        format!("curl --fail-with-body \"${{OCAMBA_BASE_URL:-{}}}{}\"", call.server, call.target()),
        "  --header \"Authorization: Bearer $OCAMBA_TOKEN\"".to_owned(),
    ];
    let usual = if call.body.is_some() { "POST" } else { "GET" };
    if call.method != usual {
        lines.push(format!("  --request {}", call.method));
    }
    match &call.body {
        Some(body) => {
            lines.push("  --json @-".to_owned());
            format!("{} {}", lines.join(" \\\n"), here_document(body))
        }
        None => lines.join(" \\\n") + "\n",
    }
}

/// JSON for standard input, in which the shell replaces nothing.
pub fn here_document(body: &serde_json::Value) -> String {
    format!("<<'JSON'\n{body:#}\nJSON\n")
}
