//! The beginning of a CSV file: what precedes the header, and the delimiter.

use csv::{ReaderBuilder, StringRecord};

use crate::input::sheet_columns::field;
use crate::input::text::count_lines;

/// What spreadsheets write, in the order in which they are preferred.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Where the header begins, and how its cells are divided.
pub struct Start {
    pub offset: usize,
    pub line: u32,
    pub delimiter: u8,
}

impl Start {
    /// Finds the header after blank lines, comments, and Excel's `sep=;`.
    pub fn of(text: &str) -> Self {
        let (mut offset, mut named) = (0, None);
        for line in text.split_inclusive('\n') {
            let content = line.trim().trim_matches('"');
            let separator = content.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| line);
            match separator {
                // A tab is a blank, so it is read from the unchanged line.
                Some(line) => named = line.trim_start_matches('"').as_bytes().get(4).copied().filter(u8::is_ascii),
                None if is_blank(content) || content.starts_with('#') => {}
                None => break,
            }
            offset += line.len();
        }
        let delimiter = named.unwrap_or_else(|| delimiter(&text[offset..]));
        Self { offset, line: 1 + count_lines(&text.as_bytes()[..offset]), delimiter }
    }
}

/// Returns whether a line has no cell with text: a spreadsheet writes delimiters for a blank row.
fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| DELIMITERS.contains(&byte) || byte == b' ')
}

/// Returns the delimiter by which the header has the most columns that are known.
fn delimiter(text: &str) -> u8 {
    let known = |delimiter: &u8| {
        let mut reader = ReaderBuilder::new().has_headers(false).delimiter(*delimiter).from_reader(text.as_bytes());
        let mut header = StringRecord::new();
        let _ = reader.read_record(&mut header);
        header.iter().filter(|name| field(name).is_some()).count()
    };
    // The last of several maxima would be chosen otherwise.
    DELIMITERS.into_iter().rev().max_by_key(known).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_and_delimiter_are_found() {
        for (text, expected) in [
            ("name,provider", (0, 1, b',')),
            ("name;provider;settings.a", (0, 1, b';')),
            ("\"name\"\t\"provider\"\r\n", (0, 1, b'\t')),
            ("sep=;\r\nname,x;provider\r\n", (7, 2, b';')),
            ("\"sep=|\"\nname|provider", (8, 2, b'|')),
            ("sep=\t\nname\tprovider", (6, 2, b'\t')),
            ("# a, b; c\n\n  \r\nname;provider", (15, 4, b';')),
            ("notes,a,b;name;provider\n", (0, 1, b';')),
            (";;\n;;\r\nname;provider", (7, 3, b';')),
            ("x", (0, 1, b',')),
        ] {
            let Start { offset, line, delimiter } = Start::of(text);
            assert_eq!((offset, line, delimiter), expected, "{text:?}");
        }
    }
}
