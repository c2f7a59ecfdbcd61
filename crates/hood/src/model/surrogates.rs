//! Escapes of half a character, which JSON allows and Unicode does not.

use bytes::Bytes;

/// Returns JSON in which each half of a surrogate pair is replaced by U+FFFD: one such name must not make a whole list
/// unreadable.
pub fn without_lone_surrogates(json: Bytes) -> Bytes {
    if !json.contains(&b'\\') {
        return json;
    }
    let mut changed: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = json[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        let (next, is_lone) = match (surrogate(&json, at), surrogate(&json, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (at + 12, false),
            (Some(_), _) => (at + 6, true),
            (None, _) => (at + 2, false),
        };
        if is_lone {
            changed.get_or_insert_with(|| json.to_vec())[at..next].copy_from_slice(br"\ufffd");
        }
        at = next.min(json.len());
    }
    changed.map_or(json, Bytes::from)
}

/// Returns the half of a pair that is escaped at this place.
fn surrogate(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    let code = u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    (0xd800..=0xdfff).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_halves_are_replaced() {
        for (json, expected) in [
            (r#"["\ud800", "\uDFFF\ud83d", "\ud83d\ude00"]"#, r#"["\ufffd", "\ufffd\ufffd", "\ud83d\ude00"]"#),
            (r#"["\\ud800", "\\\ud800", "\u00e4\n"]"#, r#"["\\ud800", "\\\ufffd", "\u00e4\n"]"#),
            (r#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#),
            (r#"["\ud8"#, r#"["\ud8"#),
            (r#""\"#, r#""\"#),
            ("", ""),
        ] {
            assert_eq!(without_lone_surrogates(Bytes::from_static(json.as_bytes())), expected.as_bytes(), "{json}");
        }
    }
}
