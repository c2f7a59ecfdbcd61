//! Samples for the Python package.

use super::super::python::{attribute, literal};
use super::call::Call;
use crate::Result;
use crate::codegen::quoted;

/// A script.
pub fn write(call: &Call) -> Result<String> {
    let (lines, settings) = match call.operation.as_str() {
        "createIntegration" => (
            format!(
                "integration = client.integrations.create(\n{})\nprint(integration.id, integration.status)",
                new(call)?
            ),
            Some(call.provider()?.schema.clone()),
        ),
        "validateIntegration" => {
            (format!("client.integrations.validate(\n{})", new(call)?), Some(call.provider()?.schema.clone()))
        }
        "getIntegration" => (
            format!(
                "integration = client.integrations.get({})\nprint(integration.name, integration.status)",
                quoted(call.id()?)
            ),
            None,
        ),
        "listIntegrations" => {
            let filters = call.filters.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
            let filters = filters.collect::<Vec<_>>().join(", ");
            (
                format!(
                    "for integration in client.integrations.list({filters}):\n    print(integration.id, integration.name)"
                ),
                None,
            )
        }
        "updateIntegration" => {
            let class = format!("{}Update", call.provider()?.schema);
            let update = format!(
                "client.integrations.update({}, settings={class}({}))",
                quoted(call.id()?),
                settings(call)?.join(", ")
            );
            (update, Some(class))
        }
        "sendTestNotification" => {
            (format!("client.integrations.send_test({})", quoted(call.text("/integration/id")?)), None)
        }
        "listProviders" => {
            ("for provider in client.providers.list():\n    print(provider.id, provider.name)".to_owned(), None)
        }
        _ => return Err(super::unknown(call, "python.rs")),
    };
    let names: Vec<_> = std::iter::once("Client".to_owned()).chain(settings).collect();
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    Ok(format!("from ocamba_hood import {}\n\nwith Client() as client:  # OCAMBA_TOKEN\n{lines}", names.join(", ")))
}

/// The arguments of a create.
fn new(call: &Call) -> Result<String> {
    let settings: String = settings(call)?.iter().map(|argument| format!("        {argument},\n")).collect();
    let (name, schema) = (quoted(call.text("/name")?), &call.provider()?.schema);
    Ok(format!("    name={name},\n    settings={schema}(\n{settings}    ),\n"))
}

/// The settings of the body, as arguments of their class.
fn settings(call: &Call) -> Result<Vec<String>> {
    let given = call.body.as_ref().and_then(|body| body["settings"].as_object()).into_iter().flatten();
    Ok(given.map(|(name, value)| format!("{}={}", attribute(name), literal(value))).collect())
}
