//! The TypeScript types of requests and responses, and samples that the compiler checks.

mod lines;
mod samples;

use serde_json::Value;

use self::lines::{Lines, plain, properties};
use super::spec::{Provider, Setting, Spec, reference, text};
use crate::Result;

pub use samples::samples;

/// The type of all ids of providers.
const ANY_ID: &str = "ProviderId | UnknownProviderId";

/// `bindings/node/lib/provider-id.js`.
pub fn provider_ids(spec: &Spec, banner: &str) -> String {
    let mut out = Lines::begin(banner);
    out.line("\"use strict\";\n\nmodule.exports = Object.freeze({");
    for Provider { schema, id, .. } in &spec.providers {
        out.line(format!("  {schema}: {id:?},"));
    }
    out.line("});");
    out.0
}

/// `bindings/node/lib/visible-fields.js`: the fields of results that are documented, and neither an object nor a list.
/// Everything else that a server sends may be a secret.
pub fn visible_fields(spec: &Spec, banner: &str) -> String {
    let mut out = Lines::begin(banner);
    out.line("\"use strict\";\n\nmodule.exports = {");
    for name in ["Integration", "ProviderDescription", "SettingDescription"] {
        let is_plain = |property: &Value| {
            let schema = reference(property).map_or(property, |name| &spec.schemas()[name]);
            !matches!(schema["type"].as_str(), Some("object" | "array")) && schema["format"] != "password"
        };
        let all = spec.schemas()[name]["properties"].as_object().into_iter().flatten();
        let plain: Vec<_> = all.filter(|(_, property)| is_plain(property)).map(|(name, _)| name).collect();
        out.line(format!("  {name}: {plain:?},"));
    }
    out.line("};");
    out.0
}

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
    settings(spec, &mut out)?;
    creates(spec, &mut out)?;
    updates(spec, &mut out)?;
    results(spec, &mut out)?;
    Ok(out.0)
}

/// The ids of the providers, and the settings of each.
fn settings(spec: &Spec, out: &mut Lines) -> Result {
    out.doc("", "The ids of the providers that this version knows, by their names.");
    out.line("export const ProviderId: {");
    for Provider { schema, id, .. } in &spec.providers {
        out.line(format!("  readonly {schema}: {id:?};"));
    }
    out.line("};\nexport type ProviderId = keyof SettingsOf;");
    out.doc("", "The id of a provider that this version does not know: see {@link unknownProvider}.");
    // A pattern instead of `string`, so that a comparison with an id narrows the type.
    out.line("export type UnknownProviderId = `${number}` & { readonly [provider]: \"unknown\" };");
    out.line("\n/** Distinguishes the settings of providers with the same fields. Never present. */");
    out.line("declare const provider: unique symbol;");
    for provider in &spec.providers {
        let example = format!("@example\nawait client.integrations.create({});", plain(&provider.request)?);
        out.interface(&format!("{}\n\n{example}", provider.description), &provider.schema);
        for setting in &provider.settings {
            let optional = if setting.required { "" } else { "?" };
            out.member(&setting.description, &format!("{}{optional}: {}", setting.name, setting_type(setting)));
        }
        out.line(format!("  readonly [provider]?: {:?};\n}}", provider.id));
    }
    out.interface("The settings of each provider, by its id.", "SettingsOf");
    for Provider { title, schema, id, .. } in &spec.providers {
        out.member(&format!("{title}."), &format!("{id:?}: {schema}"));
    }
    out.line("}");
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

/// The request of a create.
fn creates(spec: &Spec, out: &mut Lines) -> Result {
    out.interface("The fields of a create with any provider.", "NewIntegrationFields");
    properties(&spec.new_integration(), out, |name, required, ty| match required {
        true => format!("{name}: {ty}"),
        false => format!("{name}?: {ty} | undefined"),
    })?;
    of_provider(out, "The request of a create with this provider.", "NewIntegration", "SettingsOf[Id & ProviderId]");
    out.doc("", "The request of a create: `provider_id` determines the type of its settings.");
    out.line("export type NewIntegration = { [Id in ProviderId]: NewIntegrationOf<Id> }[ProviderId];");
    Ok(())
}

/// The request of an update, with and without settings.
fn updates(spec: &Spec, out: &mut Lines) -> Result {
    out.doc("", "Changes to settings: omitted settings keep their values. The effect of `null` is not documented.");
    out.line("export type Changed<Settings> = {\n  [Name in keyof Settings]?: Settings[Name] | null | undefined;\n};");
    let about = "The fields of an update with any provider. Omitted fields keep their values.";
    out.interface(about, "UpdateIntegrationFields");
    properties(&spec.schemas()["UpdateIntegration"], out, |name, _, ty| format!("{name}?: {ty} | undefined"))?;
    let about = "An update without settings: it needs a name or a status.";
    out.interface(about, "UpdateWithoutSettings extends UpdateIntegrationFields");
    out.line("  provider_id?: ProviderId | undefined;\n  settings?: undefined;\n}");
    let about = "An update of settings of this provider, which is not sent: it cannot change.";
    of_provider(out, about, "UpdateIntegration", "Changed<SettingsOf[Id & ProviderId]>");
    let about = "The request of an update, with at least one field: `provider_id` determines the type of its settings.";
    out.doc("", about);
    out.line("export type UpdateIntegration =\n  | UpdateWithoutSettings\n  | { [Id in ProviderId]: UpdateIntegrationOf<Id> }[ProviderId];");
    Ok(())
}

/// A request with this provider, generic over its id. An interface would not do: it is compared by its arguments.
fn of_provider(out: &mut Lines, about: &str, name: &str, settings: &str) {
    out.doc("", about);
    out.line(format!("export type {name}Of<Id extends {ANY_ID} = ProviderId> = {name}Fields & {{"));
    out.member("The provider, which determines the type of the settings.", "provider_id: Id");
    out.member("The settings.", &format!("settings: {settings}"));
    out.line("};");
}

/// Descriptions of providers, an integration for each provider, and their union.
fn results(spec: &Spec, out: &mut Lines) -> Result {
    let fields = |about: &str, name: &str, schema: &Value, always: &[&str], out: &mut Lines| {
        out.interface(about, name);
        properties(schema, out, |name, required, ty| match required && always.is_empty() || always.contains(&name) {
            true => format!("{name}: {ty}"),
            false => format!("{name}?: {ty} | null | undefined"),
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
    out.line("  [Name in keyof Settings]?: (Secret extends Settings[Name] ? Secret : Settings[Name]) | undefined;\n};");
    out.interface(
        "An integration with this provider.",
        "KnownIntegration<Id extends ProviderId = ProviderId> extends IntegrationFields",
    );
    out.line("  provider_id: Id;\n  settings?: Echoed<SettingsOf[Id]> | null | undefined;\n}");
    let about = "An integration with a provider that this version does not know.";
    out.interface(about, "UnknownIntegration extends IntegrationFields");
    out.line("  provider_id: UnknownProviderId;");
    let about = "All are hidden, since any of them may be a secret.";
    out.member(about, "settings?: { [name: string]: Secret<unknown> } | null | undefined");
    out.line("}");
    let about =
        "An integration, as the server returned it. A comparison of `provider_id` narrows the type of its settings.";
    out.doc("", about);
    out.line(format!("export type Integration<Id extends {ANY_ID} = {ANY_ID}> ="));
    out.line("  Id extends ProviderId ? KnownIntegration<Id> : UnknownIntegration;");
    Ok(())
}
