//! Samples for the packages of the project, and for its command line.

use serde_json::{Map, Value, json};

use super::super::rust::{example_value, literal as rust_literal};
use super::super::{python, quoted};
use super::call::Call;
use super::http::here_document;
use super::literal::JAVASCRIPT;
use crate::Result;

/// A language's templates, by `operationId`. They name values in angle brackets.
struct Package {
    templates: [(&'static str, &'static str); 7],
    /// Writes a value of a call, except for ids.
    value: fn(&Call, &str) -> Result<String>,
}

const RUST: Package = Package {
    templates: [
        (
            "createIntegration",
            "<new>let integration = client.integrations().create(request).await?;\nprintln!(\"created {}\", integration.id);",
        ),
        ("validateIntegration", "<new>client.integrations().validate(request).await?;"),
        (
            "getIntegration",
            "let integration = client.integrations().get(<id>).await?;\nprintln!(\"{:?} {:?}\", integration.name, integration.status);",
        ),
        (
            "listIntegrations",
            "let mut list = client.integrations().list()<filters>.items();\nwhile let Some(integration) = list.next().await {\n    let integration = integration?;\n    println!(\"{} {:?}\", integration.id, integration.name);\n}",
        ),
        ("updateIntegration", "<update>client.integrations().update(<id>, update).await?;"),
        ("sendTestNotification", "client.integrations().send_test(<tested>).await?;"),
        (
            "listProviders",
            "for provider in client.providers().list().all().await? {\n    println!(\"{} {:?}\", provider.id, provider.name);\n}",
        ),
    ],
    value: |call, name| match name {
        "new" => rust_new(call),
        "update" => rust_update(call),
        // A keyword.
        _ => Ok(filters(call, "", |name, value| format!(".{}({value:?})", if name == "type" { "kind" } else { name }))),
    },
};

const PYTHON: Package = Package {
    templates: [
        (
            "createIntegration",
            "integration = client.integrations.create(\n<new>)\nprint(integration.id, integration.status)",
        ),
        ("validateIntegration", "client.integrations.validate(\n<new>)"),
        ("getIntegration", "integration = client.integrations.get(<id>)\nprint(integration.name, integration.status)"),
        (
            "listIntegrations",
            "for integration in client.integrations.list(<filters>):\n    print(integration.id, integration.name)",
        ),
        ("updateIntegration", "client.integrations.update(<id>, settings=<settings>)"),
        ("sendTestNotification", "client.integrations.send_test(<tested>)"),
        ("listProviders", "for provider in client.providers.list():\n    print(provider.id, provider.name)"),
    ],
    value: |call, name| {
        let settings =
            || changed(call).map(|(n, value)| format!("{}={}", python::attribute(n), python::literal(value)));
        let class = class(call).unwrap_or_default();
        Ok(match name {
            "new" => {
                let settings: String = settings().map(|argument| format!("        {argument},\n")).collect();
                format!("    name={},\n    settings={class}(\n{settings}    ),\n", quoted(call.text("/name")?))
            }
            "settings" => format!("{class}({})", settings().collect::<Vec<_>>().join(", ")),
            _ => filters(call, ", ", |name, value| format!("{name}={}", quoted(value))),
        })
    },
};

const NODE: Package = Package {
    templates: [
        (
            "createIntegration",
            "const integration = await client.integrations.create(<body>);\nconsole.log(integration.id, integration.status);",
        ),
        ("validateIntegration", "await client.integrations.validate(<body>);"),
        (
            "getIntegration",
            "const integration = await client.integrations.get(<id>);\nconsole.log(integration.name, integration.status);",
        ),
        (
            "listIntegrations",
            "for await (const { id, name } of client.integrations.list({ <filters> })) {\n  console.log(id, name);\n}",
        ),
        ("updateIntegration", "await client.integrations.update(<id>, <update>);"),
        ("sendTestNotification", "await client.integrations.sendTest(<tested>);"),
        ("listProviders", "for await (const { id, name } of client.providers.list()) {\n  console.log(id, name);\n}"),
    ],
    value: |call, name| {
        Ok(match name {
            "body" => JAVASCRIPT.write(call.body.as_ref().unwrap_or(&Value::Null), 0),
            // Names the provider, so that the settings are checked.
            "update" => {
                let update = json!({ "provider_id": call.provider()?.id, "settings": call.body.as_ref().map(|it| &it["settings"]) });
                JAVASCRIPT.write(&update, 0)
            }
            _ => filters(call, ", ", |name, value| format!("{name}: {}", quoted(value))),
        })
    },
};

const COMMAND_LINE: Package = Package {
    templates: [
        ("createIntegration", "ocamba integrations create - <body>"),
        ("validateIntegration", "ocamba integrations validate - <body>"),
        ("getIntegration", "ocamba integrations get <id>"),
        ("listIntegrations", "ocamba integrations list <filters>"),
        ("updateIntegration", "ocamba integrations update <id> - <body>"),
        ("sendTestNotification", "ocamba integrations test <tested>"),
        ("listProviders", "ocamba providers --live"),
    ],
    value: |call, name| {
        Ok(match name {
            "body" => here_document(call.body.as_ref().unwrap_or(&Value::Null)),
            _ => filters(call, " ", |name, value| format!("--{name} {value}")),
        })
    },
};

/// A program.
pub fn rust(call: &Call) -> Result<String> {
    let mut types = vec!["Client".to_owned(), "Error".to_owned()];
    if let Some(class) = class(call) {
        types
            .extend([if class.ends_with("Update") { "UpdateIntegration" } else { "NewIntegration" }.to_owned(), class]);
    }
    types.sort();
    Ok(format!(
        "use ocamba_hood::{{{}}};\n\n#[tokio::main]\nasync fn main() -> Result<(), Error> {{\n\
        \x20   let client = Client::from_env()?; // OCAMBA_TOKEN\n{}    Ok(())\n}}\n",
        types.join(", "),
        indented(&RUST.fill(call, quoted)?),
    ))
}

/// A script.
pub fn python(call: &Call) -> Result<String> {
    let names: Vec<_> = std::iter::once("Client".to_owned()).chain(class(call)).collect();
    let lines = indented(&PYTHON.fill(call, quoted)?);
    Ok(format!("from ocamba_hood import {}\n\nwith Client() as client:  # OCAMBA_TOKEN\n{lines}", names.join(", ")))
}

/// A module.
pub fn node(call: &Call) -> Result<String> {
    let lines = NODE.fill(call, quoted)?;
    Ok(format!("import {{ Client }} from \"ocamba-hood\";\n\nconst client = new Client(); // OCAMBA_TOKEN\n{lines}\n"))
}

/// A command.
pub fn command_line(call: &Call) -> Result<String> {
    COMMAND_LINE.fill(call, str::to_owned)
}

impl Package {
    /// The template of the call's operation with its values.
    fn fill(&self, call: &Call, id: fn(&str) -> String) -> Result<String> {
        let template = self.templates.iter().find(|(operation, _)| *operation == call.operation);
        let (_, template) = template.ok_or_else(|| {
            let fix = "write one for each package in xtask/src/codegen/samples/packages.rs";
            format!("the operation {} has no sample; {fix}", call.operation)
        })?;
        let parts = template.split(['<', '>']).enumerate().map(|(index, part)| match part {
            text if index % 2 == 0 => Ok(text.to_owned()),
            "id" => Ok(id(call.id()?)),
            "tested" => Ok(id(call.text("/integration/id")?)),
            name => (self.value)(call, name),
        });
        parts.collect()
    }
}

/// The class of the settings in the body, if it depends on the provider.
fn class(call: &Call) -> Option<String> {
    let is_new = call.text("/name").is_ok();
    call.provider.map(|it| if is_new { it.schema.clone() } else { format!("{}Update", it.schema) })
}

/// The settings in the body.
fn changed<'a>(call: &'a Call) -> impl Iterator<Item = (&'a String, &'a Value)> {
    call.body.as_ref().and_then(|body| body["settings"].as_object()).into_iter().flat_map(Map::iter)
}

fn filters(call: &Call, separator: &str, write: impl Fn(&str, &str) -> String) -> String {
    call.filters.iter().map(|(name, value)| write(name, value)).collect::<Vec<_>>().join(separator)
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}\n")).collect()
}

/// The lines that make a create's request.
fn rust_new(call: &Call) -> Result<String> {
    let provider = call.provider()?;
    let fields = provider.settings.iter();
    let fields: String =
        fields.map(|it| format!("    {}: {},\n", rust_field(&it.name), example_value(provider, it))).collect();
    Ok(format!(
        "let settings = {} {{\n{fields}}};\nlet request = NewIntegration::new({:?}, settings);\n",
        provider.schema,
        call.text("/name")?
    ))
}

/// The lines that make an update's request.
fn rust_update(call: &Call) -> Result<String> {
    let field = |(name, value): (&String, &Value)| {
        // A field update converts from any value; strings have `into` already.
        let value = rust_literal(value)?;
        let value = if value.ends_with(".into()") { value } else { format!("{value}.into()") };
        Some(format!("    {}: {value},\n", rust_field(name)))
    };
    let fields: String = changed(call).filter_map(field).collect();
    let provider = call.provider()?;
    // Without other settings, the rest would be empty.
    let rest = if changed(call).count() < provider.settings.len() { "    ..Default::default()\n" } else { "" };
    Ok(format!(
        "let settings = {}Update {{\n{fields}{rest}}};\nlet update = UpdateIntegration::new().settings(settings);\n",
        provider.schema
    ))
}

/// The field of a setting: a keyword gets a `_` at its end.
fn rust_field(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if syn::parse_str::<syn::Ident>(&plain).is_ok() { plain } else { plain + "_" }
}
