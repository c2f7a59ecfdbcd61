//! Reads the input.

use std::fmt;

use crate::input::format::Format;
use crate::input::references::References;
use crate::input::row_collector::RowCollector;
use crate::input::text::line;

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
