//! Text of the server, made fit to be shown.
//!
//! A server that quotes a request may have escaped it first, and a gateway a second time. So secrets are searched in several
//! readings of the text: with the escapes of URLs, JSON or HTML replaced, and with base64 decoded. Each byte of a reading
//! has its place in the text, which is hidden there, whatever form the secret was found in.

use std::ops::Range;

use crate::printable::is_hidden;
use crate::secret::REDACTED;

/// Minimum length of a secret, in bytes: a shorter text appears in other words by chance.
const SHORTEST_SECRET: usize = 4;
/// Maximum length of a text, in bytes.
const MAX_TEXT: usize = 1_000;
/// How often a text may have been escaped.
const MAX_ESCAPES: usize = 2;
/// Maximum length of an escaped byte, in bytes, as that of `%5Cu0041` with some room.
const LONGEST_ESCAPE: usize = 12;

/// Returns a text without the `secrets` that it quotes, fit for a log and a terminal: one line, no hidden characters, of
/// limited length.
pub fn redact(text: String, secrets: &[String]) -> String {
    let secrets = secrets.iter().map(|secret| secret.as_bytes()).filter(|secret| secret.len() >= SHORTEST_SECRET);
    // No more of a secret can be shown.
    let secrets: Vec<_> = secrets.map(|secret| &secret[..secret.len().min(MAX_TEXT)]).collect();
    // A secret that begins in the part that is shown may end after it.
    let searched = text.len().min(MAX_TEXT + LONGEST_ESCAPE * MAX_TEXT);
    let mut hidden = vec![false; searched];
    let reading = text.bytes().take(searched).enumerate().map(|(n, byte)| (byte, n..n + 1)).collect();
    search(&secrets, &reading, MAX_ESCAPES, &mut hidden);
    let mut shown = String::new();
    for (at, character) in text.char_indices().take_while(|(at, _)| *at < MAX_TEXT) {
        match hidden[at] {
            true if at > 0 && hidden[at - 1] => {}
            true => shown += REDACTED,
            false => shown.push(if is_hidden(character) { ' ' } else { character }),
        }
    }
    shown
}

/// Bytes, each with its place in the text.
type Reading = Vec<(u8, Range<usize>)>;

/// Marks the places of all secrets in a reading, however they are encoded.
fn search(secrets: &[&[u8]], reading: &Reading, escapes: usize, hidden: &mut [bool]) {
    mark(secrets, reading, hidden);
    // The start of the encoded text is not known, only that of its run of characters.
    for skip in 0..4 {
        mark(secrets, &decoded(reading, skip), hidden);
    }
    for first in *b"%\\&" {
        let unescaped = unescaped(reading, first);
        if escapes > 0 && unescaped.len() < reading.len() {
            search(secrets, &unescaped, escapes - 1, hidden);
        }
    }
}

/// Marks the places of all secrets in a reading.
fn mark(secrets: &[&[u8]], reading: &Reading, hidden: &mut [bool]) {
    // In a form, a space is a plus.
    let is_same = |(read, secret): (&(u8, _), &u8)| read.0 == *secret || (read.0 == b'+' && *secret == b' ');
    for secret in secrets {
        for window in reading.windows(secret.len()) {
            if window.iter().zip(*secret).all(is_same) {
                hidden[window[0].1.start..window[secret.len() - 1].1.end].fill(true);
            }
        }
    }
}

/// Replaces the escapes that begin with this byte: `%` in URLs, a backslash in JSON, `&` in HTML.
fn unescaped(reading: &Reading, first: u8) -> Reading {
    let bytes: Vec<u8> = reading.iter().map(|(byte, _)| *byte).collect();
    let (mut all, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let (meaning, length) =
            Some(&bytes[at..]).filter(|text| text[0] == first).and_then(escape).unwrap_or((vec![bytes[at]], 1));
        let place = reading[at].1.start..reading[at + length - 1].1.end;
        all.extend(meaning.into_iter().map(|byte| (byte, place.clone())));
        at += length;
    }
    all
}

/// Returns what the escape at the start of a text stands for, and its length.
fn escape(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let hex = |range: Range<usize>| u32::from_str_radix(str::from_utf8(text.get(range)?).ok()?, 16).ok();
    let utf8 = |code: u32| char::from_u32(code).map(|character| character.to_string().into_bytes());
    match text {
        [b'%', ..] => Some((vec![hex(1..3)? as u8], 3)),
        [b'\\', b'u', ..] => match (hex(2..6)?, text.get(6..8)) {
            (high @ 0xd800..0xdc00, Some(b"\\u")) => {
                Some((utf8(0x10000 + ((high - 0xd800) << 10) + hex(8..12)?.checked_sub(0xdc00)?)?, 12))
            }
            (code, _) => Some((utf8(code)?, 6)),
        },
        [b'\\', letter, ..] => {
            let plain = match letter {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                b'"' | b'\\' | b'/' => *letter,
                _ => return None,
            };
            Some((vec![plain], 2))
        }
        [b'&', ..] => {
            let end = text.iter().take(LONGEST_ESCAPE).position(|byte| *byte == b';')?;
            let name = str::from_utf8(&text[1..end]).ok()?;
            let code = match (name, name.strip_prefix('#')) {
                ("amp", _) => 38,
                ("lt", _) => 60,
                ("gt", _) => 62,
                ("quot", _) => 34,
                ("apos", _) => 39,
                (_, Some(number)) => match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                    None => number.parse().ok()?,
                },
                _ => return None,
            };
            Some((utf8(code)?, end + 1))
        }
        _ => None,
    }
}

/// Decodes each run of base64, in either alphabet, from its `skip`th character on. Runs are divided by a zero.
fn decoded(reading: &Reading, skip: usize) -> Reading {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut all = Vec::new();
    for run in reading.split(|(byte, _)| value(*byte).is_none()) {
        for pair in run.get(skip..).unwrap_or_default().chunks(4).flat_map(|four| four.windows(2).enumerate()) {
            // Each two characters have the bits of one byte: 6 and 2, 4 and 4, 2 and 6.
            let (n, [(first, from), (second, to)]) = pair else { continue };
            let bits =
                u16::from(value(*first).unwrap_or_default()) << 6 | u16::from(value(*second).unwrap_or_default());
            all.push(((bits >> (4 - 2 * n)) as u8, from.start..to.end));
        }
        all.push((0, 0..0));
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn percent(text: &str, all: bool, upper: bool) -> String {
        let one = |byte: u8| match byte.is_ascii_alphanumeric() && !all {
            true => char::from(byte).to_string(),
            false if upper => format!("%{byte:02X}"),
            false => format!("%{byte:02x}"),
        };
        text.bytes().map(one).collect()
    }

    fn base64(text: &str) -> String {
        let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
        let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
        let sixes = bits.as_bytes().chunks(6).map(|six| format!("{:0<6}", str::from_utf8(six).expect("digits")));
        let letter = |six: String| char::from(letters[usize::from_str_radix(&six, 2).expect("six bits")]);
        let encoded: String = sixes.map(letter).collect();
        format!("{encoded}{}", &"=="[..(3 - text.len() % 3) % 3])
    }

    /// All ways in which a server may quote a text.
    fn quotes(text: &str) -> Vec<String> {
        let units = |prefix: &str| text.encode_utf16().map(|unit| format!("{prefix}{unit:04x}")).collect::<String>();
        let json = Value::from(text).to_string();
        let json = &json[1..json.len() - 1];
        let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let login = base64(&format!("someone:{text}"));
        vec![
            text.to_owned(),
            percent(text, false, true),
            percent(text, false, false),
            percent(text, true, false),
            percent(text, false, true).replace("%20", "+"),
            percent(&percent(text, false, true), false, false),
            json.to_owned(),
            json.replace('/', "\\/"),
            units("\\u"),
            units("\\u").to_uppercase().replace("\\U", "\\u"),
            percent(json, false, true),
            html.replace('\'', "&#39;"),
            html.replace('\'', "&apos;"),
            text.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
            text.chars().map(|c| format!("&#x{:X};", u32::from(c))).collect(),
            base64(text),
            base64(text).trim_end_matches('=').replace('+', "-").replace('/', "_"),
            login.clone(),
            percent(&login, false, true),
            base64(&format!("a{text}")),
            format!("key{}", base64(&format!("ab{text}!"))),
        ]
    }

    #[test]
    fn secret_is_redacted_however_it_is_quoted() {
        let secrets =
            ["canary", "two\nlines of canary", "a \"canary\"", "\tcanary", "canary/+=?&<>'\"%\\é€😀~", "\\\\u%25+"];
        for secret in secrets {
            for quote in quotes(secret) {
                for before in [String::new(), "x".repeat(MAX_TEXT - 3)] {
                    let text = redact(format!("{before} {quote} "), &["cana".to_owned(), secret.to_owned()]);
                    let rest = text.trim_start_matches('x').replace(REDACTED, "");
                    assert!(rest.trim().len() <= 14 && !rest.contains("nar"), "{quote}: {rest}");
                    assert!(!quotes(secret).contains(&rest.trim().to_owned()), "{rest}");
                    assert!(text.contains(REDACTED) || !before.is_empty(), "{text}");
                }
            }
        }
    }

    #[test]
    fn rest_of_a_text_remains() {
        let secrets = ["canary-1".to_owned(), "1-canary".to_owned(), "abc".to_owned()];
        for (text, expected) in [
            (
                "the token canary-1 is wrong, 100%: \\no &amp; &unknown; abc ",
                "the token [REDACTED] is wrong, 100%: \\no &amp; &unknown; abc ",
            ),
            ("canary-1-canary canary-1canary-1", "[REDACTED] [REDACTED]"),
            ("é\u{7}%\\&\\u12&#x;%zz\\ud800\\ud800", "é %\\&\\u12&#x;%zz\\ud800\\ud800"),
            ("Basic c29tZW9uZTpjYW5hcnktMQ== is wrong", "Basic c29tZW9uZT[REDACTED]== is wrong"),
        ] {
            assert_eq!(redact(text.to_owned(), &secrets), expected);
        }
        assert_eq!(redact("é".repeat(MAX_TEXT), &[]).len(), MAX_TEXT);
        let long = "canary".repeat(MAX_TEXT);
        assert_eq!(redact(format!("a {}", percent(&long, true, true)), &[long]), "a [REDACTED]");
    }
}
