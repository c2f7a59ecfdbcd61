//! The requests of updates.

use serde_json::json;

use super::lines::{Lines, plain, properties};
use crate::Result;
use crate::codegen::spec::{Provider, Spec};

/// An update for each provider, one without settings, and their union.
pub fn write(spec: &Spec, out: &mut Lines) -> Result {
    out.doc("", "Changes to settings: omitted settings keep their values. The effect of `null` is not documented.");
    out.line("export type Changed<Settings> = {\n  [Name in keyof Settings]?: Settings[Name] | null | undefined;\n};");
    out.doc("", "The fields of an update with any provider. Omitted fields keep their values.");
    out.line("export interface UpdateIntegrationFields {");
    properties(&spec.schemas()["UpdateIntegration"], out, |name, _, ty| format!("{name}?: {ty} | undefined"))?;
    out.line("}");
    out.doc("", "An update without settings: it needs a name or a status.");
    out.line("export interface UpdateWithoutSettings extends UpdateIntegrationFields {");
    out.line("  provider_id?: ProviderId | undefined;\n  settings?: undefined;\n}");
    for provider in &spec.providers {
        let Provider { title, schema, id, .. } = provider;
        let example = serde_json::to_string_pretty(&json!({ "provider_id": id, "settings": changed(provider) }))?;
        let example = format!("@example\nawait client.integrations.update(\"1165\", {});", plain(&example));
        out.doc("", &format!("An update of settings of {title}.\n\n{example}"));
        out.line(format!("export interface Update{schema}Integration extends UpdateIntegrationFields {{"));
        out.doc(
            "  ",
            &format!("{title}. Determines how the settings are checked. Not sent: a provider cannot change."),
        );
        out.line(format!("  provider_id: {id:?};"));
        out.doc("  ", "The changed settings.");
        out.line(format!("  settings: Changed<{schema}>;\n}}"));
    }
    out.doc(
        "",
        "The request of an update, with at least one field: `provider_id` determines the type of its settings.",
    );
    let all = spec.providers.iter().map(|p| format!("Update{}Integration", p.schema));
    out.union("UpdateIntegration", ["UpdateWithoutSettings".to_owned()].into_iter().chain(all));
    Ok(())
}

/// One of the provider's settings, preferably no secret.
fn changed(provider: &Provider) -> serde_json::Map<String, serde_json::Value> {
    let setting = provider.settings.iter().find(|setting| !setting.secret).or(provider.settings.first());
    setting
        .map(|setting| (setting.name.clone(), provider.request["settings"][&setting.name].clone()))
        .into_iter()
        .collect()
}
