//! The Python package's generated files: the classes, their stub, the wire dicts, and samples for the type checkers.

mod answers;
mod classes;
mod samples;
mod stub;
mod types;
mod updates;

use serde_json::Value;

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

/// The class of a provider's settings as a wire dict.
fn settings_dict(provider: &Provider) -> String {
    format!("{}Dict", provider.schema)
}

/// The class of changes to a provider's settings as a wire dict.
fn changes_dict(provider: &Provider) -> String {
    format!("{}UpdateDict", provider.schema)
}

/// The class of an update of an integration of a provider as a wire dict.
fn update_dict(provider: &Provider) -> String {
    format!("Update{}Dict", provider.schema)
}

/// The class of a create for a provider as a wire dict.
fn request_dict(provider: &Provider) -> String {
    format!("New{}Dict", provider.schema)
}

/// Everything that `_generated` gives to users.
fn exports(spec: &Spec) -> String {
    let settings = spec.providers.iter().map(|p| p.schema.clone());
    let updates = spec.providers.iter().map(updates::class_of);
    let answers = answers::all(spec).into_iter().map(|answer| answer.name);
    let others = ["NewIntegration", "Provider", "SettingsUpdate", "UpdateIntegration"].map(str::to_owned);
    settings.chain(updates).chain(answers).chain(others).map(|name| format!("    {},\n", quoted(&name))).collect()
}

/// All that `Provider` stands for.
fn union(spec: &Spec) -> String {
    let names = spec.providers.iter().map(|p| p.schema.as_str()).chain(["UnknownProvider"]);
    names.collect::<Vec<_>>().join(" | ")
}

/// The type that a setting is given as.
fn given_type(setting: &Setting) -> String {
    if !setting.one_of.is_empty() {
        let values: Vec<_> = setting.one_of.iter().map(|value| quoted(value)).collect();
        return format!("Literal[{}]", values.join(", "));
    }
    if setting.secret { "str | Secret".to_owned() } else { builtin(setting).to_owned() }
}

/// The type that a setting is kept as.
fn kept_type(setting: &Setting) -> String {
    if setting.secret { "Secret".to_owned() } else { given_type(setting) }
}

/// The builtin type of a setting's JSON.
fn builtin(setting: &Setting) -> &'static str {
    match setting.kind.as_str() {
        "integer" => "int",
        "number" => "float",
        "boolean" => "bool",
        _ => "str",
    }
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

/// Attributes and what they are: shown by `help`.
fn slots<'a>(all: impl Iterator<Item = (String, &'a str)>) -> String {
    all.map(|(name, about)| format!("        {}: {},\n", quoted(&name), quoted(&prose(about)))).collect()
}

/// Required settings first, as a signature wants them where it is read.
fn required_first(provider: &Provider) -> impl Iterator<Item = &Setting> {
    let (required, optional): (Vec<_>, Vec<_>) = provider.settings.iter().partition(|s| s.required);
    required.into_iter().chain(optional)
}

/// A name on the wire as an attribute: Python's own words, and those of the classes, get a `_` after them.
pub fn attribute(name: &str) -> String {
    const TAKEN: &[&str] = &[
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "from_dict",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "provider_id",
        "raise",
        "return",
        "self",
        "to_dict",
        "try",
        "while",
        "with",
        "yield",
    ];
    let mut attribute: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if attribute.starts_with(|c: char| c.is_ascii_digit() || c == '_') {
        attribute.insert(0, 'n');
    }
    if TAKEN.contains(&attribute.as_str()) { attribute + "_" } else { attribute }
}

/// A string literal.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// A JSON value as a literal.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Null => "None".to_owned(),
        other => other.to_string(),
    }
}

/// A description in one line, as a docstring has it.
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
