//! Text of others, fit to be shown.

/// Escapes the characters of a text that are not shown as themselves, so that nobody's name can drive a terminal, look like
/// another one, or reorder the text beside it.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    shown
}

/// Returns true for control characters, marks that change the direction of text, ends of lines, and what has no shape. Those
/// that join letters or pictures are parts of words.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_escaped_and_words_stay() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{9b}é"), "a\\u{1b}[2J\\nb\\u{9b}é");
        let marks = "\u{61c}\u{200e}\u{200f}\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        for mark in marks.chars().chain("\u{2028}\u{2029}\u{200b}\u{feff}\u{ad}\u{2064}\u{e0041}".chars()) {
            assert_eq!(printable(&format!("txt.{mark}exe")), format!("txt.\\u{{{:x}}}exe", u32::from(mark)));
        }
        for word in ["Łódź", "e\u{301}", "字", "שלום", "می\u{200c}خواهم", "👩\u{200d}🔧", "a b"] {
            assert_eq!(printable(word), word);
        }
    }
}
