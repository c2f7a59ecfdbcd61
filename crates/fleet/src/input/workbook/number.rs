//! Numbers of workbooks as text: their digits, where these are what the cell shows.
//!
//! A spreadsheet keeps 15 digits of a number, and shows them by a format. Formats that only group digits or add decimal places are
//! accidental: the digits are meant. Zeros before the number are meant too (`00000`). Where a format shows anything else, as
//! `(000) 000-0000` or `0%`, it is not certain which of the two is meant.

/// Maximum number of digits that a spreadsheet keeps.
const EXACT: f64 = 1e15;

const LOST: &str =
    "is a number with more digits than the 15 that a spreadsheet keeps; format the cell as text, and enter it again";
const SHOWN_OTHERWISE: &str =
    "is a number that its format shows as another text; format the cell as text, and enter what is meant";
const SHOWN_ROUNDED: &str =
    "is a number that its format shows rounded; format the cell as text, and enter what is meant";

/// Returns the digits of a number.
pub fn digits(value: f64) -> Result<String, &'static str> {
    // More digits are traces of a computation.
    let value: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    match value {
        _ if !value.is_finite() || value.abs() >= EXACT => Err(LOST),
        0.0 => Ok("0".to_owned()),
        _ => Ok(value.to_string()),
    }
}

/// Returns the text of a number with a format of Excel, as `0.00` or `00000`.
pub fn formatted(value: f64, code: &str) -> Result<String, &'static str> {
    let digits = digits(value)?;
    let format = Format::of(code, value).ok_or(SHOWN_OTHERWISE)?;
    let Some(decimals) = format.decimals else { return Ok(digits) };
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    if fraction.len() > decimals {
        return Err(SHOWN_ROUNDED);
    }
    let missing = format.zeros.saturating_sub(whole.trim_start_matches('-').len());
    match missing {
        0 => Ok(digits),
        // A number of several parts, as with thousands, or with a fraction.
        _ if format.is_grouped || decimals > 0 || value < 0.0 => Err(SHOWN_OTHERWISE),
        _ => Ok(format!("{}{digits}", "0".repeat(missing))),
    }
}

/// Returns the text of a number that a cell shows so, in any language.
pub fn shown(value: f64, shown: &str) -> Result<String, &'static str> {
    let digits = digits(value)?;
    let shown = shown.trim();
    let is_all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let without_zeros = |text: &str| text.trim_start_matches('0').to_owned();
    if shown.is_empty() || (is_all_digits(shown) && without_zeros(shown) == without_zeros(&digits)) {
        return Ok(if shown.is_empty() { digits } else { shown.to_owned() });
    }
    let unsigned = shown.strip_prefix(['-', '−']).unwrap_or(shown);
    if let Some((_, exponent)) = unsigned.split_once('E')
        && is_all_digits(exponent.trim_start_matches(['+', '-']))
    {
        return Ok(digits);
    }
    let is_of_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '\'' | '’');
    if !unsigned.chars().all(is_of_number) {
        return Err(SHOWN_OTHERWISE);
    }
    let only_digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let decimals = only_digits(unsigned).strip_prefix(&only_digits(&digits)).map(str::to_owned);
    if decimals.is_some_and(|decimals| without_zeros(&decimals).is_empty()) { Ok(digits) } else { Err(SHOWN_ROUNDED) }
}

/// What a format shows of a number.
#[derive(Default)]
struct Format {
    /// Minimum number of digits before the decimal point.
    zeros: usize,
    /// Number of decimal places; none where all are shown, or the number is shortened for the eye.
    decimals: Option<usize>,
    is_grouped: bool,
}

impl Format {
    /// Reads the format that is for this number. Returns none where it shows anything but digits.
    fn of(code: &str, value: f64) -> Option<Self> {
        let sections = sections(code);
        let is_negative = value < 0.0 && sections.len() > 1;
        let section = match sections.as_slice() {
            [_, negative, ..] if is_negative => negative,
            [_, _, zero, _] if value == 0.0 => zero,
            [first, ..] => first,
            [] => return Some(Self::default()),
        };
        let (mut format, mut decimals, mut is_fraction) = (Self::default(), 0, false);
        let mut chars = section.trim().chars().peekable();
        if is_negative && chars.peek() == Some(&'-') {
            chars.next();
        }
        if section.trim().eq_ignore_ascii_case("general") || section.trim() == "@" {
            return Some(format);
        }
        let (mut last_of_whole, mut has_digits) = (' ', false);
        while let Some(c) = chars.next() {
            match c {
                // A width, or what fills the cell.
                '_' | '*' => drop(chars.next()),
                '\\' => drop(chars.next().filter(|c| c.is_whitespace())?),
                '"' => {
                    let text: String = chars.by_ref().take_while(|c| *c != '"').collect();
                    text.trim().is_empty().then_some(())?;
                }
                '[' => {
                    let text: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    let is_color = text.chars().all(char::is_alphanumeric);
                    (is_color || text.starts_with("$-")).then_some(())?;
                }
                '0' | '#' | '?' => {
                    has_digits = true;
                    match is_fraction {
                        true => decimals += 1,
                        false => (format.zeros, last_of_whole) = (format.zeros + usize::from(c == '0'), c),
                    }
                }
                ',' if !is_fraction => (format.is_grouped, last_of_whole) = (true, c),
                '.' if !is_fraction => is_fraction = true,
                'E' | 'e' => return Some(Self::default()),
                c if c.is_whitespace() => {}
                _ => return None,
            }
        }
        format.decimals = Some(decimals);
        // A comma after the digits divides by a thousand.
        (has_digits && last_of_whole != ',').then_some(format)
    }
}

/// Returns the sections of a format: for positive numbers, negative ones, zero, and text.
fn sections(code: &str) -> Vec<String> {
    let (mut sections, mut is_quoted, mut chars) = (vec![String::new()], false, code.chars());
    while let Some(c) = chars.next() {
        let section = match sections.last_mut() {
            Some(section) if c != ';' || is_quoted => section,
            _ => {
                sections.push(String::new());
                continue;
            }
        };
        section.push(c);
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' if !is_quoted => section.extend(chars.next()),
            _ => {}
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_exact_or_refused() {
        for (value, expected) in [
            (12_155_551_234.0, Ok("12155551234")),
            (587.0, Ok("587")),
            (-0.0, Ok("0")),
            (-1.5, Ok("-1.5")),
            (0.1 + 0.2, Ok("0.3")),
            (586.999_999_999_999_9, Ok("587")),
            (999_999_999_999_999.0, Ok("999999999999999")),
            (1e15, Err(LOST)),
            (1.2e19, Err(LOST)),
            (f64::INFINITY, Err(LOST)),
        ] {
            assert_eq!(digits(value), expected.map(str::to_owned), "{value}");
        }
    }

    #[test]
    fn format_is_applied_or_refused() {
        for (value, code, expected) in [
            (12_155_551_234.0, "General", Ok("12155551234")),
            (12_155_551_234.0, "0.00E+00", Ok("12155551234")),
            (12_155_551_234.0, "#,##0", Ok("12155551234")),
            (12_155_551_234.0, "#,##0.00;[Red]-#,##0.00", Ok("12155551234")),
            (12_155_551_234.0, "# ##0", Ok("12155551234")),
            (12_155_551_234.0, "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)", Ok("12155551234")),
            (587.0, "0.00", Ok("587")),
            (587.0, "@", Ok("587")),
            (587.0, "[$-407]0", Ok("587")),
            (123.0, "00000", Ok("00123")),
            (123.0, "0000;-0000", Ok("0123")),
            (0.0, "000", Ok("000")),
            (-5.0, "0;-0;;@", Ok("-5")),
            (-5.0, "#,##0;(#,##0)", Err(SHOWN_OTHERWISE)),
            (0.0, "0;-0;\"none\";@", Err(SHOWN_OTHERWISE)),
            (587.5, "0", Err(SHOWN_ROUNDED)),
            (587.5, "0.0", Ok("587.5")),
            (587.0, "0,", Err(SHOWN_OTHERWISE)),
            (587.0, "0,000", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "(000) 000-0000", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "[<=9999999]###-####;(###) ###-####", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "\"+\"0", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "\\+0", Err(SHOWN_OTHERWISE)),
            (0.5, "0%", Err(SHOWN_OTHERWISE)),
            (5.0, "[$€-407]0", Err(SHOWN_OTHERWISE)),
            (5.0, "# ?/?", Err(SHOWN_OTHERWISE)),
            (5.0, "\"x;y\"", Err(SHOWN_OTHERWISE)),
            (5.0, "", Err(SHOWN_OTHERWISE)),
        ] {
            assert_eq!(formatted(value, code), expected.map(str::to_owned), "{value} {code}");
        }
    }

    #[test]
    fn shown_text_is_applied_or_refused() {
        for (value, text, expected) in [
            (12_155_551_234.0, "12155551234", Ok("12155551234")),
            (12_155_551_234.0, "12.155.551.234", Ok("12155551234")),
            (12_155_551_234.0, "12\u{202f}155\u{202f}551\u{202f}234,00", Ok("12155551234")),
            (12_155_551_234.0, "1.22E+010", Ok("12155551234")),
            (123.0, "00123", Ok("00123")),
            (587.5, "587,50", Ok("587.5")),
            (0.5, "0,5", Ok("0.5")),
            (0.0, "000", Ok("000")),
            (587.5, "588", Err(SHOWN_ROUNDED)),
            (0.5, "50%", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "(215) 555-1234", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "+2155551234", Err(SHOWN_OTHERWISE)),
            (2_155_551_234.0, "215-555-1234", Err(SHOWN_OTHERWISE)),
            (5.0, "5 €", Err(SHOWN_OTHERWISE)),
        ] {
            assert_eq!(shown(value, text), expected.map(str::to_owned), "{value} {text}");
        }
    }
}
