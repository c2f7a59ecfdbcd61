//! Samples without a package of the project: cURL, `fetch` and PHP.

use super::call::Call;
use super::literal::{JAVASCRIPT, PHP};

/// A command that fails if the request fails.
pub fn curl(call: &Call) -> String {
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

/// A module that needs only `fetch`, for servers: a page must not have the token.
pub fn fetch(call: &Call) -> String {
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

/// A script with PHP's cURL extension, which throws an exception if the request fails.
pub fn php(call: &Call) -> String {
    let usual = if call.body.is_some() { "POST" } else { "GET" };
    let method =
        if call.method == usual { String::new() } else { format!("    CURLOPT_CUSTOMREQUEST => '{}',\n", call.method) };
    let (kind, body) = match &call.body {
        Some(body) => (
            "        'Content-Type: application/json',\n",
            format!("    CURLOPT_POSTFIELDS => json_encode({}, JSON_THROW_ON_ERROR),\n", PHP.write(body, 1)),
        ),
        None => ("", String::new()),
    };
    let result = if call.has_response_body { "print_r(json_decode($body, true));" } else { "echo \"done\\n\";" };
    format!(
        "<?php\n$baseUrl = getenv('OCAMBA_BASE_URL') ?: '{}';\n$curl = curl_init(\"$baseUrl{}\");\ncurl_setopt_array($curl, [\n{method}\
        \x20   CURLOPT_HTTPHEADER => [\n        'Authorization: Bearer ' . getenv('OCAMBA_TOKEN'),\n{kind}    ],\n{body}\
        \x20   CURLOPT_RETURNTRANSFER => true,\n]);\n$body = curl_exec($curl);\n$status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);\n\
        if ($status !== {}) {{\n    throw new RuntimeException($body === false ? curl_error($curl) : \"$status $body\");\n}}\n{result}\n",
        call.server,
        call.target(),
        call.success,
    )
}
