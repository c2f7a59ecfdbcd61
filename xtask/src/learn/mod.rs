//! `cargo xtask learn REPORT`: proposes a change of `openapi/` from the report of `ocamba probe`. A person reads it.

mod document;
mod provider;
mod unknowns;

use std::path::Path;

use serde_json::Value;
use similar::TextDiff;

use crate::codegen::COMMAND;
use crate::{Result, root};

/// A change of a file, which may be new.
struct Change {
    /// Relative to the root.
    path: String,
    before: String,
    after: String,
}

/// What a report leads to.
#[derive(Default)]
struct Proposal {
    changes: Vec<Change>,
    /// What a person must look at.
    review: Vec<String>,
}

/// Prints the change as a patch, or writes it, and says what to look at.
pub fn learn(report: &Path, write: bool) -> Result {
    let root = root();
    let text = std::fs::read_to_string(report).map_err(|e| format!("{} was not read: {e}", report.display()))?;
    let report: Value = serde_json::from_str(&text).map_err(|e| format!("{} is no report: {e}", report.display()))?;
    let proposal = propose(&root, &report)?;
    for Change { path, before, after } in &proposal.changes {
        let from = if before.is_empty() { "/dev/null".to_owned() } else { format!("a/{path}") };
        let diff = TextDiff::from_lines(before, after);
        print!("{}", diff.unified_diff().context_radius(3).header(&from, &format!("b/{path}")));
    }
    if write {
        proposal.write(&root)?;
    }
    for line in &proposal.review {
        eprintln!("review: {line}");
    }
    let files = proposal.changes.len();
    match (files, write) {
        (0, _) => eprintln!("the report has nothing that openapi/ lacks"),
        (_, true) => eprintln!("{files} files were changed; read them, then run: {COMMAND}"),
        (_, false) => eprintln!("nothing was changed; read this, then run it again with --write"),
    }
    Ok(())
}

impl Proposal {
    fn write(&self, root: &Path) -> Result {
        for Change { path, after, .. } in &self.changes {
            let file = root.join(path);
            std::fs::create_dir_all(file.parent().unwrap_or(root))?;
            std::fs::write(&file, after).map_err(|e| format!("{path} was not written: {e}"))?;
        }
        Ok(())
    }
}

fn propose(root: &Path, report: &Value) -> Result<Proposal> {
    if report["report"] != "ocamba probe" || !report["answers"].is_object() {
        return Err("the file is no report of `ocamba probe`".into());
    }
    let mut proposal = Proposal::default();
    if report["production"] != true {
        proposal.review.push("the report is not of the vendor's production server: it proves nothing".into());
    }
    unknowns::propose(root, &report["answers"], &mut proposal)?;
    document::propose(root, report["differences"].as_array().map_or(&[], Vec::as_slice), &mut proposal)?;
    proposal.changes.retain(|it| it.before != it.after);
    Ok(proposal)
}

fn read(root: &Path, path: &str) -> Result<String> {
    Ok(std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path} was not read: {e}"))?)
}

/// Returns a text of a report's entry as a name. A report comes from elsewhere: nothing but names becomes part of a document.
fn name<'r>(entry: &'r Value, field: &str) -> Result<&'r str> {
    let name = entry[field].as_str().unwrap_or_default();
    let is_name =
        (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    if is_name { Ok(name) } else { Err(format!("the report has a {field} that is no name, in {entry}").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn after(proposal: &Proposal, path: &str) -> String {
        let change = proposal.changes.iter().find(|it| it.path == path);
        change.unwrap_or_else(|| panic!("{path} is not changed")).after.clone()
    }

    fn report(answers: Value, differences: Value) -> Value {
        json!({ "report": "ocamba probe", "production": true, "answers": answers, "differences": differences })
    }

    #[test]
    fn answers_become_assumptions_with_their_source() {
        let answers = json!({
            "list_lag": { "verdict": "differs", "assumed": "none", "found": ["seconds"] },
            "ids": { "verdict": "confirmed", "assumed": "strings", "found": ["strings"] },
            "names": { "verdict": "differs", "assumed": "exact", "other": "in another form" },
            "search": { "verdict": "possible", "assumed": "contains", "found": ["contains", "prefix"] },
        });
        let proposal = propose(&root(), &report(answers, json!([]))).expect("a proposal");
        let before = crate::unknowns::Unknowns::load(&root()).expect("valid");
        let text = after(&proposal, crate::unknowns::SOURCE);
        let found = crate::unknowns::Unknowns::parse(&text).expect("valid");
        let fact = |all: &crate::unknowns::Unknowns, id: &str| {
            let found = all.0.iter().find(|it| it.id == id);
            found.map(|it| (it.assumed.clone(), it.source.clone()))
        };
        let is_unchanged = |id: &str| fact(&found, id) == fact(&before, id);
        let probed = |assumed: &str| Some((assumed.to_owned(), "probe".to_owned()));
        assert_eq!(fact(&found, "list_lag"), probed("seconds"));
        assert_eq!(fact(&found, "ids"), probed("strings"));
        assert!(is_unchanged("names") && is_unchanged("search"));
        let about = |id: &str| proposal.review.iter().any(|line| line.contains(id));
        assert!(about("list_lag") && about("names") && !about("ids"), "{:?}", proposal.review);
    }

    #[test]
    fn differences_become_schemas_fields_and_values() {
        let spec = crate::codegen::spec::Spec::load(&root()).expect("a document");
        let known = &spec.providers[0];
        // What `ocamba probe` is tested with, too.
        let text = read(&root(), "tests/probe/differences.json").expect("a file");
        let differences = serde_json::from_str(&text).expect("JSON");
        let proposal = propose(&root(), &report(json!({}), differences)).expect("a proposal");
        let folder = std::env::temp_dir().join(format!("ocamba-learn-{}", std::process::id()));
        crate::tools::copy_folder(&root().join("openapi"), &folder.join("openapi")).expect("a copy");
        proposal.write(&folder).expect("written");
        let changed = crate::codegen::spec::Spec::load(&folder);
        let _ = std::fs::remove_dir_all(&folder);
        let changed = changed.expect("the changed document is valid");
        let pigeon = changed.providers.last().expect("a provider");
        assert_eq!(
            (pigeon.title.as_str(), pigeon.schema.as_str(), pigeon.channel.as_str()),
            ("Carrier Pigeon", "CarrierPigeon", "made_up")
        );
        let secrets: Vec<_> = pigeon.settings.iter().map(|it| (it.name.as_str(), it.secret, it.required)).collect();
        assert_eq!(secrets, [("loft_name", false, true), ("whistle_token", true, true)]);
        let same = changed.providers.iter().find(|it| it.id == known.id).expect("still there");
        let added: Vec<_> = same.settings[known.settings.len()..]
            .iter()
            .map(|it| (it.name.as_str(), it.kind.as_str(), it.required))
            .collect();
        assert_eq!(added, [("made_up_text", "string", false), ("made_up_count", "integer", false)]);
        let schemas = changed.schemas();
        assert_eq!(schemas["ProviderDescription"]["properties"]["made_up_region"]["type"], "string");
        let fields = &schemas["Integration"]["properties"];
        assert_eq!(
            (&fields["made_up_labels"]["type"], &fields["made_up_key"]["format"]),
            (&json!("array"), &json!("password"))
        );
        let statuses = schemas["Status"]["x-extensible-enum"].as_array();
        assert!(statuses.is_some_and(|all| all.contains(&json!("made_up"))), "{statuses:?}");
        for about in ["CarrierPigeon", "made_up_text", "username", "x-made-up", "made_up_labels", "is_default"] {
            assert!(proposal.review.iter().any(|line| line.contains(about)), "{about}: {:?}", proposal.review);
        }
    }

    #[test]
    fn report_cannot_write_anything_but_names() {
        for difference in [
            json!({ "kind": "field", "of": "Integration", "name": "a: b\nc", "type": "string" }),
            json!({ "kind": "field", "of": "../x", "name": "a", "type": "string" }),
            json!({ "kind": "value", "of": "Status", "value": "a]" }),
            json!({ "kind": "provider", "provider_id": "1'", "type": "sms", "title": "X", "settings": [] }),
        ] {
            assert!(propose(&root(), &report(json!({}), json!([difference]))).is_err(), "{difference}");
        }
        assert!(propose(&root(), &json!({ "answers": {} })).is_err());
    }
}
