//! Samples for cURL.

use super::call::Call;

/// A command that fails if the request fails.
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

/// JSON for standard input, without interpolation by the shell.
pub fn here_document(body: &serde_json::Value) -> String {
    format!("<<'JSON'\n{body:#}\nJSON\n")
}
