//! Rows as CSV: `name,provider,status,settings.NAME…`, an empty cell being a field that is left out.

use std::collections::HashMap;
use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use ocamba_hood::{ProviderInfo, SettingKind};

use crate::formula;
use crate::request::{member, provider_id, quoted};
use crate::sheet::Sheet;
use crate::source::{Source, Unreadable};

/// The greatest number of columns.
pub const MAX_COLUMNS: usize = 1_000;

pub fn read(mut source: Source<impl Read>, sheet: &mut Sheet) -> Result<(), Unreadable> {
    let (mut text, mut columns) = (Vec::new(), None);
    while let Some(line) = record_text(&mut source, &mut text)? {
        let refused = |message| Unreadable { line, message };
        let Some(record) = record(&text).map_err(refused)? else { continue };
        match &columns {
            None => columns = Some(header(&record).map_err(refused)?),
            Some(_) if record.iter().all(str::is_empty) => {}
            Some(columns) => match row(columns, &record) {
                Ok(request) => sheet.push(line, request)?,
                Err(mistakes) => mistakes.into_iter().for_each(|(field, why)| sheet.mistake(line, &field, why)),
            },
        }
    }
    match columns {
        Some(_) => Ok(()),
        None => Err(Unreadable { line: 1, message: format!("is empty; {EXPECTED}") }),
    }
}

const EXPECTED: &str = "the first line should be name,provider,status and a column settings.NAME for each setting";

/// The lines of the next record: as many as it takes until no quotation mark is open. The parser would not tell in which
/// line a record begins, nor where it becomes too long.
fn record_text(source: &mut Source<impl Read>, text: &mut Vec<u8>) -> Result<Option<u32>, Unreadable> {
    text.clear();
    let Some(start) = source.line(text)? else { return Ok(None) };
    let (mut counted, mut open) = (0, false);
    loop {
        open ^= text[counted..].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
        counted = text.len();
        if !open {
            return Ok(Some(start));
        }
        if source.line(text).map_err(|error| Unreadable { line: start, ..error })?.is_none() {
            return Err(Unreadable { line: start, message: "has a quotation mark that is not closed".to_owned() });
        }
    }
}

/// The one record of a text, if it has any.
fn record(text: &[u8]) -> Result<Option<StringRecord>, String> {
    let mut builder = ReaderBuilder::new();
    let mut reader =
        builder.has_headers(false).flexible(true).buffer_capacity(text.len().clamp(1, 8 << 10)).from_reader(text);
    let mut records = [StringRecord::new(), StringRecord::new()];
    let [first, second] = &mut records;
    let found = |result: csv::Result<bool>| result.map_err(|_| "cannot be read as CSV".to_owned());
    if !found(reader.read_record(first))? {
        return Ok(None);
    }
    if found(reader.read_record(second))? {
        return Err(
            "has a quotation mark in a cell that does not begin with one: put the cell in quotation marks".to_owned()
        );
    }
    let [first, _] = records;
    Ok(Some(first))
}

/// The columns by their names, each known and there once.
fn header(record: &StringRecord) -> Result<Vec<String>, String> {
    if record.len() > MAX_COLUMNS {
        return Err(format!("has {} columns; there may be {MAX_COLUMNS}", record.len()));
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
            return Err(format!(
                "has a column {name:?} (column {}), which is none of a request; {EXPECTED}",
                index + 1
            ));
        }
    }
    for needed in ["name", "provider_id"] {
        if !seen.contains_key(needed) {
            let needed = if needed == "name" { "name" } else { "provider" };
            return Err(format!("has no column {needed}; {EXPECTED}"));
        }
    }
    Ok(columns)
}

/// The field of a request that a column is.
fn field(column: &str) -> &str {
    if column == "provider" { "provider_id" } else { column }
}

/// The request, or what is wrong with which column.
fn row(columns: &[String], record: &StringRecord) -> Result<String, Vec<(String, String)>> {
    if record.len() != columns.len() {
        let message = format!("has {} cells, and the first line {}", record.len(), columns.len());
        return Err(vec![(String::new(), message)]);
    }
    let mut mistakes = Vec::new();
    let mut cells = Vec::with_capacity(columns.len());
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match formula::read(cell) {
            Ok(cell) => cells.push((field(column), cell)),
            Err(message) => mistakes.push((column.clone(), message)),
        }
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let called = cells.iter().find(|(field, _)| *field == "provider_id").map(|(_, cell)| provider_id(cell));
    let provider = called.and_then(ProviderInfo::of);
    let (mut request, mut settings) = (String::from("{"), String::from("{"));
    for (field, cell) in &cells {
        let (out, name, json) = match field.strip_prefix("settings.") {
            Some(setting) => (&mut settings, setting, value(provider, setting, cell)),
            None => (&mut request, *field, quoted(if *field == "provider_id" { provider_id(cell) } else { cell })),
        };
        if out.len() > 1 {
            out.push(',');
        }
        member(out, name, &json);
    }
    if request.len() > 1 {
        request.push(',');
    }
    settings.push('}');
    member(&mut request, "settings", &settings);
    request.push('}');
    Ok(request)
}

/// A cell as JSON of the setting's type, where it has one and the cell fits.
fn value(provider: Option<&ProviderInfo>, setting: &str, cell: &str) -> String {
    let kind = provider.and_then(|provider| provider.setting(setting)).map(|setting| setting.kind);
    let fits = match kind {
        Some(SettingKind::Integer) => cell.parse::<i64>().is_ok(),
        Some(SettingKind::Number) => serde_json::from_str::<f64>(cell).is_ok(),
        Some(SettingKind::Boolean) => matches!(cell, "true" | "false"),
        _ => false,
    };
    if fits { cell.to_owned() } else { quoted(cell) }
}

#[cfg(test)]
mod tests {
    use crate::{Format, Sheet};

    fn read(text: &[u8]) -> Sheet {
        Sheet::from_reader(text, Format::Csv, "t.csv")
    }

    fn mistakes(text: &[u8]) -> String {
        let sheet = read(text);
        assert!(sheet.is_empty(), "{} rows", sheet.len());
        sheet.mistakes.to_string()
    }

    #[test]
    fn cells_become_requests() {
        let text = "\u{feff}name,provider,status,settings.a,settings.b\r\n\"x, \"\"y\"\"\",9,,,\"two\r\nlines\"\r\n,,,,\r\n'=z,9,on,é,\r\n";
        let sheet = read(text.as_bytes());
        let rows: Vec<_> = sheet.drafts.iter().map(|draft| (draft.line, &*draft.request)).collect();
        assert_eq!(
            rows,
            [
                (2, r#"{"name":"x, \"y\"","provider_id":"9","settings":{"b":"two\r\nlines"}}"#),
                (5, r#"{"name":"=z","provider_id":"9","status":"on","settings":{"a":"é"}}"#),
            ]
        );
        assert_eq!(sheet.mistakes.count(), 0);
    }

    #[test]
    fn a_hostile_sheet_is_refused_with_its_place() {
        let long = [b"name,provider\nx,".as_slice(), &vec![b'y'; 3 << 20]].concat();
        let wide = [b"name,provider".as_slice(), &b",".repeat(1_000_000)].concat();
        let utf_16: Vec<u8> = "\u{feff}name,provider\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases: [(&[u8], &str); 15] = [
            (b"", "t.csv:1: is empty"),
            (&long, "t.csv:2: is too long"),
            (&wide, "t.csv:1: has 1000002 columns"),
            (&utf_16, "t.csv:1: is UTF-16"),
            (&utf_16[2..], "t.csv:1: has a NUL byte"),
            (b"name,provider\nx,y\na,\0", "t.csv:3: has a NUL byte"),
            (b"name,provider\n\xe9,y\n", "t.csv:2: is not UTF-8"),
            (b"name,provider,name\n", "t.csv:1: has the column \"name\" twice: column 1 and 3"),
            (b"name,provider,provider_id\n", "t.csv:1: has the column \"provider_id\" twice"),
            (b"provider,settings.a\n", "t.csv:1: has no column name"),
            (b"name;provider\n", "t.csv:1: has a column \"name;provider\" (column 1)"),
            (b"name,provider\nx\n", "t.csv:2: has 1 cells, and the first line 2"),
            (b"name,provider,settings.a\nx,y,=cmd()\n", "t.csv:2: settings.a is a formula"),
            (b"name,provider\nx 5\",y\nz 6\",y\n", "t.csv:2: has a quotation mark in a cell"),
            (b"name,provider\nx,\"y\nz", "t.csv:2: has a quotation mark that is not closed"),
        ];
        for (text, expected) in cases {
            let message = mistakes(text);
            assert!(message.starts_with(expected), "{expected}: {}", &message[..message.len().min(200)]);
        }
    }
}
