//! Answers of a report, as what is assumed from now on.

use std::path::Path;

use serde_json::Value;

use super::{Change, Proposal, read};
use crate::Result;
use crate::unknowns::{SOURCE, Unknown, Unknowns};

/// The source of what a probe has found.
const PROBE: &str = "probe";

/// Proposes the answers that the probe is sure of.
pub fn propose(root: &Path, answers: &Value, proposal: &mut Proposal) -> Result {
    let before = read(root, SOURCE)?;
    let mut after = before.clone();
    for unknown in Unknowns::load(root)?.0 {
        let Unknown { id, assumed, if_false, .. } = &unknown;
        let answer = &answers[id];
        match (answer["verdict"].as_str(), answer["found"].as_array().map(Vec::as_slice)) {
            (Some("confirmed"), _) => after = with_line(&after, id, "source", PROBE)?,
            (Some("differs"), Some([Value::String(found)])) if unknown.answers.iter().any(|(it, _)| it == found) => {
                let quoted =
                    if found.bytes().all(|b| b.is_ascii_digit()) { format!("'{found}'") } else { found.clone() };
                after = with_line(&after, id, "assumed", &quoted)?;
                after = with_line(&after, id, "source", PROBE)?;
                proposal.review.push(format!("{id} is {found}, not {assumed}: {if_false}"));
            }
            (Some("differs"), _) => {
                let why = "is none of its answers; add one, and what the sandbox then does";
                proposal.review.push(format!("{id}: what the probe found {why}"));
            }
            _ => {}
        }
    }
    proposal.changes.push(Change { path: SOURCE.into(), before, after });
    Ok(())
}

/// Replaces the value of a field.
fn with_line(text: &str, id: &str, field: &str, value: &str) -> Result<String> {
    let missing = || format!("{SOURCE}: {id}.{field} is not on a line of its own");
    let start =
        if text.starts_with(&format!("{id}:\n")) { Some(0) } else { text.find(&format!("\n{id}:\n")).map(|at| at + 1) };
    let start = start.ok_or_else(missing)?;
    let key = format!("\n  {field}: ");
    let at = start + text[start..].find(&key).ok_or_else(missing)? + key.len();
    let end = at + text[at..].find('\n').ok_or_else(missing)?;
    Ok(format!("{}{value}{}", &text[..at], &text[end..]))
}
