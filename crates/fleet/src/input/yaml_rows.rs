//! Reads rows of YAML: a list, or a single request as commands save it.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_saphyr::{Budget, Error, Options, Spanned, with_deserializer_from_str_with_options};

use crate::input::each_item::EachItem;
use crate::input::row_collector::{RowCollector, Unreadable};
use crate::input::text::{EMPTY, line};

/// Maximum number of nodes in a document: enough for the maximum number of rows with a dozen fields each.
const MAX_NODES: usize = 4_000_000;

pub fn read(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let is_content = |line: &str| {
        let text = line.strip_prefix("---").unwrap_or(line).trim_start();
        !text.is_empty() && !text.starts_with('#')
    };
    let Some(start) = text.lines().position(|text| is_content(text.trim())) else {
        return Err(Unreadable { line: 1, message: EMPTY.to_owned() });
    };
    let mut budget = Budget::default();
    (budget.max_events, budget.max_nodes) = (MAX_NODES, MAX_NODES);
    // A snippet would quote values.
    let mut options = Options::default();
    (options.budget, options.with_snippet) = (Some(budget), false);
    let requests = Requests { start: line(start + 1), rows };
    with_deserializer_from_str_with_options(text, options, |yaml| yaml.deserialize_any(requests)).map_err(|error| {
        Unreadable {
            line: error.location().map_or(1, |location| u32::try_from(location.line()).unwrap_or(u32::MAX)),
            message: format!("is not a list of requests in YAML: {}", reason(&error)),
        }
    })
}

/// Adds a list of requests, or one request.
struct Requests<'r> {
    /// The first line with content.
    start: u32,
    rows: &'r mut RowCollector,
}

impl<'de> Visitor<'de> for Requests<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of requests")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<(), A::Error> {
        let mut add = |item: Spanned<Value>| {
            let at = usize::try_from(item.referenced.line()).unwrap_or(usize::MAX);
            self.rows.add(line(at), &item.value.to_string());
        };
        EachItem(&mut add).visit_seq(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<(), A::Error> {
        let request = Value::deserialize(MapAccessDeserializer::new(fields))?;
        self.rows.add(self.start, &request.to_string());
        Ok(())
    }
}

/// Describes a parser's error without its text, which may quote values.
fn reason(error: &Error) -> &'static str {
    match error.without_snippet() {
        Error::Budget { .. } => "it is too large, or its aliases make it too large",
        Error::DuplicateMappingKey { .. } => "a field appears more than once",
        _ => "check the punctuation and the indentation at this position",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(text: &str) -> RowCollector {
        RowCollector::new("t").collect(text.as_bytes(), read)
    }

    #[test]
    fn yaml_rows_have_their_lines() {
        let collected = collect("# two\n- name: a\n  settings: {port: 587}\n\n- name: b\n");
        let rows: Vec<_> = collected.rows.iter().map(|row| (row.line, &*row.request)).collect();
        assert_eq!(rows, [(2, r#"{"name":"a","settings":{"port":587}}"#), (5, r#"{"name":"b"}"#)]);
        let single = collect("# one\n---\nname: a\nsettings:\n  port: 587\n");
        let rows: Vec<_> = single.rows.iter().map(|row| (row.line, &*row.request)).collect();
        assert_eq!((rows, single.errors.count()), (vec![(3, r#"{"name":"a","settings":{"port":587}}"#)], 0));
        let beside = collect("# one\n--- [{name: a}]\n");
        let rows: Vec<_> = beside.rows.iter().map(|row| (row.line, &*row.request)).collect();
        assert_eq!((rows, beside.errors.to_string()), (vec![(2, r#"{"name":"a"}"#)], String::new()));
        for empty in ["", " \n", "# none\n---\n", "--- # none\n"] {
            assert_eq!(collect(empty).errors.to_string(), "t:1: is empty; write at least one row, or [] for none");
        }
        for none in ["[]", "--- []"] {
            assert_eq!((collect(none).rows.len(), collect(none).errors.count()), (0, 0));
        }
    }

    #[test]
    fn yaml_values_of_every_kind_are_kept() {
        let collected = collect("- a: [1, -2, 2.5, true, ~, x, {}, []]\n  b: {c: \"\\\"\\n\"}\n");
        let expected = r#"{"a":[1,-2,2.5,true,null,"x",{},[]],"b":{"c":"\"\n"}}"#;
        assert_eq!(&*collected.rows[0].request, expected);
        let long = format!("- a: b\n- [{}]\n", "1,".repeat(600_000));
        assert!(collect(&long).errors.to_string().contains("the maximum is 1024 KiB per row"));
    }

    #[test]
    fn malformed_yaml_reports_its_line_and_quotes_nothing() {
        for (text, line) in [
            ("- name: a\n- {canary: [\n", 2),
            ("- a: canary\n  a: canary\n", 2),
            ("canary\n", 1),
            ("a: canary\na: canary\n", 2),
        ] {
            let collected = collect(text);
            let error = collected.errors.iter().next().expect("an error");
            assert!(error.line >= line && !error.to_string().contains("canary"), "{error}");
        }
    }

    #[test]
    fn yaml_bomb_is_refused() {
        let mut text = "- &a0 {x: [y, y, y, y, y, y, y, y, y, y]}\n".to_owned();
        for level in 1..12 {
            text += &format!("- &a{level} {{x: [{}]}}\n", vec![format!("*a{}", level - 1); 10].join(", "));
        }
        assert_eq!(collect(&text).errors.count(), 1);
    }
}
