//! Starter files.

use ocamba_hood::{ProviderInfo, Status};
use serde_json::{Map, Value, json};

use crate::input::format::Format;

/// Returns a starter file with one row for a provider, given by id or name. Its secrets are references to environment
/// variables, which [`References`](crate::References) must permit; the other fields are empty, and [`RowReader::check`](crate::RowReader::check) lists them. Returns `None` if the
/// provider is unknown.
///
/// ```
/// use ocamba_fleet::{Format, template};
///
/// assert_eq!(
///     template("mitto", Format::Csv).as_deref(),
///     Some("name,provider,status,settings.api_key,settings.sender_name\n,Mitto,active,env:MITTO_API_KEY,\n"),
/// );
/// ```
pub fn template(provider: &str, format: Format) -> Option<String> {
    let provider = ProviderInfo::find(provider)?;
    let value = |name: &str, secret: bool| match secret {
        true => format!("env:{}", format!("{}_{name}", provider.type_name).to_uppercase()),
        false => String::new(),
    };
    let settings = provider.settings.iter().map(|s| (s.name.to_owned(), value(s.name, s.secret).into()));
    let settings: Map<String, Value> = settings.collect();
    let request = json!({ "name": "", "provider": provider.title, "settings": settings, "status": Status::Active });
    let mut out = Vec::new();
    format.write(&[&request.to_string()], &mut out).ok()?;
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use ocamba_hood::providers;

    use super::*;
    use crate::input::references::References;
    use crate::input::row_reader::RowReader;

    #[test]
    fn template_is_readable_and_check_lists_its_empty_fields() {
        for provider in providers() {
            for format in [Format::Csv, Format::Json, Format::JsonLines, Format::Yaml] {
                let text = template(provider.type_name, format).expect("a template");
                let rows = RowReader::from_reader(text.as_bytes(), format, "t");
                assert_eq!(rows.len(), 1, "{text}: {}", rows.collected.errors);
                let prefix = provider.type_name.to_uppercase();
                let rows = rows.references(References::new().variables(&prefix).expect("a prefix"));
                let message = rows.check().expect_err("empty fields").to_string();
                assert!(message.contains("name ") && message.contains("set the variable"), "{message}");
            }
        }
        assert_eq!(template("nobody", Format::Csv), None);
    }
}
