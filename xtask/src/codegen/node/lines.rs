//! The text of a TypeScript file, line by line.

use serde_json::Value;

use crate::Result;
use crate::codegen::spec::{reference, text};

/// The text of a TypeScript file.
pub struct Lines(pub String);

impl Lines {
    /// A file with this comment in its first line.
    pub fn begin(banner: &str) -> Self {
        Self(format!("// {banner}\n"))
    }

    /// Adds a line.
    pub fn line(&mut self, line: impl AsRef<str>) {
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// Adds a doc comment, at the outermost level after a blank line.
    pub fn doc(&mut self, indent: &str, text: &str) {
        if indent.is_empty() {
            self.line("");
        }
        let text = text.replace("*/", "*\\/");
        match text.trim().lines().collect::<Vec<_>>().as_slice() {
            [] => {}
            [one] => self.line(format!("{indent}/** {one} */")),
            many => {
                self.line(format!("{indent}/**"));
                many.iter().for_each(|line| self.line(format!("{indent} * {line}").trim_end()));
                self.line(format!("{indent} */"));
            }
        }
    }

    /// Begins an interface.
    pub fn interface(&mut self, about: &str, head: &str) {
        self.doc("", about);
        self.line(format!("export interface {head} {{"));
    }

    /// Adds a member of an interface.
    pub fn member(&mut self, about: &str, member: &str) {
        self.doc("  ", about);
        self.line(format!("  {member};"));
    }
}

/// Adds the properties of an object, without those that depend on the provider, and ends the interface.
pub fn properties(schema: &Value, out: &mut Lines, member: impl Fn(&str, bool, &str) -> String) -> Result {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let by_provider = name == "provider_id" || name == "settings" && property["type"] == "object";
        if by_provider {
            continue;
        }
        let ty = match (reference(property), property["type"].as_str()) {
            (Some(name), _) => name.to_owned(),
            (None, Some("integer")) => "number".to_owned(),
            (None, Some(kind @ ("string" | "number" | "boolean"))) => kind.to_owned(),
            (None, Some("object")) => "{ [name: string]: unknown }".to_owned(),
            (None, Some("array")) => format!("{}[]", reference(&property["items"]).unwrap_or("unknown")),
            _ => {
                return Err(format!("the property `{name}` has a type without an equivalent in TypeScript").into());
            }
        };
        out.member(&text(property, "description"), &member(name, required.iter().any(|r| r == name), &ty));
    }
    out.line("}");
    Ok(())
}

/// JSON as JavaScript: names without quotes.
pub fn plain(json: &Value) -> Result<String> {
    let lines = serde_json::to_string_pretty(json)?;
    let lines = lines.lines().map(|line| match line.split_once("\": ") {
        Some((name, value)) => format!("{}: {value}", name.replacen('"', "", 1)),
        None => line.to_owned(),
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}
