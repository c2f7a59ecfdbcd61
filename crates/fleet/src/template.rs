//! A file to begin with.

use ocamba_hood::{ProviderInfo, Status};

use crate::Format;
use crate::request::{member, provider_id, quoted};

/// A file with one row for a provider, that is called by its id or its name: the secrets are references into the
/// environment, all else is to be filled in. [`Sheet::check`](crate::Sheet::check) names what is still empty. `None` where
/// there is no such provider.
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
    let provider = ProviderInfo::of(provider_id(provider))?;
    let value = |name: &str, secret: bool| match secret {
        true => format!("env:{}", format!("{}_{name}", provider.type_name).to_uppercase()),
        false => String::new(),
    };
    let settings = provider.settings.iter().map(|s| (s.name, value(s.name, s.secret)));
    if format == Format::Csv {
        let (names, cells): (Vec<_>, Vec<_>) = settings.map(|(name, cell)| (format!("settings.{name}"), cell)).unzip();
        let (title, status) = (provider.title, Status::Active);
        // No title or setting has a comma in it.
        return Some(format!("name,provider,status,{}\n,{title},{status},{}\n", names.join(","), cells.join(",")));
    }
    let mut object = String::from("{");
    for (name, text) in settings {
        if object.len() > 1 {
            object.push(',');
        }
        member(&mut object, name, &quoted(&text));
    }
    object.push('}');
    let (called, status) = (quoted(provider.title), quoted(Status::Active.as_str()));
    let request = format!("{{\"name\":\"\",\"provider\":{called},\"settings\":{object},\"status\":{status}}}");
    let mut out = Vec::new();
    format.write(&[&request], &mut out).ok()?;
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use ocamba_hood::providers;

    use super::*;
    use crate::{Secrets, Sheet};

    #[test]
    fn a_template_can_be_read_and_tells_what_is_to_be_filled_in() {
        for provider in providers() {
            for format in [Format::Csv, Format::Json, Format::JsonLines, Format::Yaml] {
                let text = template(provider.type_name, format).expect("a template");
                let sheet = Sheet::from_reader(text.as_bytes(), format, "t");
                assert_eq!(sheet.len(), 1, "{text}: {}", sheet.mistakes);
                let message = sheet.check(Secrets::new()).expect_err("to be filled in").to_string();
                assert!(message.contains("name ") && message.contains("set the variable"), "{message}");
            }
        }
        assert_eq!(template("nobody", Format::Csv), None);
    }
}
