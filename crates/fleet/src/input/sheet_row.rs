//! The request of a sheet's row, whose cells are under columns with names.

use std::borrow::Cow;

use ocamba_hood::{ProviderInfo, SettingKind};
use serde_json::Value;

use crate::input::request::{object, provider_id};
use crate::input::row_collector::RowCollector;
use crate::input::sheet_columns::{Column, letters};
use crate::input::value;

/// Adds the request of a row, or its errors with their columns. `cell` returns the text of a column's cell, which has a setting of
/// this kind, or why it is refused; an empty one is an absent field.
pub fn add<'c>(
    columns: &[Column],
    line: u32,
    rows: &mut RowCollector,
    cell: impl Fn(usize, Option<SettingKind>) -> Result<Cow<'c, str>, String>,
) {
    let (mut fields, mut settings, mut is_valid) = (Vec::new(), Vec::new(), true);
    let mut refuse = |field: &str, message: &str| {
        rows.error(line, field, message);
        is_valid = false;
    };
    for (index, column) in columns.iter().enumerate() {
        match (column, cell(index, None)) {
            (Column::Field(field), Ok(cell)) if !cell.is_empty() => {
                let text = if *field == "provider_id" { provider_id(&cell).to_owned() } else { cell.into_owned() };
                fields.push((*field, text));
            }
            (Column::Field(field), Err(message)) => refuse(field, &message),
            (Column::Unnamed, cell) if cell.as_ref().is_ok_and(|cell| !cell.is_empty()) || cell.is_err() => {
                let message = "has text in a column without a name; name the column, or remove the text";
                refuse(&format!("column {}", letters(index)), message);
            }
            _ => {}
        }
    }
    let provider = fields.iter().find(|(field, _)| *field == "provider_id").and_then(|(_, id)| ProviderInfo::of(id));
    let kind = |setting: &str| provider.and_then(|provider| provider.setting(setting)).map(|setting| setting.kind);
    for (index, column) in columns.iter().enumerate() {
        let Column::Setting(setting) = column else { continue };
        let kind = kind(setting);
        match cell(index, kind) {
            Ok(cell) if cell.is_empty() => {}
            Ok(cell) => settings.push((setting.clone(), value::of_cell(kind, &cell))),
            Err(message) => refuse(&format!("settings.{setting}"), &message),
        }
    }
    if !is_valid {
        return;
    }
    let settings = Value::Object(settings.into_iter().collect());
    let fields = fields.into_iter().map(|(field, text)| (field, Value::from(text)));
    rows.push(line, object(fields.chain([("settings", settings)])));
}
