//! `ocamba fleet apply` beside other processes that create the same integrations.
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Child;

use ocamba_hood::providers;
use serde_json::{Map, Value, json};

use crate::redis::Redis;
use crate::support::{Running, finish, folder};

const ROWS: usize = 200;

fn row(index: usize) -> Value {
    let settings: Map<_, _> = providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    json!({"name": format!("row-{index}"), "provider_id": providers()[0].id, "settings": settings})
}

/// Begins to apply the sheet of a folder, with a ledger and a home of its own.
fn apply(sandbox: &Sandbox, folder: &Path, [ledger, home]: [&str; 2], rate_limit: &str) -> Child {
    let mut command = sandbox.0.ocamba(&["fleet", "apply", "sheet.jsonl", "--ledger", ledger, "--output", "json"]);
    command.args(["--reconcile-timeout", "1"]);
    for name in ["HOME", "XDG_CACHE_HOME", "OCAMBA_RATE_LIMIT_DIR"] {
        command.env(name, folder.join(home));
    }
    command.envs([("OCAMBA_RATE_LIMIT", rate_limit), ("OCAMBA_RATE_LIMIT_TIER", "10000/100000")]);
    command.current_dir(folder).spawn().expect("the binary starts")
}

struct Sandbox(Running);

impl Sandbox {
    /// Asserts that each row exists once, and that each run counts those of the others as adopted.
    fn assert_once(&self, runs: Vec<Child>, created_elsewhere: usize) {
        let reports: Vec<Value> = runs.into_iter().map(|child| finish(child).json()).collect();
        let all = reports.iter().flat_map(|report| report.as_array().expect("a list"));
        let all: Vec<_> = all.map(|row| row["outcome"].as_str().expect("an outcome")).collect();
        let created = all.iter().filter(|outcome| **outcome == "created").count();
        let adopted = all.iter().filter(|outcome| **outcome == "adopted").count();
        assert_eq!((created + created_elsewhere, created + adopted), (ROWS, ROWS * reports.len()));
        let names = self.0.run(&["integrations", "list", "--output", "json"]).json();
        let names: Vec<_> = names.as_array().expect("a list").iter().map(|it| it["name"].to_string()).collect();
        assert_eq!((names.len(), names.iter().collect::<BTreeSet<_>>().len()), (ROWS, ROWS));
    }
}

fn sheet(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("fleet-together-{name}"));
    let rows: String = (0..ROWS).map(|index| format!("{}\n", row(index))).collect();
    std::fs::write(folder.join("sheet.jsonl"), rows).expect("written");
    folder
}

#[test]
fn two_runs_on_one_machine_create_each_row_once() {
    let (sandbox, folder) = (Sandbox(Running::start(&["--no-limits"])), sheet("machine"));
    let runs = ["one", "two"].map(|ledger| apply(&sandbox, &folder, [ledger, "home"], "memory"));
    sandbox.assert_once(runs.into(), 0);
}

#[test]
fn two_runs_on_two_machines_with_redis_create_each_row_once() {
    let (sandbox, folder, redis) = (Sandbox(Running::start(&["--no-limits"])), sheet("redis"), Redis::start("fleet"));
    let runs = ["one", "two"].map(|home| apply(&sandbox, &folder, [home, home], &redis.url));
    sandbox.assert_once(runs.into(), 0);
}
