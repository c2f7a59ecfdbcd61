//! The TypeScript types of requests and results, and the samples by which the compiler proves them.

use serde_json::Value;

use super::spec::{Provider, Setting, Spec, text};
use crate::Result;

/// `bindings/node/lib/types.d.ts`.
pub fn types(spec: &Spec, banner: &str) -> Result<String> {
    let mut out = Lines::begin(banner);
    out.line(
        "import type { Secret } from \"./index.js\";\n\n// Without it, everything below would be exported.\nexport {};",
    );
    for open in spec.open_enums() {
        let known: Vec<_> = open.known.iter().map(|value| format!("{value:?} | ")).collect();
        out.doc("", &open.description);
        out.line(format!("export type {} = {}(string & {{}});", open.name, known.concat()));
    }
    settings(spec, &mut out);
    requests(spec, &mut out)?;
    results(spec, &mut out)?;
    Ok(out.0)
}

/// `bindings/node/test/types/providers.ts`: each provider with its own settings, and with each other's.
pub fn samples(spec: &Spec, banner: &str) -> String {
    let mut out = Lines::begin(banner);
    out.line("// Compiled, never run.");
    let all: Vec<_> = spec.providers.iter().map(|p| p.schema.as_str()).collect();
    out.line(format!("import type {{ Client, {} }} from \"ocamba-hood\";", all.join(", ")));
    out.line("\ndeclare const client: Client;");
    for provider in &spec.providers {
        out.line(format!("declare const a{0}: {0};", provider.schema));
    }
    for provider in &spec.providers {
        let create = |settings: &str| {
            format!(
                "client.integrations.create({{ name: \"n\", provider_id: {:?}, settings: {settings} }});",
                provider.id
            )
        };
        out.line(format!("\n// {}", provider.title));
        out.line(create(&provider.request["settings"].to_string()));
        out.line(create(&format!("a{}", provider.schema)));
        for other in spec.providers.iter().filter(|other| other.id != provider.id) {
            out.line("// @ts-expect-error: another provider's settings");
            out.line(create(&format!("a{}", other.schema)));
            if !fits(provider, other) {
                out.line("// @ts-expect-error: another provider's settings");
                out.line(create(&other.request["settings"].to_string()));
            }
        }
    }
    out.0
}

fn settings(spec: &Spec, out: &mut Lines) {
    out.line("\n/** Tells the settings of providers apart that have the same fields. Never there. */");
    out.line("declare const provider: unique symbol;");
    for provider in &spec.providers {
        out.doc("", &provider.description);
        out.line(format!("export interface {} {{", provider.schema));
        for setting in &provider.settings {
            out.doc("  ", &setting.description);
            let optional = if setting.required { "" } else { "?" };
            out.line(format!("  {}{optional}: {};", setting.name, setting_type(setting)));
        }
        out.line(format!("  readonly [provider]?: {:?};\n}}", provider.id));
    }
}

fn requests(spec: &Spec, out: &mut Lines) -> Result {
    let fields = &spec.schemas()["NewIntegration"]["allOf"][0];
    out.doc("", "The fields of a create, whatever the provider.");
    out.line("export interface NewIntegrationFields {");
    properties(
        fields,
        out,
        |name, required, ty| {
            if required { format!("{name}: {ty}") } else { format!("{name}?: {ty} | undefined") }
        },
    )?;
    out.line("}");
    for provider in &spec.providers {
        let Provider { title, schema, id, .. } = provider;
        let example = serde_json::to_string_pretty(&provider.request)?;
        out.doc(
            "",
            &format!("A create with {title}.\n\n@example\nawait client.integrations.create({});", plain(&example)),
        );
        out.line(format!("export interface New{schema}Integration extends NewIntegrationFields {{"));
        out.doc("  ", &format!("{title}."));
        out.line(format!("  provider_id: {id:?};"));
        out.doc("  ", &provider.description);
        out.line(format!("  settings: {schema};\n}}"));
    }
    out.doc("", "What a create sends: `provider_id` says which settings go with it.");
    out.union("NewIntegration", spec.providers.iter().map(|p| format!("New{}Integration", p.schema)));
    out.doc("", "The ids of the providers that this version knows.");
    out.line("export type ProviderId = NewIntegration[\"provider_id\"];");
    Ok(())
}

fn results(spec: &Spec, out: &mut Lines) -> Result {
    let schema = &spec.schemas()["Integration"];
    out.doc("", "The fields of a result, whatever the provider. Only the id is sure to be there.");
    out.line("export interface IntegrationFields {");
    properties(schema, out, |name, _, ty| match name {
        "id" => format!("{name}: {ty}"),
        _ => format!("{name}?: {ty} | null"),
    })?;
    out.line("}");
    out.doc("", "Settings as the server echoes them: secrets are hidden, and others may have been added.");
    out.line("export type Echoed<Settings> = {");
    out.line("  [Name in keyof Settings]?: Secret extends Settings[Name] ? Secret : Settings[Name];\n};");
    for provider in &spec.providers {
        let Provider { title, schema, id, .. } = provider;
        out.doc("", &format!("An integration with {title}."));
        out.line(format!("export interface {schema}Integration extends IntegrationFields {{"));
        out.doc("  ", &format!("{title}."));
        out.line(format!("  provider_id: {id:?};\n  settings?: Echoed<{schema}> | null;\n}}"));
    }
    out.doc("", "The id of a provider that this version does not know.");
    // A pattern, and not `string`: else comparing with an id would not tell the known ones apart.
    out.line("export type UnknownProviderId = `${number}` & { readonly [provider]: \"unknown\" };");
    out.doc("", "An integration with a provider that this version does not know.");
    out.line("export interface UnknownIntegration extends IntegrationFields {");
    out.line("  provider_id: UnknownProviderId;");
    out.doc("  ", "Any of them may be a secret, so all are hidden.");
    out.line("  settings?: { [name: string]: Secret<unknown> } | null;\n}");
    out.doc("", "An integration, as the server returned it. Compare `provider_id` to find the type of its settings.");
    let known = spec.providers.iter().map(|p| format!("{}Integration", p.schema));
    out.union("Integration", known.chain(["UnknownIntegration".to_owned()]));
    Ok(())
}

/// The properties of an object, but for those that differ from provider to provider.
fn properties(schema: &Value, out: &mut Lines, member: impl Fn(&str, bool, &str) -> String) -> Result {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if matches!(name.as_str(), "provider_id" | "settings") {
            continue;
        }
        let reference = property["$ref"].as_str().and_then(|r| r.strip_prefix("#/components/schemas/"));
        let ty = match (reference, property["type"].as_str()) {
            (Some(name), _) => name,
            (None, Some("integer")) => "number",
            (None, Some(kind @ ("string" | "number" | "boolean"))) => kind,
            _ => {
                return Err(
                    format!("the property `{name}` has a type that TypeScript's generator does not know").into()
                );
            }
        };
        out.doc("  ", &text(property, "description"));
        out.line(format!("  {};", member(name, required.iter().any(|r| r == name), ty)));
    }
    Ok(())
}

fn setting_type(setting: &Setting) -> String {
    let kind = match setting.kind.as_str() {
        "integer" => "number",
        other => other,
    };
    let values: Vec<_> = setting.one_of.iter().map(|value| format!("{value:?}")).collect();
    let ty = if values.is_empty() { kind.to_owned() } else { values.join(" | ") };
    if setting.secret { format!("{ty} | Secret") } else { ty }
}

/// Whether the other's example settings are this provider's as well: then nothing tells them apart.
fn fits(provider: &Provider, other: &Provider) -> bool {
    let given = |name: &str| other.request["settings"].get(name).is_some();
    let known = |setting: &&Setting| provider.settings.iter().any(|s| s.name == setting.name && s.kind == setting.kind);
    provider.settings.iter().filter(|s| s.required).all(|s| given(&s.name))
        && other.settings.iter().filter(|s| given(&s.name)).all(|s| known(&s))
}

/// JSON as people write it in JavaScript: names without quotes.
fn plain(json: &str) -> String {
    json.lines()
        .map(|line| match line.split_once("\": ") {
            Some((name, value)) => format!("{}: {value}", name.replacen('"', "", 1)),
            None => line.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// A description without the marks that say where its facts come from, and fit for a comment.
fn for_users(description: &str) -> String {
    let marks = [" [seed]", " [docs]", " [unknown]", " [seed, docs]"];
    marks.iter().fold(description.replace("*/", "*\\/"), |text, mark| text.replace(mark, ""))
}

/// The text of a TypeScript file.
struct Lines(String);

impl Lines {
    fn begin(banner: &str) -> Self {
        Self(format!("// {banner}\n"))
    }

    fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// A doc comment. At the outermost level a blank line goes before it.
    fn doc(&mut self, indent: &str, text: &str) {
        if indent.is_empty() {
            self.line("");
        }
        let text = for_users(text);
        match text.trim().lines().collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => self.line(format!("{indent}/** {one} */")),
            many => {
                self.line(format!("{indent}/**"));
                many.iter().for_each(|line| self.line(format!("{indent} * {line}").trim_end()));
                self.line(format!("{indent} */"));
            }
        }
    }

    fn union(&mut self, name: &str, members: impl Iterator<Item = String>) {
        let members: Vec<_> = members.map(|member| format!("\n  | {member}")).collect();
        self.line(format!("export type {name} ={};", members.concat()));
    }
}
