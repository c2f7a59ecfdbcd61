//! `openapi/unknowns.yaml`: what is not known of the API, what is assumed, and what breaks if that is false.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use serde_json::{Map, Value};

use crate::{Result, conformance, root};

/// The hand-written unknowns, next to the document.
pub const SOURCE: &str = "openapi/unknowns.yaml";
/// The sources of facts in the document and here, and their names for people.
pub const SOURCES: [(&str, &str); 4] = [
    ("create-page", "the vendor's page \"Create Integration\""),
    ("vendor-docs", "the vendor's other documentation"),
    ("undocumented", "not documented"),
    ("probe", "a probe of the API"),
];

/// All unknowns, in the order of the file.
pub struct Unknowns(pub Vec<Unknown>);

/// An unknown.
pub struct Unknown {
    pub id: String,
    pub question: String,
    pub source: String,
    /// One of its answers, or a sentence if it has none.
    pub assumed: String,
    /// The answers that the sandbox can play, and their meanings.
    pub answers: Vec<(String, String)>,
    /// How the probe finds the answer: `read`, `write`, or not at all.
    pub ask: Option<String>,
    pub if_false: String,
}

impl Unknowns {
    /// Reads and checks the file.
    pub fn load(root: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(root.join(SOURCE)).map_err(|e| format!("{SOURCE} was not read: {e}"))?;
        Self::parse(&text)
    }

    /// Parses and checks the text of the file.
    pub fn parse(text: &str) -> Result<Self> {
        let all: Map<String, Value> =
            serde_saphyr::from_str(text).map_err(|e| format!("{SOURCE} is not valid YAML: {e}"))?;
        all.into_iter().map(|(id, fields)| Unknown::read(id, fields)).collect::<Result<_>>().map(Self)
    }

    /// Returns them as a member of the bundle, where the sandbox and the probe find them.
    pub fn to_json(&self) -> Value {
        let entry = |it: &Unknown| {
            let mut fields = Map::new();
            for (name, text) in [("question", &it.question), ("source", &it.source), ("assumed", &it.assumed)] {
                fields.insert(name.into(), text.as_str().into());
            }
            let answers = it.answers.iter().map(|(answer, meaning)| (answer.clone(), meaning.as_str().into()));
            fields.insert("answers".into(), Value::Object(answers.collect()));
            fields.insert("ask".into(), it.ask.clone().into());
            fields.insert("if_false".into(), it.if_false.as_str().into());
            (it.id.clone(), Value::Object(fields))
        };
        Value::Object(self.0.iter().map(entry).collect())
    }

    /// Returns the table for people.
    pub fn table(&self) -> String {
        let mut table = String::from("| id | question | assumed | if it is false |\n|---|---|---|---|\n");
        for it in &self.0 {
            let Unknown { id, question, if_false, .. } = it;
            table += &format!("| `{id}` | {question} | {} | {if_false} |\n", capitalized(it.meaning()));
        }
        table
    }
}

impl Unknown {
    fn read(id: String, mut fields: Value) -> Result<Self> {
        let at = format!("{SOURCE}: {id}");
        let fields = fields.as_object_mut().ok_or_else(|| format!("{at} must have fields"))?;
        let mut text = |name: &str| match fields.shift_remove(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
            None => Ok(None),
            Some(_) => Err(format!("{at}.{name} must be a text; quote a number")),
        };
        let ask = text("ask")?;
        let mut required = |name: &str| text(name)?.ok_or_else(|| format!("{at} has no {name}"));
        let (question, source, assumed, if_false) =
            (required("question")?, required("source")?, required("assumed")?, required("if_false")?);
        let answers = match fields.shift_remove("answers") {
            Some(Value::Object(answers)) => answers,
            None => Map::new(),
            Some(_) => return Err(format!("{at}.answers must be answers with their meanings").into()),
        };
        let answers: Vec<(String, String)> = answers
            .into_iter()
            .map(|(answer, meaning)| (answer, meaning.as_str().unwrap_or_default().into()))
            .collect();
        let problem = if let Some(name) = fields.keys().next() {
            Some(format!("has an unknown field {name}"))
        } else if !question.ends_with('?') {
            Some("has a question without a question mark".into())
        } else if SOURCES.iter().all(|(name, _)| *name != source) {
            Some(format!("has an unknown source {source}"))
        } else if ask.as_deref().is_some_and(|ask| !["read", "write"].contains(&ask)) {
            Some("must have an `ask` of read or write, or none".into())
        } else if answers.is_empty() && ask.is_some() {
            Some("has no answers to ask for".into())
        } else if !answers.is_empty() && answers.iter().all(|(answer, _)| *answer != assumed) {
            Some(format!("assumes {assumed}, which is none of its answers"))
        } else {
            answers
                .iter()
                .find(|(_, meaning)| meaning.is_empty())
                .map(|(it, _)| format!("does not say what {it} means"))
        };
        match problem {
            Some(problem) => Err(format!("{at} {problem}").into()),
            None => Ok(Self { id, question, source, assumed, answers, ask, if_false }),
        }
    }

    /// Returns the meaning of what is assumed.
    pub fn meaning(&self) -> &str {
        self.answers.iter().find(|(answer, _)| *answer == self.assumed).map_or(&self.assumed, |(_, meaning)| meaning)
    }
}

/// Lists all unknowns, with what else than the assumption may be true, and what then differs for users.
pub fn list() -> Result {
    let unknowns = Unknowns::load(&root())?;
    let differences = conformance::read(&root().join(conformance::SUITE).join("assumptions.json"))?;
    let mut text = String::new();
    for it in &unknowns.0 {
        let source = SOURCES.iter().find(|(name, _)| *name == it.source).map_or("", |(_, text)| text);
        let ask = match it.ask.as_deref() {
            Some("write") => "`ocamba probe --write`",
            Some(_) => "`ocamba probe`",
            None => "nothing that this project has",
        };
        writeln!(text, "{}: {}\n  assumed   {} ({source})\n  answered  by {ask}", it.id, it.question, it.meaning())?;
        for (answer, meaning) in it.answers.iter().filter(|(answer, _)| *answer != it.assumed) {
            writeln!(text, "  or        {answer}: {meaning}")?;
            if let Some(because) = differences[format!("{}={answer}", it.id)]["because"].as_str() {
                writeln!(text, "            {because}")?;
            }
        }
        writeln!(text, "  if false  {}\n", it.if_false)?;
    }
    let asked = unknowns.0.iter().filter(|it| it.ask.is_some()).count();
    let playable = unknowns.0.iter().filter(|it| !it.answers.is_empty()).count();
    let count = unknowns.0.len();
    writeln!(
        text,
        "{count} unknowns: `ocamba probe` can answer {asked}, `ocamba sandbox --assume ID=ANSWER` plays {playable}"
    )?;
    // The reader may have read enough.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Ok(())
}

/// Returns the text with a capital letter at its beginning.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "names:\n  question: Q?\n  source: undocumented\n  assumed: a\n  if_false: F\n";

    #[test]
    fn unknown_says_what_is_wrong_with_it() {
        for (text, problem) in [
            (ONE.replace("Q?", "Q"), "without a question mark"),
            (ONE.replace("undocumented", "hearsay"), "unknown source hearsay"),
            (ONE.replace("  if_false: F\n", ""), "has no if_false"),
            (format!("{ONE}  colour: red\n"), "unknown field colour"),
            (format!("{ONE}  ask: read\n"), "no answers to ask for"),
            (format!("{ONE}  ask: guess\n"), "`ask` of read or write"),
            (format!("{ONE}  answers:\n    b: B\n"), "assumes a, which is none of its answers"),
            (format!("{ONE}  answers:\n    a:\n"), "does not say what a means"),
            (ONE.replace("assumed: a", "assumed: 200"), "must be a text; quote a number"),
        ] {
            let error = Unknowns::parse(&text).err().map(|e| e.to_string()).unwrap_or_default();
            assert!(error.contains(problem) && error.contains("openapi/unknowns.yaml: names"), "{text}: {error}");
        }
    }

    #[test]
    fn table_has_the_meaning_of_what_is_assumed() {
        let text = format!("{ONE}  answers:\n    a: it does\n    b: it does not\n");
        let table = Unknowns::parse(&text).expect("valid").table();
        assert!(table.ends_with("|\n| `names` | Q? | It does | F |\n"), "{table}");
    }
}
