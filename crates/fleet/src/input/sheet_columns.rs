//! The columns of a sheet, as its header names them.

use std::collections::HashMap;

use ocamba_hood::{did_you_mean, providers};

/// Maximum number of columns.
pub const MAX_COLUMNS: usize = 1_000;

pub const EXPECTED: &str = "the first line must be name,provider,status and a column settings.NAME for each setting";

/// What a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name, or another field of the request.
    Field(&'static str),
    /// A setting, with its name.
    Setting(String),
    /// What the operator ignores.
    Ignored,
    /// No name, as that of a column which a spreadsheet has added.
    Unnamed,
}

impl Column {
    /// Returns the field of the request, or none where the column has none.
    pub fn field(&self) -> Option<String> {
        match self {
            Self::Field(field) => Some((*field).to_owned()),
            Self::Setting(setting) => Some(format!("settings.{setting}")),
            Self::Ignored | Self::Unnamed => None,
        }
    }
}

/// Returns the columns, each known and unique.
pub fn columns(header: &[&str], ignored: &[String]) -> Result<Vec<Column>, String> {
    if header.len() > MAX_COLUMNS {
        return Err(format!("has {} columns; the maximum is {MAX_COLUMNS}", header.len()));
    }
    if let Some(missing) = ignored.iter().find(|name| !header.iter().any(|column| column.trim() == name.trim())) {
        let meant = did_you_mean(missing, header.iter().map(|name| name.trim()));
        return Err(format!("has no column {missing:?} to be ignored{meant}"));
    }
    let mut seen = HashMap::new();
    let mut columns = Vec::with_capacity(header.len());
    for (index, name) in header.iter().map(|name| name.trim()).enumerate() {
        let column = match field(name) {
            _ if ignored.iter().any(|ignored| ignored.trim() == name && !name.is_empty()) => Column::Ignored,
            _ if name.is_empty() => Column::Unnamed,
            Some(column) => column,
            None => {
                let name: String = name.chars().take(60).collect();
                let meant = meant(&name);
                let column = letters(index);
                return Err(format!(
                    "has an unknown column {name:?} (column {column}){meant}; remove it, or ignore it (ignore-column); {EXPECTED}"
                ));
            }
        };
        if matches!(column, Column::Field(_) | Column::Setting(_))
            && let Some(first) = seen.insert(format!("{column:?}"), index)
        {
            return Err(format!("has the column {name:?} twice: columns {} and {}", letters(first), letters(index)));
        }
        columns.push(column);
    }
    for (needed, column) in [("name", "name"), ("provider_id", "provider")] {
        if !columns.contains(&Column::Field(needed)) {
            return Err(format!("has no column {column}; {EXPECTED}"));
        }
    }
    Ok(columns)
}

/// Returns what the column with this name has, if it is known.
pub fn field(name: &str) -> Option<Column> {
    let name = name.trim();
    let fields = [("name", "name"), ("provider", "provider_id"), ("provider_id", "provider_id"), ("status", "status")];
    let known = fields.iter().find(|(column, _)| name.eq_ignore_ascii_case(column));
    let setting = || name.strip_prefix("settings.").map(str::trim).filter(|setting| !setting.is_empty());
    known.map(|(_, field)| Column::Field(field)).or_else(|| setting().map(|name| Column::Setting(name.to_owned())))
}

/// Returns a question with the known column that was probably meant: often, only the prefix is missing.
fn meant(name: &str) -> String {
    let settings = || providers().iter().flat_map(|provider| provider.settings).map(|setting| setting.name);
    let columns = settings().map(|setting| format!("settings.{setting}"));
    let columns: Vec<_> = ["name", "provider", "status"].into_iter().map(str::to_owned).chain(columns).collect();
    match did_you_mean(name, columns.iter().map(String::as_str)) {
        meant if meant.is_empty() => did_you_mean(name, settings()).replace("mean ", "mean settings."),
        meant => meant,
    }
}

/// Returns the letters by which a spreadsheet names a column.
pub fn letters(index: usize) -> String {
    let letter = char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    match index / 26 {
        0 => letter.to_string(),
        before => format!("{}{letter}", letters(before - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_without_its_prefix_is_recognized() {
        let setting = providers()[0].settings[0].name;
        for name in [setting.to_owned(), setting.to_uppercase(), format!("{setting}x")] {
            let error = columns(&["name", "provider", &name], &[]).expect_err("unknown");
            assert!(error.contains(&format!("(column C); did you mean settings.{setting}?")), "{error}");
        }
    }

    #[test]
    fn columns_have_letters_as_in_a_spreadsheet() {
        assert_eq!([0, 25, 26, 27, 701, 702].map(letters), ["A", "Z", "AA", "AB", "ZZ", "AAA"]);
    }
}
