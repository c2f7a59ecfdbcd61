//! `ocamba fleet apply` on a disk that becomes full: what was made and could not be written is reported.
#![cfg(unix)]

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ocamba_hood::providers;
use serde_json::{Map, Value, json};

use crate::support::{Run, Running, folder, ocamba, run};

const FAILED: i32 = 1;
const ROWS: usize = 60;

/// Writes rows to a folder of the test, and returns it.
fn rows(test: &str) -> PathBuf {
    let folder = folder(&format!("fleet-disk-{test}"));
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    let row = |number| json!({"name": format!("r{number}"), "provider_id": providers()[0].id, "settings": settings});
    let text: String = (0..ROWS).map(|number| format!("{}\n", row(number))).collect();
    std::fs::write(folder.join("rows.jsonl"), text).expect("written");
    folder
}

/// Applies the rows. A limit in blocks of 512 bytes makes a longer file as unwritable as a full disk does.
fn apply(folder: &PathBuf, sandbox: &Running, limit: Option<u32>, options: &[&str]) -> Command {
    let program = ocamba(&[&["fleet", "apply", "rows.jsonl", "--in-flight", "4"], options].concat());
    let mut command = Command::new("sh");
    let limit = limit.map_or("unlimited".to_owned(), |blocks| blocks.to_string());
    command.args(["-c", "trap '' XFSZ; ulimit -f $0; exec \"$@\"", &limit]).arg(program.get_program());
    command.args(program.get_args()).current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    for (name, value) in program.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.env("OCAMBA_TOKEN", "t").env("OCAMBA_BASE_URL", &sandbox.base_url).env("OCAMBA_RATE_LIMIT", "off");
    command
}

fn error(run: &Run) -> Value {
    let line = run.stderr.lines().rfind(|line| line.starts_with('{')).expect("a line of JSON");
    serde_json::from_str::<Value>(line).expect("JSON")["error"].clone()
}

/// Returns the ids of rows by their names.
fn ids(rows: &Value) -> HashMap<String, String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    rows.as_array().expect("a list").iter().map(|row| (text(&row["name"]), text(&row["id"]))).collect()
}

#[test]
fn rows_that_the_ledger_could_not_record_are_reported_and_not_made_again() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), rows("ledger"));
    let json = ["--output", "json", "--progress", "json"];
    let stopped = run(&mut apply(&folder, &sandbox, Some(80), &json));
    let error = error(&stopped);
    assert_eq!((stopped.code, &error["code"], &error["outcome"]), (FAILED, &json!("ledger"), &json!("unknown")));
    let made = error["made"].as_array().expect("a list");
    assert!((1..=8).contains(&made.len()) && made[0]["line"].is_u64(), "{error}");
    let message = error["message"].as_str().expect("text");
    for row in made {
        let shown = format!("line {}, {} (id {})", row["line"], row["name"], row["id"].as_str().expect("an id"));
        assert!(message.contains(&shown), "{shown} in {message}");
    }
    let created = sandbox.count("createIntegration");
    assert!((4..ROWS).contains(&created), "{created}");

    let options = ["--output", "json", "--reconcile-timeout", "0.2"];
    let report = run(&mut apply(&folder, &sandbox, None, &options)).json();
    let (made, all) = (ids(&error["made"]), ids(&report));
    assert!(made.iter().all(|(name, id)| all[name] == *id), "{made:?} in {report}");
    assert_eq!((all.len(), sandbox.count("createIntegration")), (ROWS, ROWS));
}

#[cfg(target_os = "linux")]
#[test]
fn rows_are_reported_when_the_results_cannot_be_written() {
    for to_stdout in [true, false] {
        let (sandbox, folder) = (Running::start(&["--no-limits"]), rows("results"));
        let report = if to_stdout { "report.csv" } else { "/dev/full" };
        let mut command = apply(&folder, &sandbox, None, &["--output", "json", "--report", report]);
        if to_stdout {
            command.stdout(std::fs::File::options().write(true).open("/dev/full").expect("a full device"));
        }
        let run = run(&mut command);
        let error = error(&run);
        let message = error["message"].as_str().expect("text");
        assert!(run.code == FAILED && message.contains("No space left on device"), "{run:?}");
        assert_eq!((ids(&error["made"]).len(), error["hint"].to_string().contains("60 created")), (ROWS, true));
        // The other results are still written.
        let written = if to_stdout { std::fs::read_to_string(folder.join(report)).expect("there") } else { run.stdout };
        assert!(written.contains("r0") && written.contains("r59"), "{written}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn people_read_which_rows_were_made() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), rows("people"));
    let run = run(&mut apply(&folder, &sandbox, None, &["--output", "table", "--report", "/dev/full"]));
    let id = &ids(&sandbox.run(&["integrations", "list", "--output", "json"]).json())["r0"];
    for text in ["/dev/full cannot be written", &format!("line 1, \"r0\" (id {id})"), "and 10 more"] {
        assert!(run.code == FAILED && run.stderr.contains(text), "{text} in {run:?}");
    }
}
