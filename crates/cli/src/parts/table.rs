//! Text for people: its styles, and aligned columns.

use anstyle::{AnsiColor, Style};
use ocamba_hood::printable;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub const HEADER: Style = AnsiColor::Green.on_default().bold();
pub const DONE: Style = AnsiColor::Green.on_default().bold();
pub const BOLD: Style = Style::new().bold();
pub const NAME: Style = AnsiColor::Cyan.on_default();
pub const ATTENTION: Style = AnsiColor::Yellow.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const DIM: Style = Style::new().dimmed();

/// A text and its style.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// Creates a cell of plain text.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self::styled(text, Style::new())
    }

    /// Creates a cell in a style, which shows on terminals only.
    pub fn styled(text: impl AsRef<str>, style: Style) -> Self {
        Self { text: printable(text.as_ref()), style }
    }

    /// Creates the header cell of a column: `base_url` becomes `BASE URL`.
    pub fn header(name: &str) -> Self {
        Self::styled(name.replace('_', " ").to_uppercase(), HEADER)
    }

    /// Cuts the text to a maximum width. An ellipsis marks the cut.
    pub fn cut(mut self, max_width: usize) -> Self {
        if self.width() > max_width {
            let mut width = '…'.width().unwrap_or(1);
            let fits = |c: &char| {
                width += c.width().unwrap_or(0);
                width <= max_width
            };
            self.text = self.text.chars().take_while(fits).collect::<String>() + "…";
        }
        self
    }

    fn width(&self) -> usize {
        self.text.width()
    }
}

/// Aligns the columns of all rows, below a header.
pub fn with_header<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = Vec<Cell>>) -> String {
    let rows: Vec<_> = std::iter::once(header.map(Cell::header).to_vec()).chain(rows).collect();
    align(&rows, 0)
}

/// Aligns the columns of all rows, and indents each line.
pub fn align(rows: &[Vec<Cell>], indent: usize) -> String {
    Columns::default().align(rows, indent)
}

/// Columns that keep their widths from page to page, and only grow.
#[derive(Debug, Default)]
pub struct Columns(Vec<usize>);

impl Columns {
    /// Aligns the columns of some more rows, and indents each line.
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
                // Written only before the next cell, so that no line ends in blanks.
                padding = width - cell.width() + 2;
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_display_width_without_trailing_blanks() {
        let rows = [("é", "b"), ("cc", "d"), ("字", "e")].map(|(a, b)| vec![Cell::new(a), Cell::new(b)]);
        assert_eq!(align(&rows, 1), " é   b\n cc  d\n 字  e\n");
        assert_eq!(align(&[vec![Cell::new("long"), Cell::new("b")], vec![Cell::new("e")]], 0), "long  b\ne\n");
    }

    #[test]
    fn columns_keep_their_widths_from_page_to_page() {
        let mut columns = Columns::default();
        columns.align(&[vec![Cell::new("long"), Cell::new("b")]], 0);
        assert_eq!(columns.align(&[vec![Cell::new("a"), Cell::new("b")]], 0), "a     b\n");
    }

    #[test]
    fn long_text_is_cut_to_its_display_width() {
        let cut = |text: &str| Cell::new(text).cut(3).text;
        assert_eq!([cut("ééé"), cut("éééé"), cut("字字")], ["ééé", "éé…", "字…"]);
    }

    #[test]
    fn hidden_characters_are_escaped() {
        assert_eq!(Cell::new("a\u{1b}[2J\u{202e}b").text, "a\\u{1b}[2J\\u{202e}b");
    }
}
