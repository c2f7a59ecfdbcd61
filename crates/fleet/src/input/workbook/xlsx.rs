//! Sheets of `.xlsx` and `.xlsm`.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io::Cursor;
use std::ops::ControlFlow;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxError};

use super::archive::Archive;
use super::cell::{Cell, DATE, NOT_COMPUTED};
use super::number;
use super::reasons::{ENCRYPTED, damaged, no_such_sheet, unreadable};
use super::sheet_rows::{Merged, SheetRow, SheetRows};
use crate::input::row_collector::{RowCollector, Unreadable};
use crate::input::sheet_columns::letters;

pub fn read(archive: Archive, sheet: Option<&str>, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let mut workbook: Xlsx<Cursor<Vec<u8>>> = Xlsx::new(archive.into_inner()).map_err(|error| reason(&error, ""))?;
    let sheets = workbook.sheets_metadata();
    let is_wanted = |it: &&calamine::Sheet| match sheet {
        Some(name) => it.name == name,
        None => it.typ == SheetType::WorkSheet && it.visible == SheetVisible::Visible,
    };
    let Some(name) = sheets.iter().find(is_wanted).map(|it| it.name.clone()) else {
        let names: Vec<_> = sheets.iter().map(|it| it.name.clone()).collect();
        return Err(no_such_sheet(sheet, &names));
    };
    let merged = workbook.merge_cells_by_sheet_name(&name).map_err(|error| reason(&error, ""))?;
    let not_computed = formulas_without_value(&mut workbook, &name)?;
    let mut sheet_rows = SheetRows::new(&name, rows);
    read_cells(&mut workbook, &name, &not_computed, &mut sheet_rows)?;
    let merged = merged.iter().map(|it| Merged { rows: (it.start.0, it.end.0), columns: (it.start.1, it.end.1) });
    sheet_rows.finish(&merged.collect::<Vec<_>>())
}

/// Reads the cells of a sheet, row by row.
fn read_cells(
    workbook: &mut Xlsx<Cursor<Vec<u8>>>,
    name: &str,
    not_computed: &HashSet<(u32, u32)>,
    rows: &mut SheetRows<'_>,
) -> Result<(), Unreadable> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(|error| reason(&error, ""))?;
    let (mut number, mut row, mut last) = (0, SheetRow::default(), String::new());
    loop {
        let next = reader.next_cell_with_style_id().map_err(|error| reason(&error, &last))?;
        let position = next.as_ref().map(|(cell, _)| cell.get_position());
        if position.is_none_or(|(at, _)| at != number) {
            if rows.add(number.saturating_add(1), &row)? == ControlFlow::Break(()) {
                return Ok(());
            }
            row = SheetRow::default();
        }
        let (Some((cell, style)), Some((at, column))) = (next, position) else { return Ok(()) };
        last = after(name, (at, column));
        if at < number {
            return Err(damaged(&last));
        }
        number = at;
        let value = match not_computed.contains(&(at, column)) {
            true => Cell::refused(NOT_COMPUTED),
            false => cell_of(cell.get_value(), reader.styles().get(style)),
        };
        row.set(column as usize, value);
    }
}

fn cell_of<'a>(value: &DataRef<'a>, style: Option<&Style>) -> Cell<'a> {
    let format = style.and_then(|style| style.number_format.as_ref()).map_or("General", |format| &format.format_code);
    match value {
        DataRef::Empty => Cell::default(),
        DataRef::SharedString(text) => Cell::Text(Cow::Borrowed(text)),
        DataRef::String(text) => Cell::Text(Cow::Owned(text.clone())),
        DataRef::Float(value) => Cell::number(number::formatted(*value, format)),
        #[expect(clippy::cast_precision_loss, reason = "a number with more digits than a spreadsheet keeps is refused")]
        DataRef::Int(value) => Cell::number(number::formatted(*value as f64, format)),
        DataRef::Bool(value) => Cell::Boolean(*value),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Cell::refused(DATE),
        DataRef::Error(error) => Cell::error(&error.to_string()),
    }
}

/// Returns the formulas that no spreadsheet has computed yet: their cells would be taken for empty ones.
fn formulas_without_value(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<HashSet<(u32, u32)>, Unreadable> {
    let mut reader = workbook.worksheet_cells_reader(name).map_err(|error| reason(&error, ""))?;
    let (mut found, mut last) = (HashSet::new(), String::new());
    while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|error| reason(&error, &last))? {
        last = after(name, cell.pos);
        if cell.formula.is_some() && cell.value == DataRef::Empty {
            found.insert(cell.pos);
        }
    }
    Ok(found)
}

/// Names the last cell that was read before an error.
fn after(name: &str, (row, column): (u32, u32)) -> String {
    format!(", after the cell {name}!{}{}", letters(column as usize), row.saturating_add(1))
}

/// Describes an error without its text, which may quote values.
fn reason(error: &XlsxError, position: &str) -> Unreadable {
    match error {
        XlsxError::Password => unreadable(ENCRYPTED),
        XlsxError::NotAWorksheet(_) => unreadable("has no cells in this sheet, as a chart; name another one (sheet)"),
        XlsxError::CellError(_) => {
            unreadable(format!("has an unknown error of a formula{position}; correct the cell, and save it again"))
        }
        _ => damaged(position),
    }
}
