//! Samples for the Rust crate.

use serde_json::Value;

use super::super::spec::Provider;
use super::call::Call;
use crate::Result;

/// A program.
pub fn write(call: &Call) -> Result<String> {
    let mut types = vec!["Client".to_owned(), "Error".to_owned()];
    let lines = match call.operation.as_str() {
        "createIntegration" => {
            types.extend([call.provider()?.schema.clone(), "NewIntegration".to_owned()]);
            format!(
                "{}let integration = client.integrations().create(request).await?;\nprintln!(\"created {{}}\", integration.id);",
                new(call)?
            )
        }
        "validateIntegration" => {
            types.extend([call.provider()?.schema.clone(), "NewIntegration".to_owned()]);
            format!("{}client.integrations().validate(request).await?;", new(call)?)
        }
        "getIntegration" => format!(
            "let integration = client.integrations().get({:?}).await?;\nprintln!(\"{{:?}} {{:?}}\", integration.name, integration.status);",
            call.id()?
        ),
        "listIntegrations" => {
            let filters = call.filters.iter().map(|(name, value)| {
                // A keyword.
                let name = if name == "type" { "kind" } else { name };
                format!(".{name}({value:?})")
            });
            format!(
                "let mut list = client.integrations().list(){}.items();\nwhile let Some(integration) = list.next().await {{\n    let integration = integration?;\n    println!(\"{{}} {{:?}}\", integration.id, integration.name);\n}}",
                filters.collect::<String>()
            )
        }
        "updateIntegration" => {
            types.extend([format!("{}Update", call.provider()?.schema), "UpdateIntegration".to_owned()]);
            update(call)?
        }
        "sendTestNotification" => {
            format!("client.integrations().send_test({:?}).await?;", call.text("/integration/id")?)
        }
        "listProviders" => "for provider in client.providers().list().all().await? {\n    println!(\"{} {:?}\", provider.id, provider.name);\n}".to_owned(),
        _ => return Err(super::unknown(call, "rust.rs")),
    };
    types.sort();
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    Ok(format!(
        "use ocamba_hood::{{{}}};\n\n#[tokio::main]\nasync fn main() -> Result<(), Error> {{\n\
        \x20   let client = Client::from_env()?; // OCAMBA_TOKEN\n{lines}    Ok(())\n}}\n",
        types.join(", ")
    ))
}

/// The lines of a create.
fn new(call: &Call) -> Result<String> {
    let provider = call.provider()?;
    let settings = &provider.request["settings"];
    let fields: String = provider
        .settings
        .iter()
        .map(|setting| {
            let value = match (literal(&settings[&setting.name]), setting.required) {
                (Some(value), true) => value,
                (Some(value), false) => format!("Some({value})"),
                (None, _) => "None".to_owned(),
            };
            format!("    {}: {value},\n", field(&setting.name))
        })
        .collect();
    let Provider { schema, .. } = provider;
    Ok(format!(
        "let settings = {schema} {{\n{fields}}};\nlet request = NewIntegration::new({:?}, settings);\n",
        call.text("/name")?
    ))
}

/// The lines of an update.
fn update(call: &Call) -> Result<String> {
    let provider = call.provider()?;
    let given = call.body.as_ref().and_then(|body| body["settings"].as_object());
    let fields: String = given
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| {
            let value = literal(value)?;
            // A field update converts from any value; strings have `into` already.
            let value = if value.ends_with(".into()") { value } else { format!("{value}.into()") };
            Some(format!("    {}: {value},\n", field(name)))
        })
        .collect();
    // Without other settings, the rest would be empty.
    let changed = given.map_or(0, |all| all.len());
    let rest = if changed < provider.settings.len() { "    ..Default::default()\n" } else { "" };
    Ok(format!(
        "let settings = {}Update {{\n{fields}{rest}}};\nlet update = UpdateIntegration::new().settings(settings);\nclient.integrations().update({:?}, update).await?;",
        provider.schema,
        call.id()?
    ))
}

fn literal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(format!("{text:?}.into()")),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// The field of a setting: a keyword gets a `_` at its end.
fn field(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if syn::parse_str::<syn::Ident>(&plain).is_ok() { plain } else { plain + "_" }
}
