//! Samples in PHP, with its cURL extension.

use super::call::Call;
use super::literal::PHP;

/// A script that throws an exception if the request fails.
pub fn write(call: &Call) -> String {
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
