//! The rows that are not done, written as the input was, to be mended and applied again.

use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value};

use crate::report::Report;
use crate::{Error, Fleet, Format, formula, private_file};

impl Fleet {
    /// Writes the rows that are not done to a file, in the input's format and as they stood: references stay references,
    /// and secrets that stood there in clear stand here too, so the file is its owner's only. Tells how many there are;
    /// without any, no file is written.
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

impl Format {
    /// Writes requests, each a text of JSON.
    pub(crate) fn write(self, requests: &[&str], mut out: impl Write) -> io::Result<()> {
        match self {
            Self::JsonLines => requests.iter().try_for_each(|request| writeln!(out, "{request}"))?,
            Self::Json => writeln!(out, "[\n  {}\n]", requests.join(",\n  "))?,
            // JSON is YAML.
            Self::Yaml => requests.iter().try_for_each(|request| writeln!(out, "- {request}"))?,
            Self::Csv => return write_csv(requests, out),
        }
        out.flush()
    }
}

fn write_csv(requests: &[&str], out: impl Write) -> io::Result<()> {
    let read = |request: &&str| serde_json::from_str::<Map<String, Value>>(request);
    let mut columns = ["name", "provider", "status"].map(str::to_owned).to_vec();
    for request in requests {
        let fields = read(request)?;
        for name in fields.get("settings").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            let column = format!("settings.{name}");
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(&columns)?;
    for request in requests {
        let fields = read(request)?;
        let cell = |column: &String| {
            let value = match (column.strip_prefix("settings."), column.as_str()) {
                (Some(name), _) => fields.get("settings").and_then(|settings| settings.get(name)),
                (None, "provider") => fields.get("provider_id"),
                (None, name) => fields.get(name),
            };
            match value {
                None => String::new(),
                Some(Value::String(text)) => formula::write(text).into_owned(),
                Some(other) => other.to_string(),
            }
        };
        writer.write_record(columns.iter().map(cell))?;
    }
    writer.flush()
}
