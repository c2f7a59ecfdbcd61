//! Values that are valid, and yet are probably not what was meant: shortened by a spreadsheet, or references that nothing has
//! resolved. No message quotes a value.

use ocamba_hood::{ProviderInfo, is_hidden};
use serde_json::{Map, Value};

/// What is wrong with a field.
#[derive(Debug, PartialEq, Eq)]
pub enum Damage {
    /// The value cannot be meant.
    Error(String, &'static str),
    /// The value is probably not meant.
    Warning(String, &'static str),
}

/// Returns what is probably not meant in a request, whose references are resolved.
pub fn of_request(request: &str) -> Vec<Damage> {
    let fields: Map<String, Value> = serde_json::from_str(request).unwrap_or_default();
    let provider = fields.get("provider_id").and_then(Value::as_str).and_then(ProviderInfo::of);
    let is_secret =
        |name: &str| provider.and_then(|provider| provider.setting(name)).is_none_or(|setting| setting.secret);
    let settings = fields.get("settings").and_then(Value::as_object).into_iter().flatten();
    let settings = settings.map(|(name, value)| (format!("settings.{name}"), value, is_secret(name)));
    let name = fields.get("name").map(|value| ("name".to_owned(), value, false));
    name.into_iter()
        .chain(settings)
        .filter_map(|(field, value, is_secret)| of_text(field, value.as_str()?, is_secret))
        .collect()
}

fn of_text(field: String, text: &str, is_secret: bool) -> Option<Damage> {
    if is_spreadsheet_error(text) {
        let message = "is the error of a spreadsheet's formula; correct the cell, and save the file again";
        // Only a name is not passed on to a provider.
        let is_name = field == "name";
        return Some(if is_name { Damage::Warning(field, message) } else { Damage::Error(field, message) });
    }
    let of_format = match () {
        () if is_shortened(text) => Some(
            "is a number that a spreadsheet has shortened, so that its last digits are lost; format the cell as text, and \
             enter the number again",
        ),
        () if is_grouped(text) || has_zero_decimals(text) => Some(
            "is a number with the separators or decimal places of a spreadsheet's format; format the cell as text, and enter \
             the number again",
        ),
        () => None,
    };
    if let Some(message) = of_format {
        let is_certain = !is_secret && field != "name";
        return Some(if is_certain { Damage::Error(field, message) } else { Damage::Warning(field, message) });
    }
    let warning = match text {
        _ if is_secret && is_unresolved(text) => {
            "looks like a reference that nothing has resolved, and is sent unchanged"
        }
        _ if is_secret && (text.trim() != text || text.chars().any(|c| c.is_control() || is_hidden(c))) => {
            "begins or ends with a blank, or has invisible characters, as text that was pasted"
        }
        _ if text.contains('\u{fffd}') => {
            "has the character \u{fffd}, which replaces one that could not be read; check the file's encoding"
        }
        _ if has_added_fraction(text) => "ends with .0, as a number that a program has written; it is sent unchanged",
        _ => return None,
    };
    Some(Damage::Warning(field, warning))
}

/// `#N/A` and the like, and the signs for a number that is wider than its column.
pub(crate) fn is_spreadsheet_error(text: &str) -> bool {
    const ERRORS: [&str; 9] = ["#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"];
    ERRORS.contains(&text) || (text.len() > 1 && text.bytes().all(|byte| byte == b'#'))
}

/// `1.21556E+10`, also with a comma.
fn is_shortened(text: &str) -> bool {
    let Some((digits, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, "0"));
    whole.len() == 1
        && are_digits(whole)
        && are_digits(fraction)
        && exponent.strip_prefix(['+', '-']).is_some_and(are_digits)
}

/// `12,155,551,234`, with the separator of any language. An address of a network is none, and a blank may be of a phone number.
fn is_grouped(text: &str) -> bool {
    const SEPARATORS: [char; 6] = [',', '.', '\'', '’', '\u{a0}', '\u{202f}'];
    let Some(separator) = text.chars().find(|c| SEPARATORS.contains(c)) else { return false };
    let mut groups = text.strip_prefix('-').unwrap_or(text).split(separator);
    let is_first = |group: &str| (1..=3).contains(&group.len()) && are_digits(group);
    groups.next().is_some_and(is_first)
        && groups.clone().count() > 1
        && groups.all(|group| group.len() == 3 && are_digits(group))
        && text.parse::<std::net::Ipv4Addr>().is_err()
}

/// `587.00`, also with a comma. `2.0` may be a version.
fn has_zero_decimals(text: &str) -> bool {
    let Some((whole, zeros)) = text.split_once(['.', ',']) else { return false };
    are_digits(whole)
        && zeros.bytes().all(|digit| digit == b'0')
        && (zeros.len() > 1 || (zeros == "0" && text.contains(',')))
}

/// `12155551234.0`: shorter ones may be versions.
fn has_added_fraction(text: &str) -> bool {
    text.strip_suffix(".0").is_some_and(|whole| whole.len() > 2 && are_digits(whole))
}

fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The references of shells, templates, and stores of secrets.
fn is_unresolved(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let within = |start: &str, end: &str| text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
    let scheme = text.split_once(':').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
    let is_of_store = scheme.is_some_and(|(scheme, rest)| match scheme.as_str() {
        "http" | "https" | "text" => false,
        "op" | "vault" | "ref" | "secret" | "secrets" | "ssm" | "sops" | "doppler" | "infisical" | "keychain"
        | "arn" => !rest.is_empty(),
        // Other stores have names of their own, as `awssm://`.
        _ => rest.starts_with("//") && (scheme.contains("sm") || scheme.contains("secret") || scheme.contains("vault")),
    });
    is_of_store
        || text.strip_prefix('$').is_some_and(is_name)
        || text.strip_prefix("$env:").is_some_and(is_name)
        || within("%", "%").is_some_and(is_name)
        || within("${", "}").is_some()
        || within("$(", ")").is_some()
        || within("{{", "}}").is_some()
        || within("<%", "%>").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_texts_are_found_and_others_are_not() {
        for (text, plain, secret) in [
            ("1.21556E+10", Some(true), Some(false)),
            ("1,21556e+10", Some(true), Some(false)),
            ("-2E-05", Some(true), Some(false)),
            ("12,155,551,234", Some(true), Some(false)),
            ("12.155.551.234", Some(true), Some(false)),
            ("12\u{202f}155\u{202f}551", Some(true), Some(false)),
            ("587.00", Some(true), Some(false)),
            ("587,0", Some(true), Some(false)),
            ("587.0", Some(false), Some(false)),
            ("#N/A", Some(true), Some(true)),
            ("#####", Some(true), Some(true)),
            ("12155551234.0", Some(false), Some(false)),
            ("caf\u{fffd}", Some(false), Some(false)),
            ("$KEY", None, Some(false)),
            ("$env:KEY", None, Some(false)),
            ("${KEY}", None, Some(false)),
            ("$(pass show key)", None, Some(false)),
            ("%KEY%", None, Some(false)),
            ("{{ secrets.key }}", None, Some(false)),
            ("op://vault/item/field", None, Some(false)),
            ("vault:secret/data#key", None, Some(false)),
            ("awssm://key", None, Some(false)),
            ("gcp-secret://key", None, Some(false)),
            ("key\u{a0}", None, Some(false)),
            ("k\u{200b}ey", None, Some(false)),
            ("+12155551234", None, None),
            ("1.5", None, None),
            ("2.0", None, None),
            ("10.100.200.100", None, None),
            ("12.155", None, None),
            ("1,234", None, None),
            ("12 155 551 234", None, None),
            ("1E5", None, None),
            ("12E+10", None, None),
            ("shopE+1", None, None),
            ("#1", None, None),
            ("$", None, None),
            ("$1a", None, None),
            ("pa$$w0rd", None, None),
            ("a:b", None, None),
            ("https://hooks.example/secret", None, None),
            ("", None, None),
        ] {
            for (is_secret, expected) in [(false, plain), (true, secret)] {
                let found = of_text("f".into(), text, is_secret);
                let found = found.map(|damage| matches!(damage, Damage::Error(..)));
                assert_eq!(found, expected, "{text:?}, secret: {is_secret}");
            }
        }
    }
}
