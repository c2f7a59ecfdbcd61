//! Writes requests in the format of the input.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::input::format::Format;
use crate::input::spreadsheet_escape;

impl Format {
    /// Writes requests, each a JSON text.
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
    let requests: Vec<Map<String, Value>> =
        requests.iter().map(|request| serde_json::from_str(request)).collect::<Result<_, _>>()?;
    let mut settings: Vec<&String> = Vec::new();
    for name in requests.iter().filter_map(|fields| fields.get("settings")?.as_object()).flat_map(Map::keys) {
        if !settings.contains(&name) {
            settings.push(name);
        }
    }
    let mut writer = csv::Writer::from_writer(out);
    let columns = ["name", "provider", "status"].map(str::to_owned).into_iter();
    writer.write_record(columns.chain(settings.iter().map(|name| format!("settings.{name}"))))?;
    for fields in &requests {
        let provider = fields.get("provider_id").or(fields.get("provider"));
        let own = [fields.get("name"), provider, fields.get("status")];
        let settings = settings.iter().map(|name| fields.get("settings").and_then(|settings| settings.get(name)));
        writer.write_record(own.into_iter().chain(settings).map(|value| match value {
            None => String::new(),
            Some(Value::String(text)) => spreadsheet_escape::write(text).into_owned(),
            Some(other) => other.to_string(),
        }))?;
    }
    writer.flush()
}
