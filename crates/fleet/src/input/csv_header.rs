//! The beginning of a CSV file: what precedes the header, the delimiter, and the columns.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use ocamba_hood::{did_you_mean, providers};

use crate::input::row_collector::count_lines;

/// Maximum number of columns.
const MAX_COLUMNS: usize = 1_000;
/// What spreadsheets write, in the order in which they are preferred.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

pub const EXPECTED: &str = "the first line must be name,provider,status and a column settings.NAME for each setting";

/// Where the header begins, and how its cells are divided.
pub struct Start {
    pub offset: usize,
    pub line: u32,
    pub delimiter: u8,
}

/// What a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name, or another field of the request.
    Field(&'static str),
    /// A setting, with its name.
    Setting(String),
    /// What the operator ignores.
    Ignored,
    /// No name, as that of a column which a spreadsheet has added.
    Unnamed,
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
                None if content.is_empty() || content.starts_with('#') => {}
                None => break,
            }
            offset += line.len();
        }
        let delimiter = named.unwrap_or_else(|| delimiter(&text[offset..]));
        Self { offset, line: 1 + count_lines(&text.as_bytes()[..offset]), delimiter }
    }
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

/// Returns the columns, each known and unique.
pub fn columns(record: &StringRecord, ignored: &[String]) -> Result<Vec<Column>, String> {
    if record.len() > MAX_COLUMNS {
        return Err(format!("has {} columns; the maximum is {MAX_COLUMNS}", record.len()));
    }
    if let Some(missing) = ignored.iter().find(|name| !record.iter().any(|column| column.trim() == name.trim())) {
        let meant = did_you_mean(missing, record.iter().map(str::trim));
        return Err(format!("has no column {missing:?} to be ignored{meant}"));
    }
    let mut seen = HashMap::new();
    let mut columns = Vec::with_capacity(record.len());
    for (index, name) in record.iter().map(str::trim).enumerate() {
        let column = match field(name) {
            _ if ignored.iter().any(|ignored| ignored.trim() == name && !name.is_empty()) => Column::Ignored,
            _ if name.is_empty() => Column::Unnamed,
            Some(column) => column,
            None => {
                let name: String = name.chars().take(60).collect();
                let meant = did_you_mean(&name, known_names().iter().map(String::as_str));
                let column = letters(index);
                return Err(format!(
                    "has an unknown column {name:?} (column {column}){meant}; remove it, or ignore it (ignore-column); {EXPECTED}"
                ));
            }
        };
        if matches!(column, Column::Field(_) | Column::Setting(_))
            && let Some(first) = seen.insert(format!("{column:?}"), index)
        {
            return Err(format!("has the column {name:?} twice: columns {} and {}", letters(first), letters(index)));
        }
        columns.push(column);
    }
    for (needed, column) in [("name", "name"), ("provider_id", "provider")] {
        if !columns.contains(&Column::Field(needed)) {
            return Err(format!("has no column {column}; {EXPECTED}"));
        }
    }
    Ok(columns)
}

/// Returns what the column with this name has, if it is known.
fn field(name: &str) -> Option<Column> {
    let name = name.trim();
    let fields = [("name", "name"), ("provider", "provider_id"), ("provider_id", "provider_id"), ("status", "status")];
    let known = fields.iter().find(|(column, _)| name.eq_ignore_ascii_case(column));
    let setting = || name.strip_prefix("settings.").map(str::trim).filter(|setting| !setting.is_empty());
    known.map(|(_, field)| Column::Field(field)).or_else(|| setting().map(|name| Column::Setting(name.to_owned())))
}

fn known_names() -> Vec<String> {
    let settings = providers().iter().flat_map(|provider| provider.settings);
    let settings = settings.flat_map(|setting| [format!("settings.{}", setting.name)]);
    ["name", "provider", "status"].into_iter().map(str::to_owned).chain(settings).collect()
}

/// Returns the letters by which a spreadsheet names a column.
pub fn letters(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    match index / 26 {
        0 => letter.to_string(),
        before => format!("{}{letter}", letters(before - 1)),
    }
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
            ("x", (0, 1, b',')),
        ] {
            let Start { offset, line, delimiter } = Start::of(text);
            assert_eq!((offset, line, delimiter), expected, "{text:?}");
        }
    }

    #[test]
    fn columns_have_letters_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}
