//! Formats of rows.

use std::path::Path;

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
    /// One request per row, with a column for each setting: `name,provider,status,settings.NAME…`.
    Csv,
}

impl Format {
    /// Returns the format of a path, by its extension: `.jsonl` or `.ndjson`, `.json`, `.yaml` or `.yml`, `.csv`.
    pub fn of(path: &Path) -> Option<Self> {
        Self::named(path.extension()?.to_str()?)
    }

    /// Returns the format with this name, which is one of these extensions without its dot.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
}
