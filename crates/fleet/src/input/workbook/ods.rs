//! Sheets of `.ods`. Read here rather than by calamine, which keeps neither how a number is shown nor bounds for repeated cells.

use std::collections::HashSet;
use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::archive::Archive;
use super::cell::{Cell, DATE, NOT_COMPUTED};
use super::number;
use super::reasons::{ENCRYPTED, damaged, no_such_sheet, unreadable};
use super::sheet_rows::{Merged, SheetRow, SheetRows};
use crate::input::damage::is_spreadsheet_error;
use crate::input::row_collector::{RowCollector, Unreadable};
use crate::input::sheet_columns::MAX_COLUMNS;

pub fn read(mut archive: Archive, sheet: Option<&str>, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let mut manifest = String::new();
    if let Ok(mut part) = archive.by_name("META-INF/manifest.xml") {
        let _ = part.read_to_string(&mut manifest);
    }
    if manifest.contains("encryption-data") {
        return Err(unreadable(ENCRYPTED));
    }
    let content = archive.by_name("content.xml").map_err(|_| damaged(""))?;
    let mut content = Content { xml: Reader::from_reader(BufReader::new(content)), buffer: Vec::new() };
    content.xml.config_mut().expand_empty_elements = true;
    let (mut hidden, mut style, mut names) = (HashSet::new(), String::new(), Vec::new());
    loop {
        match content.next()? {
            Event::Start(start) => match start.name().as_ref() {
                "style:style" => style = attribute(&start, "style:name").unwrap_or_default(),
                "style:table-properties" if attribute(&start, "table:display").as_deref() == Some("false") => {
                    hidden.insert(style.clone());
                }
                "table:table" => {
                    let name = attribute(&start, "table:name").unwrap_or_default();
                    let is_hidden = attribute(&start, "table:style-name").is_some_and(|style| hidden.contains(&style));
                    if sheet.map_or(!is_hidden, |wanted| wanted == name) {
                        return content.read_sheet(&name, rows);
                    }
                    names.push(name);
                }
                _ => {}
            },
            Event::Eof => return Err(no_such_sheet(sheet, &names)),
            _ => {}
        }
    }
}

struct Content<R> {
    xml: Reader<BufReader<R>>,
    buffer: Vec<u8>,
}

/// What a cell has besides its text.
#[derive(Default)]
struct Attributes {
    kind: Option<String>,
    value: Option<String>,
    is_formula: bool,
    is_error: bool,
    repeated: usize,
}

impl<R: Read> Content<R> {
    fn next(&mut self) -> Result<Event<'_>, Unreadable> {
        self.buffer.clear();
        self.xml.read_event_into(&mut self.buffer).map_err(|_| damaged(""))
    }

    /// Reads the rows of a sheet, after its start.
    fn read_sheet(&mut self, name: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
        let (mut rows, mut merged, mut number) = (SheetRows::new(name, rows), Vec::new(), 1_u32);
        loop {
            match self.next()? {
                Event::Start(start) if start.name().as_ref() == "table:table-row" => {
                    let repeated = count(&start, "table:number-rows-repeated");
                    let row = self.read_row(number, &mut merged)?;
                    // Blank rows at the end are repeated a million times.
                    let times = if row.is_blank() { 0 } else { repeated };
                    for number in (number..).take(times) {
                        if rows.add(number, &row)? == ControlFlow::Break(()) {
                            return Ok(());
                        }
                    }
                    number = number.saturating_add(u32::try_from(repeated).unwrap_or(u32::MAX));
                }
                Event::End(end) if end.name().as_ref() == "table:table" => return rows.finish(&merged),
                Event::Eof => return Err(damaged("")),
                _ => {}
            }
        }
    }

    fn read_row(&mut self, number: u32, merged: &mut Vec<Merged>) -> Result<SheetRow<'static>, Unreadable> {
        let (mut row, mut column) = (SheetRow::default(), 0_usize);
        loop {
            match self.next()? {
                Event::Start(start) if is_cell(start.name().as_ref()) => {
                    let attributes = Attributes::of(&start);
                    let spans =
                        ["table:number-rows-spanned", "table:number-columns-spanned"].map(|it| count(&start, it));
                    if spans != [1, 1] {
                        let [rows, columns] = spans.map(|span| u32::try_from(span - 1).unwrap_or(u32::MAX));
                        let (at, from) = (number - 1, u32::try_from(column).unwrap_or(u32::MAX));
                        let (last, to) = (at.saturating_add(rows), from.saturating_add(columns));
                        merged.push(Merged { rows: (at, last), columns: (from, to) });
                    }
                    let text = self.read_text()?;
                    let cell = attributes.cell(text);
                    // One more than the maximum shows that there are too many.
                    let end = column.saturating_add(attributes.repeated);
                    (column..end.min(MAX_COLUMNS + 1)).for_each(|column| row.set(column, cell.clone()));
                    column = end;
                }
                Event::End(end) if end.name().as_ref() == "table:table-row" => return Ok(row),
                Event::Eof => return Err(damaged("")),
                _ => {}
            }
        }
    }

    /// Reads the text of a cell until its end: paragraphs, without comments and drawings.
    fn read_text(&mut self) -> Result<String, Unreadable> {
        let (mut text, mut paragraphs, mut depth, mut hidden) = (String::new(), 0, 0_usize, None);
        loop {
            match self.next()? {
                Event::Start(start) => {
                    let name = start.name();
                    depth += 1;
                    match name.as_ref() {
                        _ if hidden.is_some() => {}
                        "office:annotation" | "text:note" | "text:ruby-text" => hidden = Some(depth),
                        name if name.starts_with("draw:") || name.starts_with("table:") => hidden = Some(depth),
                        "text:p" | "text:h" => {
                            paragraphs += 1;
                            text.push_str(if paragraphs > 1 { "\n" } else { "" });
                        }
                        "text:s" => text.extend((0..count(&start, "text:c").min(1000)).map(|_| ' ')),
                        "text:tab" => text.push('\t'),
                        "text:line-break" => text.push('\n'),
                        _ => {}
                    }
                }
                Event::End(_) if depth == 0 => return Ok(text),
                Event::End(_) => {
                    hidden = hidden.filter(|hidden| *hidden != depth);
                    depth -= 1;
                }
                // Text between the paragraphs is indentation.
                Event::Text(part) if hidden.is_none() && depth > 0 => text.push_str(&part.xml10_content()),
                Event::CData(part) if hidden.is_none() && depth > 0 => text.push_str(&part.xml10_content()),
                Event::GeneralRef(reference) if hidden.is_none() && depth > 0 => {
                    let character = reference.resolve_char_ref().map_err(|_| damaged(""))?;
                    let entity = || quick_xml::escape::resolve_xml_entity(reference.as_ref()).map(str::to_owned);
                    text.push_str(&character.map(String::from).or_else(entity).ok_or_else(|| damaged(""))?);
                }
                Event::Eof => return Err(damaged("")),
                _ => {}
            }
        }
    }
}

impl Attributes {
    fn of(start: &BytesStart<'_>) -> Self {
        let value = ["office:value", "office:string-value", "office:boolean-value"];
        Self {
            kind: attribute(start, "office:value-type"),
            value: value.iter().find_map(|name| attribute(start, name)),
            is_formula: attribute(start, "table:formula").is_some(),
            is_error: attribute(start, "calcext:value-type").as_deref() == Some("error"),
            repeated: count(start, "table:number-columns-repeated"),
        }
    }

    /// Returns the cell with this text in its paragraphs.
    fn cell(&self, text: String) -> Cell<'static> {
        let value = self.value.as_deref();
        match self.kind.as_deref() {
            _ if self.is_error || (self.is_formula && is_spreadsheet_error(&text)) => Cell::error(&text),
            Some("float" | "percentage" | "currency") => match value.and_then(|value| value.parse().ok()) {
                Some(value) => Cell::number(number::shown(value, &text)),
                None => Cell::refused("is a number that cannot be read; enter it again"),
            },
            Some("boolean") => Cell::Boolean(value == Some("true")),
            Some("date" | "time") => Cell::refused(DATE),
            None if self.is_formula && text.is_empty() => Cell::refused(NOT_COMPUTED),
            _ => Cell::Text(value.map_or(text, str::to_owned).into()),
        }
    }
}

fn is_cell(name: &str) -> bool {
    matches!(name, "table:table-cell" | "table:covered-table-cell")
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok()??;
    Some(found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// Returns the count in an attribute, which is 1 where there is none.
fn count(start: &BytesStart<'_>, name: &str) -> usize {
    attribute(start, name).and_then(|count| count.parse().ok()).filter(|count| *count > 0).unwrap_or(1)
}
