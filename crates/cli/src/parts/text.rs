//! Text of files as editors and shells write it.

/// Decodes text in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it. The mark is left out.
///
/// # Errors
///
/// What is wrong with the bytes, and where.
pub fn decode(bytes: Vec<u8>) -> Result<String, String> {
    let units =
        |read: fn([u8; 2]) -> u16| bytes[2..].chunks(2).map(move |unit| read([unit[0], *unit.get(1).unwrap_or(&0)]));
    let utf16 = match bytes.get(..2) {
        Some(b"\xff\xfe") => Some(units(u16::from_le_bytes).collect::<Vec<_>>()),
        Some(b"\xfe\xff") => Some(units(u16::from_be_bytes).collect()),
        _ => None,
    };
    if let Some(units) = utf16 {
        return match bytes.len() % 2 {
            0 => String::from_utf16(&units).map_err(|_| "is not valid UTF-16; save it as UTF-8".to_owned()),
            _ => Err("is cut off: UTF-16 has an even number of bytes; save it as UTF-8".to_owned()),
        };
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to() + 1;
        format!("is not UTF-8 text: byte {position} is wrong; save it as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_each_encoding_is_decoded() {
        let (le, be) = (b"\xff\xfe\xe9\0\x3d\xd8\0\xde".to_vec(), b"\xfe\xff\0\xe9\xd8\x3d\xde\0".to_vec());
        for bytes in [le, be, "é\u{1f600}".into(), "\u{feff}é\u{1f600}".into()] {
            assert_eq!(decode(bytes).expect("text"), "é\u{1f600}");
        }
        for (bytes, why) in [(&b"a\xe9"[..], "byte 2"), (b"\xff\xfe\x3d\xd8", "UTF-16"), (b"\xff\xfea", "cut off")] {
            assert!(decode(bytes.to_vec()).expect_err("not text").contains(why), "{why}");
        }
        assert_eq!(decode(Vec::new()).expect("text"), "");
    }
}
