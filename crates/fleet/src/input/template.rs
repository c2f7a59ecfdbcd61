//! Starter files.

use ocamba_hood::{ProviderInfo, Status};
use serde_json::value::{RawValue, to_raw_value};

use crate::input::format::Format;
use crate::input::request::object;

/// Returns a starter file with one row for a provider, given by id or name. Its secrets are references to environment
/// variables; the other fields are empty, and [`RowReader::check`](crate::RowReader::check) lists them. Returns `None` if the
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
    let settings = provider.settings.iter().map(|s| (s.name, value(s.name, s.secret)));
    if format == Format::Csv {
        let (names, cells): (Vec<_>, Vec<_>) = settings.map(|(name, cell)| (format!("settings.{name}"), cell)).unzip();
        let (title, status) = (provider.title, Status::Active);
        // No title or setting contains a comma.
        return Some(format!("name,provider,status,{}\n,{title},{status},{}\n", names.join(","), cells.join(",")));
    }
    let settings = RawValue::from_string(object(settings)).ok()?;
    let status = Status::Active.as_str();
    let request = object([
        ("name", to_raw_value("").ok()?),
        ("provider", to_raw_value(provider.title).ok()?),
        ("settings", settings),
        ("status", to_raw_value(status).ok()?),
    ]);
    let mut out = Vec::new();
    format.write(&[&request], &mut out).ok()?;
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use ocamba_hood::providers;

    use super::*;
    use crate::input::row_reader::RowReader;
    use crate::input::secrets::Secrets;

    #[test]
    fn template_is_readable_and_check_lists_its_empty_fields() {
        for provider in providers() {
            for format in [Format::Csv, Format::Json, Format::JsonLines, Format::Yaml] {
                let text = template(provider.type_name, format).expect("a template");
                let rows = RowReader::from_reader(text.as_bytes(), format, "t");
                assert_eq!(rows.len(), 1, "{text}: {}", rows.collected.errors);
                let message = rows.check(Secrets::new()).expect_err("empty fields").to_string();
                assert!(message.contains("name ") && message.contains("set the variable"), "{message}");
            }
        }
        assert_eq!(template("nobody", Format::Csv), None);
    }
}
