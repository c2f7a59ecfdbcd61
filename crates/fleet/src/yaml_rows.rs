//! Rows as a list in YAML.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_saphyr::{Budget, Options, Spanned};

use crate::sheet::Sheet;
use crate::source::{MAX_ROW, MAX_ROWS, Unreadable};
use crate::yaml_text::{JsonText, TOO_LONG};

/// Texts, names and marks that a document may have: enough for the most rows, of a dozen fields each.
const MAX_NODES: usize = 4_000_000;

pub fn read(text: &str, sheet: &mut Sheet) -> Result<(), Unreadable> {
    let mut budget = Budget::default();
    (budget.max_events, budget.max_nodes) = (MAX_NODES, MAX_NODES);
    // A snippet would show what stands there.
    let mut options = Options::default();
    (options.budget, options.with_snippet) = (Some(budget), false);
    let Items(items) = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(1, |location| u32::try_from(location.line()).unwrap_or(u32::MAX));
        Unreadable { line, message: format!("is not a list of requests in YAML: {}", in_words(&error)) }
    })?;
    items.into_iter().try_for_each(|(line, text)| sheet.add(line, &text))
}

/// Only such words of the parser's error as quote nothing.
fn in_words(error: &serde_saphyr::Error) -> String {
    if error.to_string().contains(TOO_LONG) {
        return format!("a row may have {} KiB", MAX_ROW >> 10);
    }
    match error.without_snippet() {
        serde_saphyr::Error::Budget { .. } => "it is too large, or its aliases make it so".to_owned(),
        serde_saphyr::Error::DuplicateMappingKey { .. } => "a field stands there twice".to_owned(),
        _ => "see the marks and the indentation at this place".to_owned(),
    }
}

/// The line and the JSON of each item.
struct Items(Vec<(u32, String)>);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of requests")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut items: A) -> Result<Items, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element::<Spanned<JsonText>>()? {
                    let line = u32::try_from(item.referenced.line()).unwrap_or(u32::MAX);
                    if all.len() <= MAX_ROWS {
                        all.push((line, item.value.0));
                    }
                }
                Ok(Items(all))
            }
        }
        deserializer.deserialize_seq(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Format, Sheet};

    fn read(text: &str) -> Sheet {
        Sheet::from_reader(text.as_bytes(), Format::Yaml, "t")
    }

    #[test]
    fn a_list_becomes_rows_with_their_lines() {
        let sheet = read("# two\n- name: a\n  settings: {port: 587}\n\n- name: b\n");
        let rows: Vec<_> = sheet.drafts.iter().map(|draft| (draft.line, &*draft.request)).collect();
        assert_eq!(rows, [(2, r#"{"name":"a","settings":{"port":587}}"#), (5, r#"{"name":"b"}"#)]);
    }

    #[test]
    fn every_kind_of_value_is_kept() {
        let sheet = read("- a: [1, -2, 2.5, true, ~, x, {}, []]\n  b: {c: \"\\\"\\n\"}\n");
        let expected = r#"{"a":[1,-2,2.5,true,null,"x",{},[]],"b":{"c":"\"\n"}}"#;
        assert_eq!(&*sheet.drafts[0].request, expected);
        let long = format!("- a: b\n- [{}]\n", "1,".repeat(600_000));
        assert!(read(&long).mistakes.to_string().contains("a row may have 1024 KiB"));
    }

    #[test]
    fn a_mistake_names_its_line_and_quotes_nothing() {
        for (text, line) in [("- name: a\n- {canary: [\n", 2), ("- a: canary\n  a: canary\n", 2), ("canary: 1\n", 1)] {
            let sheet = read(text);
            let mistake = sheet.mistakes.iter().next().expect("a mistake");
            assert!(mistake.line >= line && !mistake.to_string().contains("canary"), "{mistake}");
        }
    }

    #[test]
    fn a_bomb_is_refused() {
        let mut text = "- &a0 {x: [y, y, y, y, y, y, y, y, y, y]}\n".to_owned();
        for level in 1..12 {
            text += &format!("- &a{level} {{x: [{}]}}\n", vec![format!("*a{}", level - 1); 10].join(", "));
        }
        assert_eq!(read(&text).mistakes.count(), 1);
    }
}
