//! `ocamba fleet` for programs: rows on standard input, everything else as lines of JSON.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Stdio};

use ocamba_hood::providers;
use serde_json::{Map, Value, json};

use crate::support::{CANARY, Run, Running, Untouched, finish, folder, ocamba, run_with_input};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;
const NOT_SENT: i32 = 5;

/// A folder for one test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Self(folder(&format!("fleet-program-{name}")))
    }

    fn command(&self, arguments: &[&str], base_url: &str) -> Command {
        let mut command = ocamba(&[&["fleet"], arguments, &["--output", "jsonl"]].concat());
        command.current_dir(&self.0).env("OCAMBA_TOKEN", "test-token").env("OCAMBA_BASE_URL", base_url);
        command
    }

    fn run(&self, arguments: &[&str], base_url: &str, input: &str) -> Run {
        let run = run_with_input(&mut self.command(arguments, base_url), input.as_bytes());
        assert!(!run.stdout.contains(CANARY) && !run.stderr.contains(CANARY), "{run:?}");
        run
    }
}

/// Returns a valid row of the first provider.
fn row(name: &str, plain: &str) -> Value {
    let provider = &providers()[0];
    let settings: Map<_, _> = provider
        .settings
        .iter()
        .map(|setting| (setting.name.to_owned(), json!(if setting.secret { CANARY } else { plain })))
        .collect();
    json!({"name": name, "provider": provider.type_name, "settings": settings})
}

fn rows(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().map(|name| format!("{}\n", row(&name, "plain"))).collect()
}

/// Returns the lines of JSON, without those for people.
fn lines(text: &str) -> Vec<Value> {
    text.lines().filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn error(run: &Run) -> Value {
    lines(&run.stderr).pop().map(|line| line["error"].clone()).expect("a line of JSON")
}

fn outcomes(stdout: &str) -> Vec<String> {
    lines(stdout).iter().map(|row| row["outcome"].as_str().expect("an outcome").to_owned()).collect()
}

/// Starts a run that the rate limit makes long, and returns its progress after the first line.
fn start_a_long_run(folder: &Folder, sandbox: &Running) -> (Child, BufReader<ChildStderr>) {
    let arguments = ["apply", "-", "--ledger", "l", "--progress", "json", "--in-flight", "1"];
    let mut child = folder.command(&arguments, &sandbox.base_url).stdin(Stdio::piped()).spawn().expect("it starts");
    let input = rows((0..500).map(|number| format!("r{number}")));
    child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("all rows are read");
    let mut progress = BufReader::new(child.stderr.take().expect("stderr"));
    progress.read_line(&mut String::new()).expect("a first line");
    (child, progress)
}

#[test]
fn rows_from_standard_input_can_have_any_format() {
    let (untouched, folder) = (Untouched::new(), Folder::new("formats"));
    let request = row("a", "plain");
    let csv = "name,provider,status\na,nobody,active\n".to_owned();
    for (format, input) in
        [("jsonl", format!("{request}\n")), ("json", format!("[{request}]")), ("yaml", format!("- {request}"))]
    {
        let run = folder.run(&["check", "-", "--format", format], &untouched.base_url(), &input);
        assert_eq!(run.json(), json!({"rows": 1}), "{format}");
    }
    let run = folder.run(&["check", "-", "--format", "csv", "--name", "sheet"], &untouched.base_url(), &csv);
    assert_eq!((run.code, &error(&run)["row_errors"][0]["file"]), (BAD_INPUT, &json!("sheet")), "{run:?}");

    std::fs::write(folder.0.join("rows.txt"), request.to_string()).expect("written");
    let file = folder.run(&["check", "rows.txt", "--format", "jsonl"], &untouched.base_url(), "");
    assert_eq!(file.json(), json!({"rows": 1}));
    let named = folder.run(&["check", "rows.txt", "--format", "jsonl", "--name", "x"], &untouched.base_url(), "");
    assert!(
        named.code == BAD_INPUT && error(&named)["message"].as_str().expect("text").contains("--name"),
        "{named:?}"
    );
}

#[test]
fn all_row_errors_are_in_one_line_of_json() {
    let (untouched, folder) = (Untouched::new(), Folder::new("invalid"));
    let input = "{}\n".repeat(99) + "{\"canary-7f3a\n";
    let run = folder.run(&["check", "-"], &untouched.base_url(), &input);
    let error = error(&run);
    assert_eq!(
        (run.code, &error["code"], &error["exit"], &error["outcome"]),
        (BAD_INPUT, &json!("invalid_rows"), &json!(BAD_INPUT), &json!("not_sent")),
        "{run:?}"
    );
    let row_errors = error["row_errors"].as_array().expect("a list");
    assert!(row_errors.len() > 99 && error["count"] == row_errors.len(), "{error}");
    assert_eq!(
        (&row_errors[0]["file"], &row_errors[0]["line"], &row_errors[0]["field"]),
        (&json!("rows"), &json!(1), &json!("name"))
    );
    let last = row_errors.last().expect("one");
    assert_eq!((&last["line"], &last["field"]), (&json!(100), &json!("")), "{last}");
    assert!(run.stdout.is_empty(), "{run:?}");
}

#[test]
fn apply_from_standard_input_needs_a_ledger() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), Folder::new("plan"));
    let fleet = |arguments: &[&str], input: &str| folder.run(arguments, &sandbox.base_url, input);
    let input = rows(["a".to_owned(), "b".to_owned()]);
    let without = fleet(&["apply", "-"], "");
    assert!(
        without.code == BAD_INPUT && error(&without)["message"].as_str().expect("text").contains("--ledger"),
        "{without:?}"
    );

    let steps = fleet(&["plan", "-", "--out", "p.json"], &input);
    let planned = &lines(&steps.stdout)[0]["steps"];
    assert!(planned[0]["action"] == "create" && planned[1]["action"] == "create", "{steps:?}");
    let without_rows = fleet(&["apply", "p.json"], "");
    assert!(without_rows.code == BAD_INPUT && without_rows.stderr.contains("--plan p.json"), "{without_rows:?}");
    let apply = ["apply", "-", "--ledger", "l", "--plan", "p.json"];
    let other = fleet(&apply, &rows(["a".to_owned()]));
    assert_eq!((other.code, &error(&other)["code"]), (REJECTED, &json!("stale_plan")), "{other:?}");
    assert_eq!(sandbox.count("createIntegration"), 0);
    assert_eq!(outcomes(&fleet(&apply, &input).stdout), ["created", "created"]);
}

#[test]
fn progress_and_incomplete_run_are_reported() {
    let folder = Folder::new("progress");
    let faults = r#"{"faults": [{"name": "b", "fault": {"answer": {"status": 400}}}]}"#;
    std::fs::write(folder.0.join("faults.json"), faults).expect("written");
    let path = folder.0.join("faults.json").display().to_string();
    let sandbox = Running::start(&["--no-limits", "--faults", &path]);
    let input = rows(["a", "b", "c"].map(str::to_owned));
    let apply = ["apply", "-", "--ledger", "l", "--progress", "json"];
    let run = folder.run(&apply, &sandbox.base_url, &input);
    assert_eq!(
        (run.code, outcomes(&run.stdout)),
        (REJECTED, ["created", "failed", "created"].map(str::to_owned).to_vec())
    );
    let error = error(&run);
    assert_eq!(
        (&error["code"], &error["stopped"], &error["counts"]["failed"]),
        (&json!("incomplete"), &json!(null), &json!(1))
    );
    let written = lines(&run.stderr);
    let progress: Vec<_> = written.iter().filter_map(|line| line.get("progress")).collect();
    assert_eq!((&progress[0]["total"], &progress[0]["done"]), (&json!(3), &json!(0)), "{progress:?}");
    let last = progress.last().expect("one");
    assert_eq!((&last["done"], &last["failed"], last["elapsed"].is_number()), (&json!(2), &json!(1), true), "{last}");
}

#[test]
fn run_stops_when_its_reader_has_gone() {
    let (sandbox, folder) = (Running::start(&[]), Folder::new("gone"));
    let (child, progress) = start_a_long_run(&folder, &sandbox);
    let status = folder.run(&["status", "--ledger", "l"], &sandbox.base_url, "");
    assert!(status.json()["is_running"] == true && status.stderr.contains("a run is under way"), "{status:?}");
    drop(progress);
    let run = finish(child);
    let outcomes = outcomes(&run.stdout);
    assert_eq!((run.code, outcomes.len()), (NOT_SENT, 500), "{run:?}");
    let created = outcomes.iter().filter(|outcome| *outcome == "created").count();
    assert!(created < 100 && sandbox.count("createIntegration") == created, "{created}");
}

#[test]
fn nothing_is_sent_when_nobody_reads_the_first_line() {
    let (sandbox, folder) = (Running::start(&["--no-limits"]), Folder::new("nobody"));
    let arguments = ["apply", "-", "--ledger", "l", "--progress", "json"];
    let mut child = folder.command(&arguments, &sandbox.base_url).stdin(Stdio::piped()).spawn().expect("it starts");
    drop(child.stderr.take());
    child.stdin.take().expect("stdin").write_all(rows(["a".to_owned()]).as_bytes()).expect("read");
    let run = finish(child);
    assert_eq!((run.code, outcomes(&run.stdout)), (NOT_SENT, vec!["pending".to_owned()]));
    assert_eq!(sandbox.count("createIntegration"), 0);
}

#[cfg(unix)]
#[test]
fn run_reports_that_a_signal_stopped_it() {
    let (sandbox, folder) = (Running::start(&[]), Folder::new("stopped"));
    let (child, mut progress) = start_a_long_run(&folder, &sandbox);
    let kill = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(kill.success());
    // Both at once: neither pipe has room for everything.
    let reader = std::thread::spawn(move || {
        let mut rest = String::new();
        progress.read_to_string(&mut rest).map(|_| rest)
    });
    let run = finish(child);
    let run = Run { stderr: reader.join().expect("no panic").expect("lines"), ..run };
    let error = error(&run);
    assert_eq!((run.code, &error["code"], &error["stopped"]), (NOT_SENT, &json!("stopped"), &json!("cancelled")));
    assert_eq!(outcomes(&run.stdout).len(), 500);
}
