//! Values in the types of their settings: tables and spreadsheets have numbers where the API wants text, and the reverse.

use ocamba_hood::SettingKind;
use serde_json::Value;
use serde_json::value::RawValue;

/// Maximum number of digits of a number that a spreadsheet, or a program with numbers of 64 bits, has kept exactly.
const EXACT_DIGITS: usize = 15;

/// Returns JSON of the setting's type for a cell, or a string where it does not fit.
pub fn of_cell(kind: Option<SettingKind>, cell: &str) -> Value {
    let value = || serde_json::from_str::<Value>(cell.trim()).ok();
    let fitting = match kind {
        Some(SettingKind::Integer) => {
            value().filter(Value::is_number).and_then(|_| whole(cell.trim()).ok()?.parse::<i64>().ok()).map(Value::from)
        }
        Some(SettingKind::Number) => value().filter(Value::is_number),
        Some(SettingKind::Boolean) => {
            serde_json::from_str(&cell.trim().to_ascii_lowercase()).ok().filter(Value::is_boolean)
        }
        _ => None,
    };
    fitting.unwrap_or_else(|| cell.into())
}

/// Converts a JSON value to the type of its setting, as a cell with the same text. `None` where nothing is to be converted, or
/// can be: the check reports that.
///
/// # Errors
///
/// A number whose digits were lost, with what to do.
pub fn of_json(kind: Option<SettingKind>, value: &RawValue) -> Result<Option<Value>, String> {
    let text = value.get();
    Ok(match (kind, text.as_bytes().first()) {
        (Some(SettingKind::String), Some(b'-' | b'0'..=b'9')) => Some(text_of_number(text)?.into()),
        (Some(SettingKind::Integer), Some(b'-' | b'0'..=b'9')) => {
            whole(text).ok().and_then(|text| text.parse::<i64>().ok()).map(Value::from)
        }
        (Some(SettingKind::Integer | SettingKind::Number | SettingKind::Boolean), Some(b'"')) => {
            serde_json::from_str::<String>(text).ok().map(|cell| of_cell(kind, &cell))
        }
        _ => None,
    })
}

/// Returns the text of a JSON number: a whole one has no decimal point, whatever has added one.
pub fn text_of_number(number: &str) -> Result<String, String> {
    match whole(number) {
        Ok(digits) => Ok(digits),
        Err(true) => Err("is a number whose last digits are lost; write it as text, in quotation marks".to_owned()),
        Err(false) => Ok(number.to_owned()),
    }
}

/// Returns the digits of a whole number. The error is true if they are not all known, and false if it is not whole.
fn whole(number: &str) -> Result<String, bool> {
    let is_integer = |text: &str| text.strip_prefix('-').unwrap_or(text).bytes().all(|b| b.is_ascii_digit());
    if is_integer(number) {
        return Ok(number.to_owned());
    }
    let value: f64 = number.parse().map_err(|_| false)?;
    let text = format!("{value:.0}");
    match value.fract() == 0.0 {
        true if text.trim_start_matches('-').len() <= EXACT_DIGITS => Ok(text),
        is_whole => Err(is_whole),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn value_takes_the_type_of_its_setting() {
        use SettingKind::{Boolean, Integer, Number, String};
        for (kind, text, expected) in [
            (String, "587", json!("587")),
            (String, "-1.0", json!("-1")),
            (String, "1.50", json!("1.50")),
            (String, "12155551234.0", json!("12155551234")),
            (String, "1.2155551234e10", json!("12155551234")),
            (String, "123456789012345678901234567890", json!("123456789012345678901234567890")),
            (String, "true", json!(true)),
            (String, "\"0587\"", json!("0587")),
            (Integer, "587", json!(587)),
            (Integer, "587.0", json!(587)),
            (Integer, "587.5", json!(587.5)),
            (Integer, "\" 587 \"", json!(587)),
            (Integer, "\"x\"", json!("x")),
            (Number, "\"1.5\"", json!(1.5)),
            (Boolean, "\"TRUE\"", json!(true)),
            (Boolean, "1", json!(1)),
        ] {
            let value = RawValue::from_string(text.to_owned()).expect("JSON");
            let converted = of_json(Some(kind), &value).expect("exact");
            assert_eq!(
                converted.unwrap_or_else(|| serde_json::from_str(text).expect("JSON")),
                expected,
                "{kind:?} {text}"
            );
        }
        for lost in ["1.2345678901234567e+19", "9007199254740993.0", "1e16"] {
            assert!(of_json(Some(String), &RawValue::from_string(lost.to_owned()).expect("JSON")).is_err(), "{lost}");
        }
        assert_eq!(of_cell(Some(Integer), "587.0"), json!(587));
        assert_eq!(of_cell(Some(String), "587.0"), json!("587.0"));
        assert_eq!(of_cell(None, "587"), json!("587"));
    }
}
