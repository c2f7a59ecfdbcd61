//! Formats of rows, and requests written in them.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value};

use crate::input::{csv_line, spreadsheet_escape};

/// Format of the rows in a file or stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// One request per line.
    JsonLines,
    /// A list of requests, or requests one after another.
    Json,
    /// A list of requests.
    Yaml,
    /// One request per row, with a column for each setting: `name,provider,status,settings.NAME…`. Semicolons or tabs may divide
    /// the columns.
    Csv,
    /// The same as CSV, in a sheet of a workbook: `.xlsx`, `.xlsm` or `.ods`, with the crate's feature `workbooks`. It is only read:
    /// rows that are written again are CSV.
    Workbook,
}

impl Format {
    /// Returns the format of a path, by its extension: `.jsonl` or `.ndjson`, `.json`, `.yaml` or `.yml`, `.csv`, `.tsv` or
    /// `.txt` (as Excel's Unicode Text), `.xlsx`, `.xlsm` or `.ods`.
    pub fn of(path: &Path) -> Option<Self> {
        Self::named(path.extension()?.to_str()?)
    }

    /// Returns the format with this name, which is one of these extensions without its dot.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "xlsx" | "xlsm" | "ods" => Some(Self::Workbook),
            _ => None,
        }
    }

    /// Writes requests, each a JSON text.
    pub(crate) fn write(self, requests: &[&str], mut out: impl Write) -> io::Result<()> {
        match self {
            Self::JsonLines => requests.iter().try_for_each(|request| writeln!(out, "{request}"))?,
            Self::Json => writeln!(out, "[\n  {}\n]", requests.join(",\n  "))?,
            Self::Yaml if requests.is_empty() => writeln!(out, "[]")?,
            Self::Yaml => requests.iter().try_for_each(|request| writeln!(out, "- {}", yaml(request)))?,
            Self::Csv | Self::Workbook => return write_csv(requests, out),
        }
        out.flush()
    }
}

/// Returns JSON as YAML, which it is but for characters that must be escaped there.
fn yaml(json: &str) -> Cow<'_, str> {
    let must_be_escaped =
        |c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    if !json.contains(must_be_escaped) {
        return json.into();
    }
    let escaped = |c: char| if must_be_escaped(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    json.chars().map(escaped).collect::<String>().into()
}

fn write_csv(requests: &[&str], mut out: impl Write) -> io::Result<()> {
    let requests: Vec<Map<String, Value>> =
        requests.iter().map(|request| serde_json::from_str(request)).collect::<Result<_, _>>()?;
    let mut settings: Vec<&String> = Vec::new();
    for name in requests.iter().filter_map(|fields| fields.get("settings")?.as_object()).flat_map(Map::keys) {
        if !settings.contains(&name) {
            settings.push(name);
        }
    }
    let columns = ["name", "provider", "status"].map(str::to_owned).into_iter();
    let columns = columns.chain(settings.iter().map(|name| format!("settings.{name}")));
    out.write_all(csv_line::write(columns.map(Cow::Owned)).as_bytes())?;
    for fields in &requests {
        let provider = fields.get("provider_id").or(fields.get("provider"));
        let own = [fields.get("name"), provider, fields.get("status")];
        let settings = settings.iter().map(|name| fields.get("settings").and_then(|settings| settings.get(name)));
        let cells = own.into_iter().chain(settings).map(|value| match value {
            None => Cow::Borrowed(""),
            Some(Value::String(text)) => spreadsheet_escape::write(text),
            Some(other) => Cow::Owned(other.to_string()),
        });
        out.write_all(csv_line::write(cells).as_bytes())?;
    }
    out.flush()
}
