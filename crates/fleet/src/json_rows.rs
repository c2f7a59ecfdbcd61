//! Rows as JSON: one a line, a list of them, or one.

use std::fmt;
use std::io::Read;

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::sheet::Sheet;
use crate::source::{Source, Unreadable, count_lines};

pub fn read_lines(mut source: Source<impl Read>, sheet: &mut Sheet) -> Result<(), Unreadable> {
    let mut buffer = Vec::new();
    while let Some(line) = source.line(&mut buffer)? {
        let text = String::from_utf8_lossy(&buffer);
        if !text.trim().is_empty() {
            sheet.add(line, &text)?;
        }
        buffer.clear();
    }
    Ok(())
}

/// A list, or objects one after another.
pub fn read(text: &str, sheet: &mut Sheet) -> Result<(), Unreadable> {
    let malformed = |error: serde_json::Error| Unreadable {
        line: u32::try_from(error.line()).unwrap_or(u32::MAX),
        message: match error.is_data() {
            true => "must be a list of requests".to_owned(),
            false => format!("is not valid JSON: {error}"),
        },
    };
    let mut lines = Lines { text, at: 0, line: 1 };
    if text.trim_start().starts_with('[') {
        let Items(items) = serde_json::from_str(text).map_err(malformed)?;
        return items.into_iter().try_for_each(|item| sheet.add(lines.of(item), item.get()));
    }
    for item in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        let item = item.map_err(malformed)?;
        sheet.add(lines.of(item), item.get())?;
    }
    Ok(())
}

/// The items of a list, as they stand in its text.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Items<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    if all.len() > crate::source::MAX_ROWS {
                        break;
                    }
                    all.push(item);
                }
                // The rest is not kept: there are too many already, and that will be told.
                while items.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(Items(all))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

/// Tells in which line a part of a text begins. Parts are asked for in their order.
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
    use crate::{Format, Sheet};

    fn lines(format: Format, text: &str) -> (Vec<u32>, Vec<String>) {
        let sheet = Sheet::from_reader(text.as_bytes(), format, "t");
        let mistakes = sheet.mistakes.iter().map(ToString::to_string).collect();
        (sheet.drafts.iter().map(|draft| draft.line).collect(), mistakes)
    }

    #[test]
    fn each_row_knows_its_line() {
        assert_eq!(lines(Format::JsonLines, "\u{feff}{}\r\n\n  \n{}").0, [1, 4]);
        assert_eq!(lines(Format::Json, "[\n {},\n\n {\n}, {}]").0, [2, 4, 5]);
        assert_eq!(lines(Format::Json, "{\n}\n{}").0, [1, 3]);
    }

    #[test]
    fn what_is_malformed_names_its_line_and_the_rest_is_read() {
        let (rows, mistakes) = lines(Format::JsonLines, "{}\n{\"a\": canary\n[]\n{}");
        assert_eq!(rows, [1, 4]);
        assert!(mistakes[0].starts_with("t:2: is not valid JSON") && !mistakes[0].contains("canary"), "{mistakes:?}");
        assert!(mistakes[1].starts_with("t:3: must be an object"), "{mistakes:?}");
        assert!(lines(Format::Json, "[{},\n{]").1[0].starts_with("t:2: is not valid JSON"));
    }
}
