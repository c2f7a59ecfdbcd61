//! Cells that a spreadsheet would compute.
//!
//! A spreadsheet treats a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula. An apostrophe
//! before such a cell marks it as text: it is added where cells are written, and removed where cells are read. A cell that
//! begins with `=` without an apostrophe is refused when read, since its computed value was meant. The other signs begin
//! phone numbers and secrets, and are read unchanged.

use std::borrow::Cow;

const SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Returns the text of a cell.
pub fn read(cell: &str) -> Result<&str, String> {
    match cell.strip_prefix('\'') {
        Some(text) if computes(text) => Ok(text),
        None if cell.starts_with('=') => {
            Err("is a formula; write its value, or put an apostrophe before it ('=…) if it is text".to_owned())
        }
        _ => Ok(cell),
    }
}

/// Returns the cell for a text.
pub fn write(text: &str) -> Cow<'_, str> {
    if computes(text) { format!("'{text}").into() } else { text.into() }
}

fn computes(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_cell_is_read_back_and_computes_nothing() {
        for text in ["", "a", "'a", "=1", "'=1", "''=1", "+12", "-x", "@x", "\tx", "\rx", "a=1", "'", "''"] {
            let written = write(text);
            assert!(!written.starts_with(SIGNS), "{written}");
            assert_eq!(read(&written), Ok(text));
        }
        assert_eq!(read("+1210000"), Ok("+1210000"));
        assert!(read("=cmd()").is_err());
    }
}
