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

    /// The same with no more characters than this, the last one telling that there were more.
    pub fn cut(mut self, most: usize) -> Self {
        if self.width() > most {
            self.text = self.text.chars().take(most.saturating_sub(1)).chain(['…']).collect();
        }
        self
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// Rows with their columns aligned, each line indented.
pub fn align(rows: &[Vec<Cell>], indent: usize) -> String {
    Columns::default().align(rows, indent)
}

/// Columns that keep their widths from page to page, as long as these are enough.
#[derive(Debug, Default)]
pub struct Columns(Vec<usize>);

impl Columns {
    /// Rows with their columns aligned, each line indented.
    pub fn align(&mut self, rows: &[Vec<Cell>], indent: usize) -> String {
        for row in rows {
            self.0.resize(self.0.len().max(row.len()), 0);
            for (width, cell) in self.0.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let mut text = String::new();
        for row in rows {
            let mut padding = indent;
            for (cell, width) in row.iter().zip(&self.0) {
                let style = cell.style;
                text += &format!("{:padding$}{style}{}{style:#}", "", cell.text);
                // Written only before a next cell, so that no line ends in blanks.
                padding = width - cell.width() + 2;
            }
            text.push('\n');
        }
        text
    }
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
    fn columns_keep_their_widths() {
        let mut columns = Columns::default();
        columns.align(&[vec![Cell::new("long"), Cell::new("b")]], 0);
        assert_eq!(columns.align(&[vec![Cell::new("a"), Cell::new("b")]], 0), "a     b\n");
    }

    #[test]
    fn what_is_too_long_is_cut() {
        assert_eq!(align(&[vec![Cell::new("ééé").cut(3)], vec![Cell::new("éééé").cut(3)]], 0), "ééé\néé…\n");
    }

    #[test]
    fn control_characters_are_written_out() {
        assert_eq!(printable("a\u{1b}[2J\nb\u{9b}é"), "a\\u{1b}[2J\\nb\\u{9b}é");
    }
}
