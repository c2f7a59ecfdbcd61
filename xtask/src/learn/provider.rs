//! A provider that the document lacks: its schema, its branch of the union, and its examples.

use serde_json::{Map, Value, json};

use super::document::{example, place, setting_text};
use super::name;
use crate::Result;

/// A provider, as a report describes it.
pub struct NewProvider {
    pub id: String,
    pub schema: String,
    /// The folder of its examples.
    pub folder: String,
    title: String,
    channel: String,
    /// Names, types, and whether they are required.
    settings: Vec<(String, String, bool)>,
}

impl NewProvider {
    pub fn read(entry: &Value) -> Result<Self> {
        let id = name(entry, "provider_id")?.to_owned();
        let title = entry["title"].as_str().unwrap_or_default();
        let is_title = |c: char| c.is_ascii_alphanumeric() || " ().&+-".contains(c);
        let title: String = title.chars().filter(|c| is_title(*c)).take(60).collect();
        let title = if title.trim().is_empty() { format!("Provider {id}") } else { title.trim().to_owned() };
        let setting = |it: &Value| {
            let kind = it["type"].as_str().unwrap_or("string");
            Ok((name(it, "name")?.to_owned(), kind.to_owned(), it["required"].as_bool().unwrap_or_default()))
        };
        let settings = entry["settings"].as_array().into_iter().flatten().map(setting).collect::<Result<Vec<_>>>()?;
        let words = || title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let schema: String = words().map(|word| word[..1].to_uppercase() + &word[1..]).collect();
        Ok(Self {
            schema: if schema.starts_with(|c: char| c.is_ascii_digit()) { format!("Provider{schema}") } else { schema },
            folder: words().map(str::to_lowercase).collect::<Vec<_>>().join("-"),
            channel: name(entry, "type").unwrap_or("sms").to_owned(),
            id,
            title,
            settings,
        })
    }

    /// Adds the branch at the end of the union, and the schema at the end of the document.
    pub fn add_to(&self, document: &str) -> Result<String> {
        let Self { id, title, schema, .. } = self;
        let (_, end) = place(document, "Provider")?;
        let branch = format!(
            "        - title: {title}\n          type: object\n          required: [provider_id, settings]\n          \
             properties:\n            provider_id:\n              type: string\n              enum: ['{id}']\n            \
             settings:\n              $ref: '#/components/schemas/{schema}'\n"
        );
        let properties: String = self.settings.iter().map(|(name, kind, _)| setting_text(name, kind)).collect();
        let required: Vec<_> = self.settings.iter().filter(|it| it.2).map(|it| it.0.as_str()).collect();
        let required =
            if required.is_empty() { String::new() } else { format!("      required: [{}]\n", required.join(", ")) };
        let settings = format!(
            "    {schema}:\n      description: Settings of {title}.\n      x-source: probe\n      type: object\n      \
             additionalProperties: false\n{required}      properties:\n{properties}"
        );
        let (head, tail) = document.split_at(end);
        Ok(format!("{head}{branch}{}\n{settings}", tail.trim_end()))
    }

    /// Returns the example request and response.
    pub fn examples(&self) -> (String, String) {
        let settings: Map<_, _> = self.settings.iter().map(|(name, kind, _)| (name.clone(), example(kind))).collect();
        let name = format!("Example {}", self.title);
        let request = json!({ "name": name, "provider_id": self.id, "settings": settings, "status": "active" });
        let response = json!({
            "id": "1165", "company_id": "6197120", "name": name, "type": self.channel, "provider_id": self.id,
            "settings": settings, "status": "active", "is_default": false,
        });
        (format!("{request:#}\n"), format!("{response:#}\n"))
    }
}
