//! The rows of a sheet, as they are read: the header after blank rows and comments, and requests.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::cell::Cell;
use super::reasons::unreadable;
use crate::input::row_collector::{CellNames, MAX_ROW, RowCollector, Unreadable};
use crate::input::sheet_columns::{Column, EXPECTED, MAX_COLUMNS, columns, letters};
use crate::input::sheet_row;

/// A row while it is read.
#[derive(Default)]
pub struct SheetRow<'a> {
    cells: Vec<Cell<'a>>,
    bytes: usize,
    /// Whether it has text in a column beyond the last one that is read.
    is_too_wide: bool,
}

/// Cells that were merged: rows and columns from 0, the last ones included.
pub struct Merged {
    pub rows: (u32, u32),
    pub columns: (u32, u32),
}

/// What has been read of a sheet.
pub struct SheetRows<'a> {
    sheet: &'a str,
    rows: &'a mut RowCollector,
    /// The columns, and the number of their row.
    header: Option<(Vec<Column>, u32)>,
    last: u32,
}

impl<'a> SheetRow<'a> {
    /// Sets a cell, unless the row has too many or too large ones, which its end reports.
    pub fn set(&mut self, column: usize, cell: Cell<'a>) {
        if cell.is_blank() {
            return;
        }
        self.bytes += cell.len();
        if column >= MAX_COLUMNS {
            self.is_too_wide = true;
        } else if self.bytes <= MAX_ROW {
            self.cells.resize_with(self.cells.len().max(column + 1), Cell::default);
            self.cells[column] = cell;
        }
    }

    pub fn is_blank(&self) -> bool {
        self.cells.is_empty() && self.bytes == 0
    }
}

impl<'a> SheetRows<'a> {
    pub fn new(sheet: &'a str, rows: &'a mut RowCollector) -> Self {
        Self { sheet, rows, header: None, last: 0 }
    }

    /// Adds the next row, with its number from 1. Breaks when there are too many.
    pub fn add(&mut self, number: u32, row: &SheetRow<'_>) -> Result<ControlFlow<()>, Unreadable> {
        let is_comment =
            row.cells.iter().find(|cell| !cell.is_blank()).is_some_and(|cell| is_comment(cell)) && row.len() == 1;
        if row.is_blank() || is_comment {
            return Ok(ControlFlow::Continue(()));
        }
        self.last = number;
        if row.is_too_wide {
            let message = format!("has text beyond column {}; the maximum is {MAX_COLUMNS}", letters(MAX_COLUMNS - 1));
            return Err(Unreadable { line: number, message });
        }
        let Some((columns, _)) = &mut self.header else { return self.set_header(number, row) };
        if row.bytes > MAX_ROW {
            self.rows.too_long(number, "");
        } else {
            columns.resize(columns.len().max(row.cells.len()), Column::Unnamed);
            sheet_row::add(columns, number, self.rows, |index, kind| {
                row.cells.get(index).map_or(Ok(Cow::Borrowed("")), |cell| cell.text(kind))
            });
        }
        self.rows.count_row(number);
        Ok(if self.rows.is_full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn set_header(&mut self, number: u32, row: &SheetRow<'_>) -> Result<ControlFlow<()>, Unreadable> {
        let unreadable = |message| Unreadable { line: number, message };
        let name = |(index, cell): (usize, &'_ Cell<'_>)| {
            let text = cell.text(None).map_err(|message| format!("has a cell ({}) that {message}", letters(index)));
            text.map(Cow::into_owned)
        };
        let names: Result<Vec<_>, _> = row.cells.iter().enumerate().map(name).collect();
        let names = names.map_err(unreadable)?;
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let columns = columns(&names, &self.rows.ignored).map_err(unreadable)?;
        let fields = columns.iter().enumerate().filter_map(|(index, it)| Some((it.field()?, letters(index))));
        self.rows.cells = Some(CellNames::new(self.sheet, fields.collect()));
        self.header = Some((columns, number));
        Ok(ControlFlow::Continue(()))
    }

    /// Refuses merged cells that rows would need.
    pub fn finish(self, merged: &[Merged]) -> Result<(), Unreadable> {
        let Some((columns, header)) = self.header else {
            return Err(unreadable(format!("has no text in its sheet {:?}; {EXPECTED}", self.sheet)));
        };
        for Merged { rows: (first, last), columns: (from, to) } in merged {
            // Numbers of rows are from 1, so the header's is the index of the row below it.
            let (first, last) = ((*first).max(header), (*last).min(self.last.saturating_sub(1)));
            let used = (*from..=*to).find_map(|index| columns.get(index as usize)?.field());
            if let Some(field) = used
                && first <= last
            {
                let message = "is merged with other cells, so that only one of them has the text; divide them again";
                self.rows.error(first + 1, &field, message);
            }
        }
        Ok(())
    }
}

impl SheetRow<'_> {
    /// Returns the number of cells that are not blank.
    fn len(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.is_blank()).count()
    }
}

fn is_comment(cell: &Cell<'_>) -> bool {
    matches!(cell, Cell::Text(text) if text.trim_start().starts_with('#'))
}
