//! Reasons why a workbook as a whole cannot be read.

use ocamba_hood::did_you_mean;

use crate::input::row_collector::Unreadable;

pub const ENCRYPTED: &str = "is protected with a password; save a copy without it";

/// The reason why a workbook as a whole cannot be read.
pub fn unreadable(message: impl Into<String>) -> Unreadable {
    Unreadable { line: 1, message: message.into() }
}

/// The reason why a file is no workbook, or not an intact one.
pub fn damaged(position: &str) -> Unreadable {
    unreadable(format!(
        "is not an intact workbook{position}; open it in a spreadsheet, and save it again as .xlsx, .ods or CSV"
    ))
}

/// The reason why the sheet to be read does not exist.
pub fn no_such_sheet(wanted: Option<&str>, names: &[String]) -> Unreadable {
    let Some(wanted) = wanted else { return unreadable("has no sheet, or hidden ones only; name one (sheet)") };
    let meant = did_you_mean(wanted, names.iter().map(String::as_str));
    let shown: Vec<_> = names.iter().take(10).map(|name| format!("{name:?}")).collect();
    unreadable(format!("has no sheet {wanted:?}{meant}; its sheets are {}", shown.join(", ")))
}
