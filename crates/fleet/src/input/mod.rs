//! Input: reads rows of CSV, workbooks, JSON and YAML into a collector, checks them, resolves references to secrets, and writes rows
//! again. Knows providers and requests; knows no account, ledger or plan, and sends nothing.

pub(crate) mod fleet;
pub(crate) mod format;
pub(crate) mod read_options;
pub(crate) mod references;
pub(crate) mod request;
pub(crate) mod row_reader;
pub(crate) mod spreadsheet_escape;
pub(crate) mod template;
pub(crate) mod text;

mod csv_header;
mod csv_line;
mod csv_rows;
pub mod damage;
mod each_item;
mod json_rows;
mod row_collector;
mod secret_file;
mod sheet_columns;
mod sheet_row;
mod value;
#[cfg(feature = "workbooks")]
mod workbook;
mod yaml_rows;
