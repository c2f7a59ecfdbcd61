//! Reads rows of JSON: one per line, in a list, or one after another.

use serde::Deserializer;
use serde_json::value::RawValue;

use crate::input::each_item::EachItem;
use crate::input::row_collector::{RowCollector, Unreadable};
use crate::input::text::{EMPTY, count_lines, line};

pub fn read_lines(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    for (index, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        rows.add(line(index + 1), text);
    }
    Ok(())
}

/// Reads a list, or objects one after another.
pub fn read(text: &str, rows: &mut RowCollector) -> Result<(), Unreadable> {
    if text.trim().is_empty() {
        return Err(Unreadable { line: 1, message: EMPTY.to_owned() });
    }
    let (mut at, mut first_line) = (0, 1);
    let mut add = |item: &RawValue| {
        // Items are parts of the text, in its order.
        let offset = (item.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        first_line += count_lines(text.as_bytes().get(at..offset).unwrap_or_default());
        at = offset;
        rows.add(first_line, item.get());
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = match text.trim_start().starts_with('[') {
        true => json.deserialize_seq(EachItem(&mut add)).and_then(|()| json.end()),
        false => json.into_iter().try_for_each(|item| item.map(&mut add)),
    };
    read.map_err(|error| Unreadable { line: line(error.line()), message: format!("is not valid JSON: {error}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Read = fn(&str, &mut RowCollector) -> Result<(), Unreadable>;

    fn lines(read: Read, text: &str) -> (Vec<u32>, Vec<String>) {
        let collected = RowCollector::new("t").collect(text.as_bytes(), read);
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
        // No lines are no rows, and no text is no JSON.
        assert_eq!(lines(read_lines, ""), (vec![], vec![]));
        assert!(lines(read, "\n").1[0].starts_with("t:1: is empty"));
        assert!(lines(read, "[{},\n{]").1[0].starts_with("t:2: is not valid JSON"));
    }
}
