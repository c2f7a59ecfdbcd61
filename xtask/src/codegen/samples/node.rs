//! Samples for the Node package.

use serde_json::{Value, json};

use super::call::Call;
use super::literal::JAVASCRIPT;
use crate::Result;
use crate::codegen::quoted;

/// A module.
pub fn write(call: &Call) -> Result<String> {
    let body = |depth| call.body.as_ref().map(|body| JAVASCRIPT.write(body, depth)).unwrap_or_default();
    let lines = match call.operation.as_str() {
        "createIntegration" => format!(
            "const integration = await client.integrations.create({});\nconsole.log(integration.id, integration.status);",
            body(0)
        ),
        "validateIntegration" => format!("await client.integrations.validate({});", body(0)),
        "getIntegration" => format!(
            "const integration = await client.integrations.get({});\nconsole.log(integration.name, integration.status);",
            quoted(call.id()?)
        ),
        "listIntegrations" => {
            let filters = call.filters.iter().map(|(name, value)| format!("{name}: {}", quoted(value)));
            format!(
                "for await (const {{ id, name }} of client.integrations.list({{ {} }})) {{\n  console.log(id, name);\n}}",
                filters.collect::<Vec<_>>().join(", ")
            )
        }
        "updateIntegration" => {
            // Names the provider, so that the settings are checked.
            let mut update = json!({ "provider_id": call.provider()?.id });
            if let (Some(update), Some(Value::Object(body))) = (update.as_object_mut(), &call.body) {
                update.extend(body.clone());
            }
            format!("await client.integrations.update({}, {});", quoted(call.id()?), JAVASCRIPT.write(&update, 0))
        }
        "sendTestNotification" => {
            format!("await client.integrations.sendTest({});", quoted(call.text("/integration/id")?))
        }
        "listProviders" => {
            "for await (const { id, name } of client.providers.list()) {\n  console.log(id, name);\n}".to_owned()
        }
        _ => return Err(super::unknown(call, "node.rs")),
    };
    Ok(format!("import {{ Client }} from \"ocamba-hood\";\n\nconst client = new Client(); // OCAMBA_TOKEN\n{lines}\n"))
}
