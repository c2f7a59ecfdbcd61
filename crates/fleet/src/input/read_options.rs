//! Options of reading.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::error::Error;
use crate::input::format::Format;
use crate::input::references::References;
use crate::input::row_collector::RowCollector;
use crate::input::row_reader::RowReader;
#[cfg(feature = "workbooks")]
use crate::input::workbook;
use crate::input::{csv_rows, json_rows, yaml_rows};

/// Options of reading rows: which columns are left out, and which sheet of a workbook is read.
///
/// ```
/// use ocamba_fleet::{Format, ReadOptions};
///
/// let text = "name;provider;NOTES;settings.api_key;settings.sender_name\nExample;mitto;to do;464XXX;Example\n";
/// let rows = ReadOptions::new().ignore_column("NOTES").reader(text.as_bytes(), Format::Csv, "example.csv");
/// assert!(rows.check().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    ignored: Vec<String>,
    sheet: Option<String>,
}

impl ReadOptions {
    /// Leaves nothing out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out a column, or the field of each request, with this name. Can be repeated.
    pub fn ignore_column(mut self, name: impl Into<String>) -> Self {
        self.ignored.push(name.into());
        self
    }

    /// Reads the sheet of a workbook with this name, in place of the first one that is not hidden.
    pub fn sheet(self, name: impl Into<String>) -> Self {
        Self { sheet: Some(name.into()), ..self }
    }

    /// Reads a file in the format of its extension.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the file cannot be opened, or its extension is unknown.
    pub fn path(&self, path: impl AsRef<Path>) -> Result<RowReader, Error> {
        let path = path.as_ref();
        let format = Format::of(path).ok_or_else(|| {
            let is_old = ["xls", "xlsb", "numbers"]
                .iter()
                .any(|old| path.extension().is_some_and(|it| it.eq_ignore_ascii_case(old)));
            let message = match is_old {
                true => "workbooks of this format are not read; save it as .xlsx, .ods or CSV",
                false => "the extension is unknown; use .csv, .xlsx, .ods, .jsonl, .json or .yaml",
            };
            Error::file(path.display(), "read")(io::Error::other(message))
        })?;
        self.path_as(path, format)
    }

    /// Reads a file in this format.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the file cannot be opened.
    pub fn path_as(&self, path: impl AsRef<Path>, format: Format) -> Result<RowReader, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(Error::file(path.display(), "read"))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(Error::file(path.display(), "read")(io::ErrorKind::IsADirectory.into()));
        }
        Ok(self.reader(file, format, &path.display().to_string()))
    }

    /// Reads a stream. Error messages contain `name` in place of a file name.
    pub fn reader(&self, reader: impl Read, format: Format, name: &str) -> RowReader {
        let mut rows = RowCollector::new(name);
        rows.ignored.clone_from(&self.ignored);
        if self.sheet.is_some() && format != Format::Workbook {
            rows.error(1, "", "has no sheets, which only a workbook has; leave the name of the sheet out");
        }
        let collected = match format {
            Format::JsonLines => rows.collect(reader, json_rows::read_lines),
            Format::Csv => rows.collect(reader, csv_rows::read),
            Format::Json => rows.collect(reader, json_rows::read),
            Format::Yaml => rows.collect(reader, yaml_rows::read),
            #[cfg(feature = "workbooks")]
            Format::Workbook => {
                rows.collect_bytes(reader, |bytes, rows| workbook::read(bytes, self.sheet.as_deref(), rows))
            }
            #[cfg(not(feature = "workbooks"))]
            Format::Workbook => rows.collect(reader, |_, rows| {
                rows.error(1, "", "is a workbook, which this program does not read; save its sheet as CSV");
                Ok(())
            }),
        };
        RowReader { format, collected, references: References::new() }
    }
}

impl RowReader {
    /// Reads a file in the format of its extension.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the file cannot be opened, or its extension is unknown.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        ReadOptions::new().path(path)
    }

    /// Reads a file in this format.
    ///
    /// # Errors
    ///
    /// [`Error::File`] if the file cannot be opened.
    pub fn from_path_as(path: impl AsRef<Path>, format: Format) -> Result<Self, Error> {
        ReadOptions::new().path_as(path, format)
    }

    /// Reads a stream. Error messages contain `name` in place of a file name.
    ///
    /// ```
    /// use ocamba_fleet::{Format, RowReader};
    ///
    /// let text = "name,provider,settings.api_key,settings.sender_name\nExample,mitto,464XXX,Example\n";
    /// let rows = RowReader::from_reader(text.as_bytes(), Format::Csv, "example.csv");
    /// assert_eq!(rows.len(), 1);
    /// ```
    pub fn from_reader(reader: impl Read, format: Format, name: &str) -> Self {
        ReadOptions::new().reader(reader, format, name)
    }
}
