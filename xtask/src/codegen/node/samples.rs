//! Samples that must compile, and samples that must not.

use serde_json::Value;

use super::lines::Lines;
use crate::codegen::spec::{Provider, Setting, Spec};

/// `bindings/node/test/types/providers.ts`: each provider with its own settings, and with other providers' settings.
pub fn samples(spec: &Spec, banner: &str) -> String {
    let mut out = Lines::begin(banner);
    out.line("// Compiled, never run.");
    let all: Vec<_> = spec.providers.iter().map(|p| p.schema.as_str()).collect();
    out.line(format!("import type {{ Changed, Client, {} }} from \"ocamba-hood\";", all.join(", ")));
    out.line("\ndeclare const client: Client;");
    for Provider { schema, .. } in &spec.providers {
        out.line(format!("declare const a{schema}: {schema};\ndeclare const changed{schema}: Changed<{schema}>;"));
    }
    for provider in &spec.providers {
        out.line(format!("\n// {}", provider.title));
        accepts(provider, &mut out);
        for other in spec.providers.iter().filter(|other| other.id != provider.id) {
            rejects(provider, other, &mut out);
        }
    }
    out.0
}

fn accepts(provider: &Provider, out: &mut Lines) {
    let schema = &provider.schema;
    out.line(create(provider, &provider.request["settings"].to_string()));
    out.line(create(provider, &format!("a{schema}")));
    out.line(update(provider, &format!("changed{schema}")));
    for setting in &provider.settings {
        let value = &provider.request["settings"][&setting.name];
        for value in [value, &Value::Null] {
            out.line(update(provider, &format!("{{{:?}:{value}}}", setting.name)));
        }
    }
}

fn rejects(provider: &Provider, other: &Provider, out: &mut Lines) {
    let (schema, settings) = (&other.schema, &other.request["settings"]);
    let mut reject = |line: String| {
        out.line("// @ts-expect-error: another provider's settings");
        out.line(line);
    };
    reject(create(provider, &format!("a{schema}")));
    reject(update(provider, &format!("changed{schema}")));
    // Literal settings compile if both providers have them.
    let has_all = other.settings.iter().filter(|s| settings.get(&s.name).is_some()).all(|s| has(provider, s));
    let has_required = provider.settings.iter().filter(|s| s.required).all(|s| settings.get(&s.name).is_some());
    if !(has_all && has_required) {
        reject(create(provider, &settings.to_string()));
    }
    if !has_all {
        reject(update(provider, &settings.to_string()));
    }
}

fn create(provider: &Provider, settings: &str) -> String {
    format!("client.integrations.create({{ name: \"n\", provider_id: {:?}, settings: {settings} }});", provider.id)
}

fn update(provider: &Provider, settings: &str) -> String {
    format!("client.integrations.update(\"7\", {{ provider_id: {:?}, settings: {settings} }});", provider.id)
}

fn has(provider: &Provider, setting: &Setting) -> bool {
    provider.settings.iter().any(|own| own.name == setting.name && own.kind == setting.kind)
}
