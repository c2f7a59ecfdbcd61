//! The TypeScript types of requests and responses, and samples that the compiler checks.

mod lines;
mod samples;

use serde_json::{Value, json};

use self::lines::{Lines, plain, properties};
use super::spec::{Provider, Setting, Spec, text};
use crate::Result;

pub use samples::samples;

/// `bindings/node/lib/types.d.ts`.
pub fn types(spec: &Spec, banner: &str) -> Result<String> {
    let mut out = Lines::begin(banner);
    out.line(
        "import type { Secret } from \"./index.js\";\n\n// Without this line, everything below would be exported.\nexport {};",
    );
    for open in spec.open_enums() {
        let known: Vec<_> = open.known.iter().map(|value| format!("{value:?} | ")).collect();
        out.doc("", &open.description);
        out.line(format!("export type {} = {}(string & {{}});", open.name, known.concat()));
    }
    settings(spec, &mut out);
    creates(spec, &mut out)?;
    updates(spec, &mut out)?;
    results(spec, &mut out)?;
    Ok(out.0)
}

/// The settings of each provider.
fn settings(spec: &Spec, out: &mut Lines) {
    out.line("\n/** Distinguishes the settings of providers with the same fields. Never present. */");
    out.line("declare const provider: unique symbol;");
    for provider in &spec.providers {
        out.interface(&provider.description, &provider.schema);
        for setting in &provider.settings {
            let optional = if setting.required { "" } else { "?" };
            out.member(&setting.description, &format!("{}{optional}: {}", setting.name, setting_type(setting)));
        }
        out.line(format!("  readonly [provider]?: {:?};\n}}", provider.id));
    }
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

/// A create for each provider, and their union.
fn creates(spec: &Spec, out: &mut Lines) -> Result {
    out.interface("The fields of a create with any provider.", "NewIntegrationFields");
    properties(&spec.schemas()["NewIntegration"]["allOf"][0], out, |name, required, ty| match required {
        true => format!("{name}: {ty}"),
        false => format!("{name}?: {ty} | undefined"),
    })?;
    for Provider { title, schema, id, request, description, .. } in &spec.providers {
        let example = format!("@example\nawait client.integrations.create({});", plain(request)?);
        let name = format!("New{schema}Integration extends NewIntegrationFields");
        out.interface(&format!("A create with {title}.\n\n{example}"), &name);
        out.member(&format!("{title}."), &format!("provider_id: {id:?}"));
        out.member(description, &format!("settings: {schema}"));
        out.line("}");
    }
    out.doc("", "The request of a create: `provider_id` determines the type of its settings.");
    out.union("NewIntegration", spec.providers.iter().map(|p| format!("New{}Integration", p.schema)));
    out.doc("", "The ids of the providers that this version knows.");
    out.line("export type ProviderId = NewIntegration[\"provider_id\"];");
    Ok(())
}

/// An update for each provider, one without settings, and their union.
fn updates(spec: &Spec, out: &mut Lines) -> Result {
    out.doc("", "Changes to settings: omitted settings keep their values. The effect of `null` is not documented.");
    out.line("export type Changed<Settings> = {\n  [Name in keyof Settings]?: Settings[Name] | null | undefined;\n};");
    let about = "The fields of an update with any provider. Omitted fields keep their values.";
    out.interface(about, "UpdateIntegrationFields");
    properties(&spec.schemas()["UpdateIntegration"], out, |name, _, ty| format!("{name}?: {ty} | undefined"))?;
    let about = "An update without settings: it needs a name or a status.";
    out.interface(about, "UpdateWithoutSettings extends UpdateIntegrationFields");
    out.line("  provider_id?: ProviderId | undefined;\n  settings?: undefined;\n}");
    for provider in &spec.providers {
        let Provider { title, schema, id, request, .. } = provider;
        // Preferably no secret.
        let setting = provider.settings.iter().find(|setting| !setting.secret).or(provider.settings.first());
        let name = setting.map_or("", |setting| &setting.name);
        let example = plain(&json!({ "provider_id": id, "settings": { name: request["settings"][name] } }))?;
        let example = format!("@example\nawait client.integrations.update(\"1165\", {example});");
        let name = format!("Update{schema}Integration extends UpdateIntegrationFields");
        out.interface(&format!("An update of settings of {title}.\n\n{example}"), &name);
        let about = format!("{title}. Determines how the settings are checked. Not sent: a provider cannot change.");
        out.member(&about, &format!("provider_id: {id:?}"));
        out.member("The changed settings.", &format!("settings: Changed<{schema}>"));
        out.line("}");
    }
    let about = "The request of an update, with at least one field: `provider_id` determines the type of its settings.";
    out.doc("", about);
    let all = spec.providers.iter().map(|p| format!("Update{}Integration", p.schema));
    out.union("UpdateIntegration", ["UpdateWithoutSettings".to_owned()].into_iter().chain(all));
    Ok(())
}

/// Descriptions of providers, an integration for each provider, and their union.
fn results(spec: &Spec, out: &mut Lines) -> Result {
    let fields = |about: &str, name: &str, schema: &Value, always: &[&str], out: &mut Lines| {
        out.interface(about, name);
        properties(schema, out, |name, required, ty| match required && always.is_empty() || always.contains(&name) {
            true => format!("{name}: {ty}"),
            false => format!("{name}?: {ty} | null"),
        })
    };
    for name in ["SettingDescription", "ProviderDescription"] {
        let schema = &spec.schemas()[name];
        fields(&text(schema, "description"), name, schema, &[], out)?;
    }
    let about = "The fields of an integration with any provider. Only the id is always present.";
    fields(about, "IntegrationFields", &spec.schemas()["Integration"], &["id"], out)?;
    out.doc("", "Settings in a response: secrets are hidden, and other settings may be present.");
    out.line("export type Echoed<Settings> = {");
    out.line("  [Name in keyof Settings]?: Secret extends Settings[Name] ? Secret : Settings[Name];\n};");
    for Provider { title, schema, id, .. } in &spec.providers {
        let name = format!("{schema}Integration extends IntegrationFields");
        out.interface(&format!("An integration with {title}."), &name);
        out.member(&format!("{title}."), &format!("provider_id: {id:?}"));
        out.line(format!("  settings?: Echoed<{schema}> | null;\n}}"));
    }
    out.doc("", "The id of a provider that this version does not know.");
    // A pattern instead of `string`, so that a comparison with an id narrows the type.
    out.line("export type UnknownProviderId = `${number}` & { readonly [provider]: \"unknown\" };");
    let about = "An integration with a provider that this version does not know.";
    out.interface(about, "UnknownIntegration extends IntegrationFields");
    out.line("  provider_id: UnknownProviderId;");
    let about = "All are hidden, since any of them may be a secret.";
    out.member(about, "settings?: { [name: string]: Secret<unknown> } | null");
    out.line("}");
    let about =
        "An integration, as the server returned it. A comparison of `provider_id` narrows the type of its settings.";
    out.doc("", about);
    let known = spec.providers.iter().map(|p| format!("{}Integration", p.schema));
    out.union("Integration", known.chain(["UnknownIntegration".to_owned()]));
    Ok(())
}
