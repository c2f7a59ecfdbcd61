//! `ocamba probe`, against sandboxes that play other answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use ocamba_sandbox::unknowns;
use serde_json::{Value, json};

#[cfg(target_os = "linux")]
use crate::support::run_on_terminal;
use crate::support::{CANARY, Run, Running, examples, file, run};

/// Limits that a probe does not wait for.
const LIMITS: [&str; 4] = ["--burst", "1000", "--steady", "2000"];

/// The account's id in the sandbox.
const COMPANY: &str = "6197120";
/// Number of integrations: more than a page has.
const ROWS: usize = 105;

/// Writes a sheet of more integrations than a page has, of two providers, with the canary in all that is the user's.
fn sheet(name: &str) -> String {
    let examples = examples();
    let row = |n: usize| {
        let mut request = examples[n % 2].with_canary();
        request["name"] = json!(format!("{CANARY} Name {n}"));
        format!("{request}\n")
    };
    let rows: String = (0..ROWS).map(row).collect();
    file(name, rows.as_bytes())
}

/// Probes a sandbox with these options. The report must hide all that is the user's.
fn probe(sheet: &str, sandbox: &[&str], options: &[&str]) -> Value {
    let sandbox = Running::start(&[&["--token", CANARY, "--seed", sheet], &LIMITS[..], sandbox].concat());
    let run = with_limits(&sandbox, options);
    let report = run.json();
    let integrations = sandbox.get("/_sandbox/integrations");
    let all = || integrations.as_array().expect("integrations").iter();
    let ids = all().map(|it| it["id"].to_string().replace('"', ""));
    for private in ids.chain([CANARY, COMPANY, "Name", "Ocamba Probe"].map(str::to_owned)) {
        assert!(!run.stdout.contains(&private) && !run.stderr.contains(&private), "{private} in {run:?}");
    }
    assert_eq!(all().count(), ROWS + usize::from(options.contains(&"--write")), "{options:?}");
    report
}

fn with_limits(sandbox: &Running, options: &[&str]) -> Run {
    run(sandbox.ocamba(&["probe"]).args(options).env("OCAMBA_RATE_LIMIT_TIER", "1000/2000"))
}

/// Returns the ids of the unknowns with this verdict.
fn with(report: &Value, verdict: &str) -> Vec<String> {
    let answers = report["answers"].as_object().expect("answers");
    answers.iter().filter(|(_, it)| it["verdict"] == verdict).map(|(id, _)| id.clone()).collect()
}

#[test]
fn each_other_answer_is_reported_and_nothing_else() {
    let sheet = sheet("probe-answers.jsonl");
    let mut cases = vec![(None, vec!["--write", "--yes"])];
    let unknowns = unknowns();
    for unknown in &unknowns {
        let other = unknown.answers.iter().rev().map(|(answer, _)| answer).find(|it| **it != unknown.assumed);
        let write = if unknown.ask.as_deref() == Some("write") { vec!["--write", "--yes"] } else { vec![] };
        if let (Some(other), Some(_)) = (other, &unknown.ask) {
            cases.push((Some((unknown.id.clone(), other.clone())), write));
        }
    }
    assert_eq!(cases.len() - 1, unknowns.iter().filter(|it| it.ask.is_some()).count(), "{cases:?}");
    let next = AtomicUsize::new(0);
    let probe_next = || {
        while let Some((assumed, options)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let flag = assumed.as_ref().map(|(id, answer)| format!("{id}={answer}"));
            let sandbox: Vec<_> = flag.iter().flat_map(|flag| ["--assume", flag]).collect();
            let report = probe(&sheet, &sandbox, options);
            let expected: Vec<_> = assumed.iter().map(|(id, _)| id.clone()).collect();
            assert_eq!(with(&report, "differs"), expected, "{flag:?} {report:#}");
            if let Some((id, answer)) = assumed {
                assert_eq!(report["answers"][id]["found"], json!([answer]), "{report:#}");
            } else {
                assert_eq!(with(&report, "open"), [""; 0], "{report:#}");
                assert_eq!(report["differences"], json!([]), "{report:#}");
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(probe_next))));
}

#[test]
fn probe_changes_nothing_unless_it_is_confirmed() {
    let sandbox = Running::start(&[&["--token", CANARY], &LIMITS[..]].concat());
    let read = with_limits(&sandbox, &[]).json();
    assert_eq!(read["wrote"], false);
    assert_eq!(with(&read, "differs"), [""; 0], "{read:#}");
    // Nobody can answer the question.
    with_limits(&sandbox, &["--write"]).assert_fails(5, &["--write needs a terminal", "nothing was sent"]);
    let names = || -> Vec<String> {
        let all = sandbox.get("/_sandbox/integrations");
        let names = all.as_array().expect("integrations").iter().map(|it| it["name"].as_str().expect("a name"));
        names.map(|name| name.trim().to_owned()).collect()
    };
    assert_eq!(names(), [""; 0]);
    with_limits(&sandbox, &["--write", "--yes"]).json();
    let created = names();
    assert!(created.len() == 1 && created[0].starts_with("Ocamba Probe"), "{created:?}");
    #[cfg(target_os = "linux")]
    for (typed, code, count) in [("n\n", 5, 1), ("\n", 5, 1), ("y\n", 0, 2)] {
        let mut probe = sandbox.ocamba(&["probe", "--write"]);
        let (ended, shown) = run_on_terminal(probe.env("OCAMBA_RATE_LIMIT_TIER", "1000/2000"), typed);
        assert_eq!((ended, names().len()), (code, count), "{shown}");
        let question = "? It cannot be deleted through the API. [y/N]";
        assert!(shown.contains(question) && shown.contains("nothing was sent") == (code == 5), "{shown}");
    }
}

/// What `cargo xtask learn` is tested with, too.
const DIFFERENCES: &str = include_str!("../../../../tests/probe/differences.json");

#[test]
fn differences_from_the_document_are_in_the_report() {
    let expected: Vec<Value> = serde_json::from_str(DIFFERENCES).expect("JSON");
    let of_kind = |kind: &str| expected.iter().filter(|it| it["kind"] == kind).collect::<Vec<_>>();
    let mut described = json!({ "/items/0/made_up_region": "eu" });
    for provider in of_kind("provider") {
        let fields = ["type", "settings"].map(|name| (name.to_owned(), provider[name].clone()));
        let mut item = Value::Object(fields.into_iter().collect());
        (item["id"], item["name"]) = (provider["provider_id"].clone(), provider["title"].clone());
        described["/items/-"] = item;
    }
    let mut faults = vec![json!({ "operation": "listIntegrations", "fault": { "change": { "set": {
        "/items/0/made_up_labels": [CANARY], "/items/0/made_up_key": CANARY, "/items/0/status": "made_up", "/items/0/is_default": "no" } } } })];
    let known = ocamba_hood::providers();
    for (place, setting) in of_kind("setting").into_iter().enumerate() {
        assert_eq!(setting["provider_id"], known[0].id);
        let described_as = ["name", "type", "required"].map(|name| (name.to_owned(), setting[name].clone()));
        let place = format!("/items/0/settings/{}", known[0].settings.len() + place);
        described[place] = Value::Object(described_as.into_iter().collect());
    }
    for setting in of_kind("setting_missing") {
        assert_eq!(setting["provider_id"], known[1].id);
        let others = known[1].settings.iter().filter(|it| setting["name"] != it.name);
        described["/items/1/settings"] = others.map(|it| json!({ "name": it.name, "required": it.required })).collect();
    }
    faults.push(json!({ "operation": "listProviders",
        "fault": { "change": { "set": described, "headers": { "X-Made-Up": "eu" } } } }));
    let faults = file("probe-faults.json", json!({ "faults": faults }).to_string().as_bytes());
    let report = probe(&sheet("probe-differences.jsonl"), &["--faults", &faults], &[]);
    let found = report["differences"].as_array().expect("differences");
    for difference in &expected {
        assert!(found.contains(difference), "{difference} is missing in {report:#}");
    }
    assert_eq!(found.len(), expected.len(), "{report:#}");
}

#[test]
fn report_is_shown_and_then_written() {
    let sandbox = Running::start(&[&["--token", CANARY], &LIMITS[..]].concat());
    let path = file("probe-report.json", b"");
    let foreign = file("probe-foreign.json", b"{}");
    for wrong in [foreign.as_str(), "no-such-folder/r.json", env!("CARGO_TARGET_TMPDIR")] {
        let refused = with_limits(&sandbox, &["--write", "--yes", "--report", wrong]);
        refused.assert_fails(2, &["the report cannot be written", "nothing was sent"]);
    }
    assert_eq!(sandbox.get("/_sandbox/journal"), json!([]));
    let run = with_limits(&sandbox, &["--report", &path, "--output", "table"]);
    let written = std::fs::read_to_string(&path).expect("a report");
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.stderr.contains(&written) && run.stdout.contains("rate_headers"), "{run:?}");
    assert!(run.stdout.contains(" confirmed, ") && !run.stdout.contains("breaks"), "{run:?}");
    let other = Running::start(&[&["--token", CANARY, "--assume", "rate_headers=none"], &LIMITS[..]].concat());
    let run = with_limits(&other, &["--output", "table"]);
    assert!(
        run.stdout.contains("1 differs") && run.stdout.contains("breaks where it differs:\n  rate_headers: "),
        "{run:?}"
    );
    assert!(run.stderr.contains("--report FILE"), "{run:?}");
    let other = Running::start(&["--token", "other"]);
    with_limits(&other, &[]).assert_fails(1, &["got a 401", "ocamba doctor"]);
}
