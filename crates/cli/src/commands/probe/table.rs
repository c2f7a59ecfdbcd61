//! The report, for people.

use ocamba_hood::printable;
use ocamba_sandbox::unknowns;
use serde_json::Value;

use super::answers::Verdict;
use super::ask::fields;
use crate::parts::table::{ATTENTION, BOLD, Cell, DIM, DONE, NAME, with_header};

/// Returns what was found next to what is assumed, what differs and breaks, and the differences from the document.
pub fn text(report: &Value) -> String {
    let answers: Vec<_> = fields(&report["answers"]).collect();
    let count = |verdict: &str| answers.iter().filter(|(_, answer)| answer["verdict"] == verdict).count();
    let summary = Verdict::ALL.map(Verdict::code).map(|verdict| format!("{} {verdict}", count(verdict))).join(", ");
    let rows = answers.iter().map(|(id, answer)| row(id, answer));
    let mut text = with_header(["unknown", "assumed", "verdict", "found"], rows) + "\n" + &summary + "\n";
    let unknowns = unknowns();
    let differing = answers.iter().filter(|(_, answer)| answer["verdict"] == "differs");
    let broken = differing.filter_map(|(id, _)| unknowns.iter().find(|it| it.id == **id));
    text += &section("What breaks where it differs", broken.map(|it| format!("{}: {}", it.id, it.if_false)));
    let differences = report["differences"].as_array().into_iter().flatten();
    text + &section("Differences from the document", differences.map(sentence))
}

fn row(id: &str, answer: &Value) -> Vec<Cell> {
    let verdict = text_of(&answer["verdict"]);
    let found: Vec<_> = answer["found"].as_array().into_iter().flatten().map(text_of).collect();
    let other = answer["other"].as_str().or_else(|| answer["why"].as_str()).unwrap_or_default();
    let style = match verdict {
        "confirmed" => DONE,
        "differs" => ATTENTION,
        "open" => DIM,
        _ => BOLD,
    };
    vec![
        Cell::styled(id, NAME),
        Cell::new(text_of(&answer["assumed"])),
        Cell::styled(verdict, style),
        Cell::new(if found.is_empty() { other.to_owned() } else { found.join(" or ") }),
    ]
}

/// Returns a title and its lines; nothing if there are none.
fn section(title: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("  {}\n", printable(&line))).collect();
    if lines.is_empty() { lines } else { format!("\n{title}:\n{lines}") }
}

/// Returns a difference as a sentence.
fn sentence(difference: &Value) -> String {
    let text = |name: &str| text_of(&difference[name]);
    let (of, name) = (text("of"), text("name"));
    let of_provider = || format!("provider {}: the setting {name}", text("provider_id"));
    match text("kind") {
        "field" => format!("{of}.{name} is new: {}", text("type")),
        "type" => format!("{of}.{name} is of the type {}, not {}", text("found"), text("expected")),
        "value" => format!("{of} has the new value {}", text("value")),
        "header" => format!("the header {name} is new"),
        "setting_missing" => format!("{} is not described", of_provider()),
        "setting" => {
            let required = difference["required"].as_bool().map(|it| if it { "required" } else { "optional" });
            let described: Vec<_> = difference["type"].as_str().into_iter().chain(required).collect();
            format!("{} is described as {}", of_provider(), described.join(", "))
        }
        "provider" => {
            let settings = difference["settings"].as_array().into_iter().flatten();
            let settings: Vec<_> = settings.map(|it| text_of(&it["name"])).collect();
            let (id, title) = (text("provider_id"), text("title"));
            format!("provider {id} ({title}) is new, with the settings {}", settings.join(", "))
        }
        _ => difference.to_string(),
    }
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
