//! Reads rows of JSON: one per line, in a list, or one after another.

use serde::de::DeserializeSeed;
use serde_json::Deserializer;
use serde_json::value::RawValue;

use crate::input::for_each::ForEach;
use crate::input::row_collector::RowCollector;
use crate::input::text::{Unreadable, count_lines, line};

pub fn read_lines(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    for (index, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        rows.add(line(index + 1), text);
    }
    Ok(())
}

/// Reads a list, or objects one after another.
pub fn read(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    let mut lines = Lines { text, at: 0, line: 1 };
    let mut add = |item: &RawValue| rows.add(lines.of(item), item.get());
    let mut deserializer = Deserializer::from_str(text);
    let read = match text.trim_start().starts_with('[') {
        true => ForEach::new(add).deserialize(&mut deserializer).and_then(|()| deserializer.end()),
        false => deserializer.into_iter().try_for_each(|item| item.map(&mut add)),
    };
    read.map_err(|error| Unreadable { line: line(error.line()), message: format!("is not valid JSON: {error}") })
}

/// Finds the lines in which parts of a text begin. The parts must be in the order of the text.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    fn of(&mut self, part: &RawValue) -> u32 {
        let offset = (part.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let between = self.text.as_bytes().get(self.at..offset).unwrap_or_default();
        self.line += count_lines(between);
        self.at = offset.max(self.at);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&str, &mut RowCollector) -> Result<(), Unreadable>;

    fn lines(read: Read, text: &str) -> (Vec<u32>, Vec<String>) {
        let collected = RowCollector::collect(text.as_bytes(), "t", read);
        let errors = collected.errors.iter().map(ToString::to_string).collect();
        (collected.rows.iter().map(|row| row.line).collect(), errors)
    }

    #[test]
    fn json_rows_have_their_lines() {
        assert_eq!(lines(read_lines, "\u{feff}{}\r\n\n  \n{}").0, [1, 4]);
        assert_eq!(lines(read, "[\n {},\n\n {\n}, {}]").0, [2, 4, 5]);
        assert_eq!(lines(read, "{\n}\n{}").0, [1, 3]);
    }

    #[test]
    fn malformed_json_line_reports_its_position_and_others_are_read() {
        let (rows, errors) = lines(read_lines, "{}\n{\"a\": canary\n[]\n{}");
        assert_eq!(rows, [1, 4]);
        assert!(errors[0].starts_with("t:2: is not valid JSON") && !errors[0].contains("canary"), "{errors:?}");
        assert!(errors[1].starts_with("t:3: must be an object"), "{errors:?}");
        assert!(lines(read, "[{},\n{]").1[0].starts_with("t:2: is not valid JSON"));
    }
}
