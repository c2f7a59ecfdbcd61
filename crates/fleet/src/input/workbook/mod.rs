//! Reads rows of a workbook: of its first sheet that is not hidden, or of one that the user has named.

mod archive;
mod cell;
mod number;
mod ods;
mod reasons;
mod sheet_rows;
mod xlsx;

use self::archive::Kind;
use self::reasons::unreadable;
use crate::input::row_collector::{RowCollector, Unreadable};

/// Reads the rows of a sheet.
pub fn read(bytes: Vec<u8>, sheet: Option<&str>, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let (archive, kind) = archive::open(bytes).map_err(unreadable)?;
    match kind {
        Kind::Xlsx => xlsx::read(archive, sheet, rows),
        Kind::Ods => ods::read(archive, sheet, rows),
    }
}
