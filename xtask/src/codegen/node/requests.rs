//! The requests of creates.

use super::lines::{Lines, plain, properties};
use crate::Result;
use crate::codegen::spec::{Provider, Spec};

/// A request for each provider, and their union.
pub fn write(spec: &Spec, out: &mut Lines) -> Result {
    let fields = &spec.schemas()["NewIntegration"]["allOf"][0];
    out.doc("", "The fields of a create with any provider.");
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
    out.doc("", "The request of a create: `provider_id` determines the type of its settings.");
    out.union("NewIntegration", spec.providers.iter().map(|p| format!("New{}Integration", p.schema)));
    out.doc("", "The ids of the providers that this version knows.");
    out.line("export type ProviderId = NewIntegration[\"provider_id\"];");
    Ok(())
}
