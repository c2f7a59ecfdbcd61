//! JSON values as literals of a language, formatted for people.

use serde_json::Value;

use crate::codegen::quoted;

/// The notation of a language.
pub struct Style {
    pub object: [&'static str; 2],
    pub member: fn(&str) -> String,
    pub text: fn(&str) -> String,
    pub indent: &'static str,
}

/// JavaScript: quotes only around names that need them.
pub const JAVASCRIPT: Style = Style {
    object: ["{", "}"],
    member: |name| {
        let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_plain { format!("{name}: ") } else { format!("{}: ", quoted(name)) }
    },
    text: quoted,
    indent: "  ",
};

/// PHP: strings in single quotes, without interpolation.
pub const PHP: Style =
    Style { object: ["[", "]"], member: |name| format!("{} => ", php_text(name)), text: php_text, indent: "    " };

impl Style {
    /// The value, whose first line is indented by this many levels.
    pub fn write(&self, value: &Value, depth: usize) -> String {
        let members: Vec<_> = match value {
            Value::Object(all) if !all.is_empty() => {
                all.iter().map(|(name, value)| (self.member)(name) + &self.write(value, depth + 1)).collect()
            }
            Value::Array(all) if !all.is_empty() => all.iter().map(|value| self.write(value, depth + 1)).collect(),
            Value::String(text) => return (self.text)(text),
            Value::Object(_) => return self.object.concat(),
            other => return other.to_string(),
        };
        let [open, close] = if value.is_object() { self.object } else { ["[", "]"] };
        let (inner, outer) = (self.indent.repeat(depth + 1), self.indent.repeat(depth));
        let lines: String = members.iter().map(|member| format!("{inner}{member},\n")).collect();
        format!("{open}\n{lines}{outer}{close}")
    }
}

fn php_text(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
