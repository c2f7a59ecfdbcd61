//! Text of files as editors, shells and spreadsheets write it.

/// What is wrong with a text without rows, where no rows are also written.
pub const EMPTY: &str = "is empty; write at least one row, or [] for none";

/// Why bytes are not text, and the line of the problem.
#[derive(Debug, PartialEq, Eq)]
pub struct NotText {
    /// Line, from 1.
    pub line: u32,
    /// What is wrong, and what to do.
    pub message: &'static str,
}

/// Decodes text in UTF-8, or in UTF-16 with a byte order mark, as PowerShell and Excel write it. The mark is left out.
///
/// # Errors
///
/// What is wrong with the bytes, and where.
pub fn decode(mut bytes: Vec<u8>) -> Result<String, NotText> {
    if let [0xff, 0xfe, text @ ..] | [0xfe, 0xff, text @ ..] = bytes.as_slice() {
        return utf_16(text, if bytes[0] == 0xff { u16::from_le_bytes } else { u16::from_be_bytes });
    }
    let not_text = |at: usize, message| Err(NotText { line: 1 + count_lines(&bytes[..at]), message });
    if let Some(nul) = bytes.iter().position(|byte| *byte == 0) {
        return not_text(nul, "has a NUL byte: the file is not text, or not UTF-8; save it as UTF-8");
    }
    if let Err(error) = std::str::from_utf8(&bytes) {
        let message = "is not UTF-8 but perhaps Latin-1 or Windows-1252; save the file as UTF-8";
        return not_text(error.valid_up_to(), message);
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// Counts the line ends.
pub fn count_lines(bytes: &[u8]) -> u32 {
    line(bytes.iter().filter(|byte| **byte == b'\n').count())
}

/// Converts a count to a line number.
pub fn line(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    let invalid = |text: &str| NotText {
        line: 1 + count_lines(text.as_bytes()),
        message: "is not valid UTF-16; save the file as UTF-8",
    };
    for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match character {
            Ok(character) if character != '\0' => text.push(character),
            _ => return Err(invalid(&text)),
        }
    }
    if rest.is_empty() { Ok(text) } else { Err(invalid(&text)) }
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
        assert_eq!(decode(Vec::new()).expect("text"), "");
        for (bytes, line, why) in [
            (&b"a\n\nb\xe9"[..], 3, "not UTF-8"),
            (b"a\n\0", 2, "NUL"),
            (b"\xff\xfea\0\n\0\x3d\xd8", 2, "UTF-16"),
            (b"\xff\xfea", 1, "UTF-16"),
        ] {
            let error = decode(bytes.to_vec()).expect_err("not text");
            assert!(error.line == line && error.message.contains(why), "{error:?}");
        }
    }
}
