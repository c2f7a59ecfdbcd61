//! Rows that are not done, written in the format of the input, to be fixed and applied again.

use std::path::Path;

use crate::apply::report::Report;
use crate::error::Error;
use crate::input::fleet::Fleet;
use crate::private_file;

impl Fleet {
    /// Writes the rows that are not done to a file, in the format of the input, and returns how many there are. References to
    /// secrets remain references, and plain secrets remain plain, so only the owner can read the file. If every row is done, no
    /// file is written.
    ///
    /// # Errors
    ///
    /// [`Error::File`].
    pub fn write_failed(&self, report: &Report, path: impl AsRef<Path>) -> Result<usize, Error> {
        let path = path.as_ref();
        let rows = self.rows.iter().zip(&report.rows).filter(|(_, report)| !report.outcome.is_done());
        let requests: Vec<&str> = rows.map(|(row, _)| &*row.request).collect();
        if requests.is_empty() {
            return Ok(0);
        }
        let written = private_file::write(path, |file| self.format.write(&requests, file));
        written.map_err(Error::file(path.display(), "written"))?;
        Ok(requests.len())
    }
}
