//! Reads the input.

use std::fmt;
use std::io::Read;
use std::path::Path;

use crate::error::Error;
use crate::input::format::Format;
use crate::input::read_options::ReadOptions;
use crate::input::references::References;
use crate::input::row_collector::{RowCollector, line};

/// Rows read from a file, a stream or requests, and not checked yet.
///
/// The maximum is 32 MiB and 100,000 rows per input, 1 MiB and 1,000 columns per row. Whatever cannot be read becomes an error
/// of its line; [`check`](Self::check) returns all errors.
pub struct RowReader {
    pub(crate) format: Format,
    pub(crate) collected: RowCollector,
    pub(crate) references: References,
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

    /// Takes requests as JSON texts. Each has the fields of a create, or `provider` in place of `provider_id`. Error messages
    /// contain the number of the request, from 1, in place of a line number.
    pub fn from_requests<T: AsRef<str>>(requests: impl IntoIterator<Item = T>, name: &str) -> Self {
        let mut collected = RowCollector::new(name);
        for (index, request) in requests.into_iter().enumerate() {
            collected.add(line(index + 1), request.as_ref());
            if collected.is_full {
                break;
            }
        }
        Self { format: Format::JsonLines, collected, references: References::new() }
    }

    /// Returns the number of rows that were read.
    pub fn len(&self) -> usize {
        self.collected.rows.len()
    }

    /// Returns whether no row was read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for RowReader {
    /// Omits the rows, which may have secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.collected.name;
        f.debug_struct("RowReader").field("name", name).field("rows", &self.len()).finish_non_exhaustive()
    }
}
