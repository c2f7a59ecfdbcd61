//! What the server returns.

use super::lines::{Lines, properties};
use crate::Result;
use crate::codegen::spec::{Provider, Spec, text};

/// Descriptions of providers, and a result for each provider, and the union of them.
pub fn write(spec: &Spec, out: &mut Lines) -> Result {
    descriptions(spec, out)?;
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

/// Providers and settings in the server's own words.
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
