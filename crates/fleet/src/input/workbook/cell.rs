//! A cell of a workbook.

use std::borrow::Cow;

use ocamba_hood::SettingKind;

use crate::input::spreadsheet_escape;

/// A cell, as far as it matters for a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// A text, or the digits of a number. An empty one is an empty cell.
    Text(Cow<'a, str>),
    Boolean(bool),
    /// What cannot be meant as a text, and why.
    Refused(String),
}

pub const DATE: &str = "is a date or a time; format the cell as text, and enter what it is to be";
/// A formula that no spreadsheet has computed, as programs write them.
pub const NOT_COMPUTED: &str = "is a formula without a stored value; open the workbook in a spreadsheet, and save it";

impl<'a> Cell<'a> {
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }

    /// A number: its digits, or why they are not what was meant.
    pub fn number(digits: Result<String, &'static str>) -> Self {
        digits.map_or_else(Self::refused, |digits| Self::Text(digits.into()))
    }

    /// The error of a formula.
    pub fn error(error: &str) -> Self {
        Self::refused(format!("is the error {error} of a formula; correct the cell, and save the workbook again"))
    }

    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }

    /// Returns the text for a setting of this kind, without padding. The apostrophe that a CSV file has before a text which
    /// computes is left out, since the cell may come from one.
    pub fn text(&self, kind: Option<SettingKind>) -> Result<Cow<'_, str>, String> {
        match self {
            Self::Text(text) => {
                let text = text.trim();
                Ok(if text.starts_with('\'') { spreadsheet_escape::read(text)? } else { text }.into())
            }
            Self::Boolean(value) if kind == Some(SettingKind::Boolean) => Ok(value.to_string().into()),
            Self::Boolean(_) => {
                Err("is TRUE or FALSE, and no text; format the cell as text, and enter it again".into())
            }
            Self::Refused(message) => Err(message.clone()),
        }
    }

    /// Returns the number of bytes of its text.
    pub fn len(&self) -> usize {
        if let Self::Text(text) = self { text.len() } else { 0 }
    }
}

impl Default for Cell<'_> {
    fn default() -> Self {
        Self::Text(Cow::Borrowed(""))
    }
}
