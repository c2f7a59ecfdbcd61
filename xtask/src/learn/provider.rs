//! A provider that the document lacks: its request in the union, its schemas, and its examples.

use serde_json::{Map, Value, json};

use super::document::{example, setting_text, with_lines};
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

    /// Adds the request to the union and its mapping, and the schemas at the end of the document.
    pub fn add_to(&self, document: &str) -> Result<String> {
        let Self { id, title, schema, .. } = self;
        let request = format!("'#/components/schemas/New{schema}Integration'");
        let document = with_lines(document, "      oneOf:\n", &format!("        - $ref: {request}\n"))?;
        let document = with_lines(&document, "        mapping:\n", &format!("          '{id}': {request}\n"))?;
        let properties: String = self.settings.iter().map(|(name, kind, _)| setting_text(name, kind)).collect();
        let required: Vec<_> = self.settings.iter().filter(|it| it.2).map(|it| it.0.as_str()).collect();
        let required =
            if required.is_empty() { String::new() } else { format!("      required: [{}]\n", required.join(", ")) };
        let schemas = format!(
            "    New{schema}Integration:
      description: The request of a create with {title}.
      <<: *new_integration
      properties:
        <<: *new_fields
        provider_id:
          $ref: '#/components/schemas/{schema}Id'
        settings:
          $ref: '#/components/schemas/{schema}'
    {schema}Id:
      description: The id of {title}, as a provider.
      x-source: probe
      type: string
      enum: ['{id}']
    {schema}:
      title: {title}
      description: Settings of {title}.
      x-source: probe
      type: object
      additionalProperties: false
{required}      properties:
{properties}"
        );
        with_lines(&document, "  schemas:\n", &schemas)
    }

    /// Returns the example request and response.
    pub fn examples(&self) -> (String, String) {
        let settings: Map<_, _> =
            self.settings.iter().map(|(name, kind, _)| (name.clone(), example(name, kind))).collect();
        let name = format!("Example {}", self.title);
        let request = json!({ "name": name, "provider_id": self.id, "settings": settings, "status": "active" });
        let response = json!({
            "id": "1165", "company_id": "6197120", "name": name, "type": self.channel, "provider_id": self.id,
            "settings": settings, "status": "active", "is_default": false,
        });
        (format!("{request:#}\n"), format!("{response:#}\n"))
    }
}
