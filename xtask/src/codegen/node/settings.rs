//! The settings of each provider.

use super::lines::Lines;
use crate::codegen::spec::{Setting, Spec};

/// An interface for each provider.
pub fn write(spec: &Spec, out: &mut Lines) {
    out.line("\n/** Distinguishes the settings of providers with the same fields. Never present. */");
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

fn setting_type(setting: &Setting) -> String {
    let kind = match setting.kind.as_str() {
        "integer" => "number",
        other => other,
    };
    let values: Vec<_> = setting.one_of.iter().map(|value| format!("{value:?}")).collect();
    let ty = if values.is_empty() { kind.to_owned() } else { values.join(" | ") };
    if setting.secret { format!("{ty} | Secret") } else { ty }
}
