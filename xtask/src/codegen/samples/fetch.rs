//! Samples in JavaScript for servers, since a page must not have the token.

use super::call::Call;
use super::literal::JAVASCRIPT;

/// A module that needs only `fetch`.
pub fn write(call: &Call) -> String {
    let token = "Authorization: `Bearer ${process.env.OCAMBA_TOKEN}`";
    let options = match &call.body {
        Some(body) => format!(
            "  method: \"{}\",\n  headers: {{\n    {token},\n    \"Content-Type\": \"application/json\",\n  }},\n  body: JSON.stringify({}),\n",
            call.method,
            JAVASCRIPT.write(body, 1),
        ),
        None => {
            let method = if call.method == "GET" { String::new() } else { format!("  method: \"{}\",\n", call.method) };
            format!("{method}  headers: {{ {token} }},\n")
        }
    };
    let result = if call.has_response_body { "await response.json()" } else { "\"done\"" };
    format!(
        "const baseUrl = process.env.OCAMBA_BASE_URL ?? \"{}\";\n\
        const response = await fetch(`${{baseUrl}}{}`, {{\n{options}}});\n\
        if (response.status !== {}) {{\n  throw new Error(`${{response.status}} ${{await response.text()}}`);\n}}\n\
        console.log({result});\n",
        call.server,
        call.target(),
        call.success,
    )
}
