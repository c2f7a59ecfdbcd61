//! Cells that a spreadsheet would compute: refused where they are read, written so that they stay text.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break for a formula. Where we write such
//! a cell, an apostrophe stands before it, which a spreadsheet takes for "this is text"; where we read one, it is taken
//! off again. A cell that begins with `=` and has no apostrophe is refused: it was a formula, and what was meant is what it
//! came to. The other signs begin phone numbers and secrets, and are taken as they are.

use std::borrow::Cow;

const SIGNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What the cell means.
pub fn read(cell: &str) -> Result<&str, String> {
    if cell.starts_with('=') {
        return Err("is a formula: write its value, or an apostrophe before it ('=…) if it is meant as text".to_owned());
    }
    Ok(if is_escaped(cell) { &cell[1..] } else { cell })
}

/// How the cell is written.
pub fn write(text: &str) -> Cow<'_, str> {
    let computes = text.trim_start_matches('\'').starts_with(SIGNS);
    if computes { format!("'{text}").into() } else { text.into() }
}

fn is_escaped(cell: &str) -> bool {
    cell.starts_with('\'') && cell.trim_start_matches('\'').starts_with(SIGNS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_computes_nothing() {
        for text in ["", "a", "'a", "=1", "'=1", "''=1", "+12", "-x", "@x", "\tx", "\rx", "a=1", "'", "''"] {
            let written = write(text);
            assert!(!written.starts_with(SIGNS), "{written}");
            assert_eq!(read(&written), Ok(text));
        }
        assert_eq!(read("+1210000"), Ok("+1210000"));
        assert!(read("=cmd()").is_err());
    }
}
