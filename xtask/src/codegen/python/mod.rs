//! The generated files of the Python package: classes, their stub, wire dicts, and samples for type checkers.

mod classes;
mod results;
mod samples;
mod stub;
mod types;
mod updates;

use serde_json::Value;

use super::quoted;
use super::spec::{Provider, Setting, Spec};

const PACKAGE: &str = "bindings/python/lib/ocamba_hood";
const SAMPLES: &str = "bindings/python/tests/typing";

/// The paths and texts of all files.
pub fn generate(spec: &Spec, banner: &str) -> Vec<(String, String)> {
    let files = [
        (PACKAGE, "_generated.py", classes::generate(spec)),
        (PACKAGE, "_generated.pyi", stub::generate(spec)),
        (PACKAGE, "types.py", types::generate(spec)),
        (SAMPLES, "accepted.py", samples::accepted(spec)),
        (SAMPLES, "rejected.py", samples::rejected(spec)),
    ];
    files.into_iter().map(|(folder, name, text)| (format!("{folder}/{name}"), format!("# {banner}\n{text}"))).collect()
}

/// The public names of `_generated`.
fn exports(spec: &Spec) -> String {
    let settings = spec.providers.iter().map(|p| p.schema.clone());
    let updates = spec.providers.iter().map(updates::class_of);
    let results = results::all(spec).into_iter().map(|class| class.name);
    let others = ["NewIntegration", "Provider", "SettingsUpdate", "UpdateIntegration"].map(str::to_owned);
    settings.chain(updates).chain(results).chain(others).map(|name| format!("    {},\n", quoted(&name))).collect()
}

/// The classes in the union `Provider`.
fn union(spec: &Spec) -> String {
    let names = spec.providers.iter().map(|p| p.schema.as_str()).chain(["UnknownProvider"]);
    names.collect::<Vec<_>>().join(" | ")
}

/// The type of a setting as an argument.
fn given_type(setting: &Setting) -> String {
    if !setting.one_of.is_empty() {
        let values: Vec<_> = setting.one_of.iter().map(|value| quoted(value)).collect();
        return format!("Literal[{}]", values.join(", "));
    }
    if setting.secret { "str | Secret".to_owned() } else { builtin(setting).to_owned() }
}

/// The type of a setting as an argument in the stub.
fn stub_type(setting: &Setting) -> String {
    let kind = given_type(setting);
    if setting.secret { format!("{kind} | _SecretText") } else { kind }
}

/// The type of a setting as an attribute.
fn kept_type(setting: &Setting) -> String {
    if setting.secret { "Secret".to_owned() } else { given_type(setting) }
}

/// The builtin type of a setting.
fn builtin(setting: &Setting) -> &'static str {
    match setting.kind.as_str() {
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        _ => "str",
    }
}

/// The type of a setting at runtime, as an argument: without the modules that only type checkers need.
fn runtime_type(setting: &Setting) -> String {
    let kind = builtin(setting);
    if setting.secret { format!("{kind} | Secret") } else { kind.to_owned() }
}

/// The annotations of a class: its attributes and their types.
fn annotations(attributes: impl Iterator<Item = (String, String)>) -> String {
    attributes.map(|(name, kind)| format!("    {name}: {kind}\n")).collect()
}

/// The function that checks a setting's type.
fn check(setting: &Setting) -> &'static str {
    match builtin(setting) {
        _ if setting.secret => "a_secret",
        "int" => "a_whole_number",
        "float" => "a_number",
        "bool" => "a_bool",
        _ => "a_str",
    }
}

/// Attributes and their descriptions, for `help`.
fn slots<'a>(all: impl Iterator<Item = (String, &'a str)>) -> String {
    all.map(|(name, about)| format!("        {}: {},\n", quoted(&name), quoted(&prose(about)))).collect()
}

/// Required settings first, as in a signature.
fn required_first(provider: &Provider) -> impl Iterator<Item = &Setting> {
    let (required, optional): (Vec<_>, Vec<_>) = provider.settings.iter().partition(|s| s.required);
    required.into_iter().chain(optional)
}

/// The attribute of a name on the wire: a keyword, or a name of the classes, gets a `_` at its end.
pub fn attribute(name: &str) -> String {
    const TAKEN: &str = "False None True and as assert async await break class continue def del elif else except finally for \
        from from_dict global if import in is lambda nonlocal not or pass provider_id raise return self to_dict try while \
        with yield";
    let mut attribute: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if attribute.starts_with(|c: char| c.is_ascii_digit() || c == '_') {
        attribute.insert(0, 'n');
    }
    if TAKEN.split(' ').any(|taken| taken == attribute) { attribute + "_" } else { attribute }
}

/// A boolean literal.
fn boolean(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// A JSON value as a literal.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Bool(value) => boolean(*value).to_owned(),
        Value::Null => "None".to_owned(),
        other => other.to_string(),
    }
}

/// A description in one line, for a docstring.
fn prose(description: &str) -> String {
    let text = description.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace('\\', "\\\\").replace("\"\"\"", "'''")
}

/// The settings of the example request, as keyword arguments.
fn example_arguments(provider: &Provider) -> Vec<String> {
    let settings = &provider.request["settings"];
    let given = provider.settings.iter().filter(|s| !settings[&s.name].is_null());
    given.map(|s| format!("{}={}", attribute(&s.name), literal(&settings[&s.name]))).collect()
}
