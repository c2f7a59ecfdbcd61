//! The types of responses.

use super::lines::{Lines, properties};
use crate::Result;
use crate::codegen::spec::{Provider, Spec, text};

/// Descriptions of providers, and an integration for each provider, and their union.
pub fn write(spec: &Spec, out: &mut Lines) -> Result {
    descriptions(spec, out)?;
    let schema = &spec.schemas()["Integration"];
    out.doc("", "The fields of an integration with any provider. Only the id is always present.");
    out.line("export interface IntegrationFields {");
    properties(schema, out, |name, _, ty| match name {
        "id" => format!("{name}: {ty}"),
        _ => format!("{name}?: {ty} | null"),
    })?;
    out.line("}");
    out.doc("", "Settings in a response: secrets are hidden, and other settings may be present.");
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
    // A pattern instead of `string`, so that a comparison with an id narrows the type.
    out.line("export type UnknownProviderId = `${number}` & { readonly [provider]: \"unknown\" };");
    out.doc("", "An integration with a provider that this version does not know.");
    out.line("export interface UnknownIntegration extends IntegrationFields {");
    out.line("  provider_id: UnknownProviderId;");
    out.doc("  ", "All are hidden, since any of them may be a secret.");
    out.line("  settings?: { [name: string]: Secret<unknown> } | null;\n}");
    out.doc(
        "",
        "An integration, as the server returned it. A comparison of `provider_id` narrows the type of its settings.",
    );
    let known = spec.providers.iter().map(|p| format!("{}Integration", p.schema));
    out.union("Integration", known.chain(["UnknownIntegration".to_owned()]));
    Ok(())
}

/// Providers and settings, as the server describes them.
fn descriptions(spec: &Spec, out: &mut Lines) -> Result {
    for name in ["SettingDescription", "ProviderDescription"] {
        let schema = &spec.schemas()[name];
        out.doc("", &text(schema, "description"));
        out.line(format!("export interface {name} {{"));
        properties(schema, out, |name, required, ty| match required {
            true => format!("{name}: {ty}"),
            false => format!("{name}?: {ty} | null"),
        })?;
        out.line("}");
    }
    Ok(())
}
