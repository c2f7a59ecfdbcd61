//! Reads rows of CSV: `name,provider,status,settings.NAME…`, in which an empty cell is an absent field.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use ocamba_hood::{ProviderInfo, SettingKind};
use serde_json::Value;

use crate::input::request::{object, provider_id};
use crate::input::row_collector::{MAX_ROW, RowCollector, Unreadable, count_lines};
use crate::input::spreadsheet_escape;

/// Maximum number of columns.
const MAX_COLUMNS: usize = 1_000;

pub fn read(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut columns, mut record) = (None, StringRecord::new());
    let (mut next_line, mut start) = (1, 0);
    loop {
        let is_record = reader.read_record(&mut record);
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let consumed = text.get(start..end).unwrap_or_default();
        // The parser counts blank lines, and the second half of the last line's end, to the record that follows them.
        let source = consumed.trim_start_matches(['\r', '\n']);
        let line = next_line + count_lines(&consumed.as_bytes()[..consumed.len() - source.len()]);
        (next_line, start) = (line + count_lines(source.as_bytes()), end);
        let unreadable = |message: String| Unreadable { line, message };
        if !is_record.map_err(|_| unreadable("is not valid CSV".to_owned()))? {
            break;
        }
        if source.len() > MAX_ROW {
            rows.too_long(line, "; is a quotation mark not closed?");
            match columns {
                Some(_) => continue,
                None => return Ok(()),
            }
        }
        check_quotes(source, end == text.len()).map_err(unreadable)?;
        match &columns {
            None => columns = Some(header(&record).map_err(unreadable)?),
            Some(_) if record.iter().all(str::is_empty) => {}
            Some(columns) => add(columns, &record, line, rows),
        }
    }
    match columns {
        Some(_) => Ok(()),
        None => Err(Unreadable { line: 1, message: format!("is empty; {EXPECTED}") }),
    }
}

const EXPECTED: &str = "the first line must be name,provider,status and a column settings.NAME for each setting";

/// Refuses unbalanced quotation marks, which the parser accepts.
fn check_quotes(source: &str, is_last: bool) -> Result<(), String> {
    match source.matches('"').count() % 2 {
        0 => Ok(()),
        _ if is_last => Err("has a quotation mark that is not closed".to_owned()),
        _ => {
            Err("has a quotation mark in a cell that does not begin with one; put the cell in quotation marks"
                .to_owned())
        }
    }
}

/// Returns the names of the columns, each known and unique.
fn header(record: &StringRecord) -> Result<Vec<String>, String> {
    if record.len() > MAX_COLUMNS {
        return Err(format!("has {} columns; the maximum is {MAX_COLUMNS}", record.len()));
    }
    let columns: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
    let mut seen = HashMap::new();
    for (index, name) in columns.iter().enumerate() {
        if let Some(first) = seen.insert(field(name), index) {
            return Err(format!("has the column {name:?} twice: column {} and {}", first + 1, index + 1));
        }
        let is_known = matches!(field(name), "name" | "provider_id" | "status");
        if !is_known && name.strip_prefix("settings.").is_none_or(str::is_empty) {
            let name: String = name.chars().take(60).collect();
            return Err(format!("has an unknown column {name:?} (column {}); {EXPECTED}", index + 1));
        }
    }
    match ["name", "provider"].into_iter().find(|needed| !seen.contains_key(field(needed))) {
        Some(needed) => Err(format!("has no column {needed}; {EXPECTED}")),
        None => Ok(columns),
    }
}

/// Returns the request's field of a column.
fn field(column: &str) -> &str {
    if column == "provider" { "provider_id" } else { column }
}

/// Adds the request of a row, or its errors with their columns.
fn add(columns: &[String], record: &StringRecord, line: u32, rows: &mut RowCollector) {
    if record.len() != columns.len() {
        let message = format!("has {} cells, and the first line has {}", record.len(), columns.len());
        return rows.error(line, "", message);
    }
    let (mut fields, mut settings, mut is_valid) = (Vec::new(), Vec::new(), true);
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match (spreadsheet_escape::read(cell), column.strip_prefix("settings.")) {
            (Ok(cell), Some(setting)) => settings.push((setting, cell)),
            (Ok(cell), None) if field(column) == "provider_id" => fields.push(("provider_id", provider_id(cell))),
            (Ok(cell), None) => fields.push((column.as_str(), cell)),
            (Err(message), _) => {
                rows.error(line, column, message);
                is_valid = false;
            }
        }
    }
    if !is_valid {
        return;
    }
    let provider = fields.iter().find(|(field, _)| *field == "provider_id").and_then(|(_, id)| ProviderInfo::of(id));
    let settings =
        settings.into_iter().map(|(setting, cell)| (setting.to_owned(), value(provider, setting, cell))).collect();
    let fields = fields.into_iter().map(|(field, cell)| (field, Value::from(cell)));
    rows.push(line, object(fields.chain([("settings", Value::Object(settings))])));
}

/// Converts a cell to JSON of the setting's type, or to a string where it does not fit.
fn value(provider: Option<&ProviderInfo>, setting: &str, cell: &str) -> Value {
    let kind = provider.and_then(|provider| provider.setting(setting)).map(|setting| setting.kind);
    let fits = |value: &Value| match kind {
        Some(SettingKind::Integer) => value.is_i64(),
        Some(SettingKind::Number) => value.is_number(),
        Some(SettingKind::Boolean) => value.is_boolean(),
        _ => false,
    };
    serde_json::from_str(cell).ok().filter(fits).unwrap_or_else(|| cell.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(text: &[u8]) -> RowCollector {
        RowCollector::collect(text, "t.csv", read)
    }

    fn errors(text: &[u8]) -> String {
        let collected = collect(text);
        assert!(collected.rows.is_empty(), "{} rows", collected.rows.len());
        collected.errors.to_string()
    }

    #[test]
    fn csv_cells_become_requests() {
        let text = "\u{feff}name,provider,status,settings.a,settings.b\r\n\"x, \"\"y\"\"\",9,,,\"two\r\nlines\"\r\n,,,,\r\n'=z,9,on,é,\r\n";
        let collected = collect(text.as_bytes());
        let rows: Vec<_> = collected.rows.iter().map(|row| (row.line, &*row.request)).collect();
        assert_eq!(
            rows,
            [
                (2, r#"{"name":"x, \"y\"","provider_id":"9","settings":{"b":"two\r\nlines"}}"#),
                (5, r#"{"name":"=z","provider_id":"9","status":"on","settings":{"a":"é"}}"#),
            ]
        );
        assert_eq!(collected.errors.count(), 0);
    }

    #[test]
    fn hostile_csv_reports_its_position() {
        let long = [b"name,provider\nx,".as_slice(), &vec![b'y'; 3 << 20]].concat();
        let wide = [b"name,provider".as_slice(), &b",".repeat(1_000_000)].concat();
        let utf_16: Vec<u8> = "\u{feff}name,provider\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let long_header = [b"name,provider,".as_slice(), &vec![b'y'; 2 << 20]].concat();
        let cases: [(&[u8], &str); 16] = [
            (b"", "t.csv:1: is empty"),
            (&long, "t.csv:2: is too long"),
            (&long_header, "t.csv:1: is too long"),
            (&wide, "t.csv:1: has 1000002 columns"),
            (&utf_16, "t.csv:1: is UTF-16"),
            (&utf_16[2..], "t.csv:1: has a NUL byte"),
            (b"name,provider\nx,y\na,\0", "t.csv:3: has a NUL byte"),
            (b"name,provider\n\xe9,y\n", "t.csv:2: is not UTF-8"),
            (b"name,provider,name\n", "t.csv:1: has the column \"name\" twice: column 1 and 3"),
            (b"name,provider,provider_id\n", "t.csv:1: has the column \"provider_id\" twice"),
            (b"provider,settings.a\n", "t.csv:1: has no column name"),
            (b"name;provider\n", "t.csv:1: has an unknown column \"name;provider\" (column 1)"),
            (b"name,provider\nx\n", "t.csv:2: has 1 cells, and the first line has 2"),
            (b"name,provider,settings.a\nx,y,=cmd()\n", "t.csv:2: settings.a is a formula"),
            (b"name,provider\nx 5\",y\nz 6\",y\n", "t.csv:2: has a quotation mark in a cell"),
            (b"name,provider\nx,\"y\nz", "t.csv:2: has a quotation mark that is not closed"),
        ];
        for (text, expected) in cases {
            let message = errors(text);
            assert!(message.starts_with(expected), "{expected}: {}", &message[..message.len().min(200)]);
        }
    }
}
