//! Text in columns, for people.

use anstyle::Style;

/// One text, and how it looks.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Plain text.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::styled(text, Style::new())
    }

    /// Text in a style, which shows on terminals only.
    pub fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: printable(text.as_ref()), style }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Rows with their columns aligned, each line indented.
pub fn align(rows: &[Vec<Cell>], indent: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column| rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or_default();
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut padding = indent;
        for (cell, width) in row.iter().zip(&widths) {
            let style = cell.style;
            text += &format!("{:padding$}{style}{}{style:#}", "", cell.text);
            // Written only before a next cell, so that no line ends in blanks.
            padding = width - cell.width() + 2;
        }
        text.push('\n');
    }
    text
}

/// The text with control characters written out: what others wrote does not drive the terminal.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { printable.extend(c.escape_default()) } else { printable.push(c) }
    }
    printable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters_and_nothing_trails() {
        let rows = [vec![Cell::new("é"), Cell::new("b")], vec![Cell::new("cc"), Cell::new("d")], vec![Cell::new("e")]];
        assert_eq!(align(&rows, 1), " é   b\n cc  d\n e\n");
    }

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{9b}é"), "a\\u{1b}[2J\\nb\\u{9b}é");
    }
}
