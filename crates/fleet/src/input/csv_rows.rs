//! Reads rows of CSV: `name,provider,status,settings.NAME…`, in which an empty cell is an absent field.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord};

use crate::input::csv_header::Start;
use crate::input::csv_line::quoted_cells;
use crate::input::row_collector::{MAX_ROW, RowCollector, Unreadable};
use crate::input::sheet_columns::{Column, EXPECTED, columns};
use crate::input::text::count_lines;
use crate::input::{sheet_row, spreadsheet_escape};

pub fn read(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    // Its errors would quote what is no header.
    let within = text.trim_start().strip_prefix(['{', '[']).map(str::trim_start);
    if within.is_some_and(|within| within.starts_with(['"', '{', '}', '[', ']'])) {
        let message = "is JSON, and no CSV; give it its ending, .json or .jsonl, or its format".to_owned();
        return Err(Unreadable { line: 1, message });
    }
    let Start { offset, line: first_line, delimiter } = Start::of(text);
    let text = &text[offset..];
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).flexible(true).comment(Some(b'#')).delimiter(delimiter);
    let mut reader = reader.from_reader(text.as_bytes());
    let (mut header, mut record) = (None::<Vec<Column>>, StringRecord::new());
    let (mut next_line, mut start) = (first_line, 0);
    loop {
        let is_record = reader.read_record(&mut record);
        let end = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let consumed = text.get(start..end).unwrap_or_default();
        let (source, comments) = skip_comments(consumed);
        let line = next_line + count_lines(&consumed.as_bytes()[..consumed.len() - source.len()]);
        if let Some(columns) = &header {
            for (at, _) in comments.iter().filter(|(_, text)| is_row(text, delimiter, columns)) {
                let line = next_line + count_lines(&consumed.as_bytes()[..*at]);
                let message = "begins with # and was left out; put the first cell in quotation marks if this is a row";
                rows.warn(line, "", message);
            }
        }
        (next_line, start) = (line + count_lines(source.as_bytes()), end);
        let unreadable = |message: String| Unreadable { line, message };
        if !is_record.map_err(|_| unreadable("is not valid CSV".to_owned()))? {
            break;
        }
        if source.len() > MAX_ROW {
            rows.too_long(line, "; is a quotation mark not closed?");
            match header {
                Some(_) => continue,
                None => return Ok(()),
            }
        }
        check_quotes(source, end == text.len()).map_err(unreadable)?;
        match &header {
            None => header = Some(columns(&record.iter().collect::<Vec<_>>(), &rows.ignored).map_err(unreadable)?),
            Some(_) if record.iter().all(|cell| cell.trim().is_empty()) => {}
            Some(columns) => add(columns, &record, &quoted_cells(source, delimiter), line, rows),
        }
    }
    match header {
        Some(_) => Ok(()),
        None => Err(Unreadable { line: 1, message: format!("is empty; {EXPECTED}") }),
    }
}

/// Returns the record without what the parser counts to it: blank lines, the second half of the last line's end, and comments,
/// which are returned with their offsets.
fn skip_comments(consumed: &str) -> (&str, Vec<(usize, &str)>) {
    let (mut source, mut comments) = (consumed.trim_start_matches(['\r', '\n']), Vec::new());
    while source.starts_with('#') {
        let (comment, rest) = source.split_at(source.find('\n').unwrap_or(source.len()));
        comments.push((consumed.len() - source.len(), comment));
        source = rest.trim_start_matches(['\r', '\n']);
    }
    (source, comments)
}

/// Returns whether a comment may be a row whose name begins with `#`.
fn is_row(comment: &str, delimiter: u8, columns: &[Column]) -> bool {
    let cells: Vec<_> = comment.split(char::from(delimiter)).collect();
    cells.len() == columns.len() && cells.iter().skip(1).any(|cell| !cell.trim().is_empty())
}

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

/// Returns the text of a cell. Blanks around it are padding, unless they are in quotation marks.
fn unpadded(cell: &str, quoted: Option<usize>) -> Result<Cow<'_, str>, String> {
    if let Some((text, padding)) = quoted.and_then(|after| cell.split_at_checked(cell.len().saturating_sub(after))) {
        return match padding.trim().is_empty() {
            true => Ok(text.into()),
            false => Err("has text after its closing quotation mark; write two for one within the text".to_owned()),
        };
    }
    // The parser takes the quotation marks after a blank for a part of the cell.
    match cell.trim() {
        cell if !cell.starts_with('"') => Ok(cell.into()),
        cell => match cell[1..].strip_suffix('"').map(|inner| (inner, inner.replace("\"\"", ""))) {
            Some((inner, without)) if !without.contains('"') => Ok(inner.replace("\"\"", "\"").into()),
            _ => Err("has blanks before its quotation mark; remove the blanks".to_owned()),
        },
    }
}

/// Adds the request of a row, or its errors with their columns.
fn add(columns: &[Column], record: &StringRecord, quoted: &[Option<usize>], line: u32, rows: &mut RowCollector) {
    let surplus = record.iter().skip(columns.len()).position(|cell| !cell.trim().is_empty());
    if record.len() < columns.len() || surplus.is_some() {
        let message = format!("has {} cells, and the first line has {}", record.len(), columns.len());
        return rows.error(line, "", message);
    }
    sheet_row::add(columns, line, rows, |index, _| {
        let cell = unpadded(record.get(index).unwrap_or_default(), quoted.get(index).copied().flatten())?;
        Ok(match spreadsheet_escape::read(&cell)? {
            text if text.len() == cell.len() => cell,
            text => text.to_owned().into(),
        })
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(text: &[u8]) -> RowCollector {
        RowCollector::new("t.csv").collect(text, read)
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
        let cases: [(&[u8], &str); 28] = [
            (b"", "t.csv:1: is empty"),
            (&long, "t.csv:2: is too long"),
            (&long_header, "t.csv:1: is too long"),
            (&wide, "t.csv:1: has 1000002 columns"),
            (&utf_16[..utf_16.len() - 1], "t.csv:1: is not valid UTF-16"),
            (&utf_16[2..], "t.csv:1: has a NUL byte"),
            (b"PK\x03\x04\x14\0", "t.csv:1: is a workbook of a spreadsheet, and no text; give it its ending"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "t.csv:1: is a workbook"),
            (b"name,provider\nx,y\na,\0", "t.csv:3: has a NUL byte"),
            (b"name,provider\n\xe9,y\n", "t.csv:2: is not UTF-8"),
            (b"name,provider,Name\n", "t.csv:1: has the column \"Name\" twice: columns A and C"),
            (b"name,provider,provider_id\n", "t.csv:1: has the column \"provider_id\" twice"),
            (b"provider,settings.a\n", "t.csv:1: has no column name"),
            (b"name|provider\n", "t.csv:1: has an unknown column \"name|provider\" (column A)"),
            (b"name,provider,settings\n", "t.csv:1: has an unknown column \"settings\" (column C)"),
            (
                b"#\nname,provider,stauts\n",
                "t.csv:2: has an unknown column \"stauts\" (column C); did you mean status?",
            ),
            (b"name,provider,\n#\nx,y,z\n", "t.csv:3: column C has text in a column without a name"),
            (b"name,provider\n\n#a \" b\nx,y,z\n", "t.csv:4: has 3 cells, and the first line has 2"),
            (b"name, provider\nx, \"y\"z\"\"\n", "t.csv:2: provider_id has blanks before its quotation mark"),
            (b"name,provider\n\"x\" ,\"y\"z\n", "t.csv:2: provider_id has text after its closing quotation mark"),
            (b"name,provider\n\"5\"\" x\"z,y\n", "t.csv:2: name has text after its closing quotation mark"),
            (b" {\"canary\": 1}\n", "t.csv:1: is JSON, and no CSV"),
            (b"[ {\"canary\": 1}]\n", "t.csv:1: is JSON, and no CSV"),
            (b"[Notes],name,provider\n", "t.csv:1: has an unknown column \"[Notes]\" (column A)"),
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

    #[test]
    fn csv_is_read_as_people_have_it() {
        let expected = [
            r#"{"name":"a, b","provider_id":"9","settings":{"k":" x "}}"#,
            r#"{"name":"c","provider_id":"9","settings":{}}"#,
        ];
        // In each of them, the caret is the delimiter.
        let sheet = "# shops\r\n\r\nName ^ provider ^settings.k^^\r\n\"a, b\" ^9^\" x \"^^\r\n# it's\r\n^^^^\r\n#c^9^^^\r\n \
                     c ^ \"9\" ^^^^ ^\r\n \t^\r\n";
        let of = |delimiter: &str| sheet.replace('^', delimiter);
        let comma = of(",");
        let utf_16 = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            format!("\u{feff}{text}").encode_utf16().flat_map(bytes).collect()
        };
        let cases = [
            comma.clone().into_bytes(),
            of(";").into_bytes(),
            of("\t").into_bytes(),
            format!("\u{feff}sep=|\r\n{}", of("|")).into_bytes(),
            utf_16(&comma, u16::to_le_bytes),
            utf_16(&of(";"), u16::to_be_bytes),
            comma.replace("\r\n", "\n").into_bytes(),
        ];
        for text in cases {
            let shown = String::from_utf8_lossy(&text).into_owned();
            let collected = collect(&text);
            let rows: Vec<_> = collected.rows.iter().map(|row| &*row.request).collect();
            assert_eq!((rows.as_slice(), collected.errors.to_string()), (&expected[..], String::new()), "{shown}");
            let line = if shown.contains("sep=") { 8 } else { 7 };
            assert_eq!(collected.rows[1].line, line + 1, "{shown}");
            assert!(collected.warnings.to_string().starts_with(&format!("t.csv:{line}: begins with #")), "{shown}");
        }
    }
}
