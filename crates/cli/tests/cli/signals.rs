//! Two signals: the first stops a command cleanly, the second ends it at once.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ocamba_hood::providers;
use serde_json::{Map, Value, json};

use crate::support::{Running, any_request, file, finish, folder, run};

const OUTCOME_UNKNOWN: i32 = 4;
const NOT_SENT: i32 = 5;
/// Time after which the process has ended: less than what it would otherwise wait for, and enough for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(8);
/// Time after which a slow create takes effect.
const LATE: Duration = Duration::from_secs(12);

fn signal(child: &Child, name: &str) {
    let killed = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(killed.expect("kill").success());
}

/// Asserts that a process still runs after a while: one in which a second signal is no longer the first one, sent twice.
fn still_runs(child: &mut Child) {
    sleep(Duration::from_secs(1));
    assert_eq!(child.try_wait().expect("a state"), None);
}

/// Sends a second signal, and returns the exit code.
fn ends_at_once(child: &mut Child, name: &str) -> Option<i32> {
    let sent = Instant::now();
    signal(child, name);
    while sent.elapsed() < AT_ONCE {
        if let Some(status) = child.try_wait().expect("a state") {
            return status.code();
        }
        sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    panic!("it did not end");
}

/// A sandbox with a fault for the first requests of an operation.
fn sandbox(test: &str, operation: &str, times: u32, fault: Value) -> Running {
    let faults = json!({"faults": [{"operation": operation, "times": times, "fault": fault}]}).to_string();
    Running::start(&["--no-limits", "--faults", &file(&format!("signals-{test}.json"), faults.as_bytes())])
}

/// Waits until this many requests of an operation have arrived.
fn arrived(sandbox: &Running, operation: &str, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while sandbox.count(operation) < count {
        assert!(Instant::now() < deadline, "{operation} does not arrive");
        sleep(Duration::from_millis(10));
    }
}

/// Returns a command that applies ten rows.
fn apply(sandbox: &Running, test: &str) -> Command {
    let folder = folder(&format!("signals-{test}"));
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    let row = |number| json!({"name": format!("r{number}"), "provider_id": providers()[0].id, "settings": settings});
    let rows: String = (0..10).map(|number| format!("{}\n", row(number))).collect();
    std::fs::write(folder.join("rows.jsonl"), rows).expect("written");
    let options = ["--in-flight", "4", "--reconcile-timeout", "0.2", "--output", "json"];
    let mut command = sandbox.ocamba(&[&["fleet", "apply", "rows.jsonl"], options.as_slice()].concat());
    command.current_dir(folder);
    command
}

#[test]
fn second_signal_ends_a_fleet_and_the_next_run_searches() {
    for (first, second) in [("-INT", "-INT"), ("-TERM", "-INT")] {
        let delay = json!({"delay": {"ms": LATE.as_millis() as u64, "at": "read"}});
        let sandbox = sandbox("second", "createIntegration", 4, delay);
        let mut command = apply(&sandbox, "second");
        let mut child = command.spawn().expect("it starts");
        arrived(&sandbox, "createIntegration", 4);
        let started = Instant::now();
        // As `timeout` does: it signals its child, and then the group of both. One shell sends both at once.
        let kill = format!("kill {first} {}", child.id());
        assert!(Command::new("sh").args(["-c", &format!("{kill}; {kill}")]).status().expect("sh").success());
        let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
        let mut note = String::new();
        stderr.read_line(&mut note).expect("a note");
        assert!(note.contains("no more requests") && note.contains("a second signal ends this at once"), "{note}");
        still_runs(&mut child);
        assert_eq!(ends_at_once(&mut child, second), Some(OUTCOME_UNKNOWN));
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).expect("text");
        let error: Value = serde_json::from_str(rest.trim()).expect("a line of JSON");
        assert_eq!(
            (&error["error"]["code"], &error["error"]["outcome"]),
            (&json!("outcome_unknown"), &json!("unknown"))
        );
        assert!(error["error"]["hint"].as_str().is_some_and(|hint| hint.contains("apply again")), "{error}");

        sleep(LATE.saturating_sub(started.elapsed()));
        assert_eq!(sandbox.count("createIntegration"), 4, "nothing was sent after the first signal");
        let report = run(&mut command).json();
        let outcomes: Vec<_> = report.as_array().expect("a list").iter().map(|row| &row["outcome"]).collect();
        assert_eq!(outcomes, ["created"; 10]);
        assert_eq!(sandbox.count("createIntegration"), 10);
    }
}

#[test]
fn first_signal_ends_a_fleet_that_only_reads() {
    let sandbox = sandbox("reads", "listIntegrations", 4, json!({"hang": {"at": "read"}}));
    let child = apply(&sandbox, "reads").spawn().expect("it starts");
    arrived(&sandbox, "listIntegrations", 1);
    let started = Instant::now();
    signal(&child, "-INT");
    let run = finish(child);
    assert!(run.code == NOT_SENT && started.elapsed() < AT_ONCE, "{run:?} in {:?}", started.elapsed());
    assert!(run.stdout.matches("pending").count() == 10 && run.stderr.contains("cancelled"), "{run:?}");
}

/// Returns an end of a pipe whose reader does not read.
fn blocked() -> (UnixStream, Stdio) {
    let (reader, mut writer) = UnixStream::pair().expect("a pair");
    writer.set_nonblocking(true).expect("set");
    while writer.write(&[b'x'; 1024]).is_ok() {}
    writer.set_nonblocking(false).expect("set");
    (reader, Stdio::from(OwnedFd::from(writer)))
}

#[test]
fn second_signal_ends_a_change_whatever_blocks_it() {
    let hangs = |test: &str, operation| sandbox(test, operation, 4, json!({"hang": {"at": "read"}}));
    let request = file("signals-request.json", any_request().to_string().as_bytes());
    let changes = file("signals-changes.json", br#"{"name": "other"}"#);
    for (command, operation) in [
        (["create", &request].as_slice(), "createIntegration"),
        (&["ensure", &request], "createIntegration"),
        (&["update", "1165", &changes], "updateIntegration"),
    ] {
        let sandbox = hangs(command[0], operation);
        let (_reader, stderr) = blocked();
        let mut command = sandbox.ocamba(&[&["integrations"], command].concat());
        let mut child = command.stderr(stderr).spawn().expect("it starts");
        arrived(&sandbox, operation, 1);
        signal(&child, "-INT");
        // It cannot say that it was interrupted.
        still_runs(&mut child);
        assert_eq!(ends_at_once(&mut child, "-INT"), Some(OUTCOME_UNKNOWN));
    }
    let sandbox = hangs("probe", "createIntegration");
    let mut probe = sandbox.ocamba(&["probe", "--write", "--yes"]);
    let child = probe.env("OCAMBA_RATE_LIMIT_TIER", "1000/2000").spawn().expect("it starts");
    arrived(&sandbox, "createIntegration", 1);
    signal(&child, "-INT");
    finish(child).assert_fails(OUTCOME_UNKNOWN, &["may have been created", "Ocamba Probe"]);
}

#[test]
fn signal_to_a_probe_that_watches_what_it_created_reports_the_id() {
    // It never sees it in a list.
    let sandbox = sandbox("watches", "listIntegrations", 1_000, json!({"change": {"set": {"/items": []}}}));
    let mut probe = sandbox.ocamba(&["probe", "--write", "--yes"]);
    let child = probe.env("OCAMBA_RATE_LIMIT_TIER", "1000/2000").spawn().expect("it starts");
    arrived(&sandbox, "createIntegration", 1);
    arrived(&sandbox, "listIntegrations", sandbox.count("listIntegrations") + 1);
    signal(&child, "-INT");
    let id = sandbox.get("/_sandbox/integrations")[0]["id"].to_string().replace('"', "");
    finish(child).assert_fails(1, &[&format!("the integration was created; its ID is {id}")]);
}

#[test]
fn second_signal_ends_a_change_whose_result_nobody_reads() {
    let sandbox = Running::start(&["--no-limits"]);
    let (_reader, stdout) = blocked();
    let request = file("signals-unread.json", any_request().to_string().as_bytes());
    let mut command = sandbox.ocamba(&["integrations", "create", &request]);
    let mut child = command.stdout(stdout).spawn().expect("it starts");
    arrived(&sandbox, "createIntegration", 1);
    still_runs(&mut child);
    signal(&child, "-INT");
    still_runs(&mut child);
    assert_eq!(ends_at_once(&mut child, "-INT"), Some(OUTCOME_UNKNOWN));
}
