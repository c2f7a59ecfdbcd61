//! Runs and calls that create the same integrations at once.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use ocamba_fleet::{Fleet, Ledger, Progress, RowOutcome, RowReader};
use ocamba_hood::{Client, Operation, RateLimit, providers};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

const ROWS: usize = 200;

/// Returns a client that shares the locks of a folder, which stands for a machine.
fn client(sandbox: &Sandbox, machine: &std::path::Path) -> Client {
    let limit = RateLimit::shared_in(machine).tier(ocamba_hood::Tier { burst: 10_000, steady: 100_000 });
    let builder = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(limit);
    builder.timeout(Duration::from_secs(20)).build().expect("a client")
}

async fn sandbox(faults: Value) -> Sandbox {
    let faults = json!({"seed": 7, "faults": faults}).to_string().parse().expect("faults");
    Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox")
}

fn request(index: usize) -> String {
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    json!({"name": format!("row-{index}"), "provider_id": providers()[0].id, "settings": settings}).to_string()
}

fn fleet() -> Fleet {
    RowReader::from_requests((0..ROWS).map(request), "rows").check().expect("valid rows")
}

/// Asserts that each row's integration exists once.
fn assert_once(sandbox: &Sandbox) {
    let mut names: Vec<_> = sandbox.integrations().into_iter().map(|integration| integration.name).collect();
    names.sort();
    names.dedup();
    assert_eq!((names.len(), sandbox.integrations().len()), (ROWS, ROWS));
}

fn lists(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.operation.as_deref() == Some("listIntegrations")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_of_the_same_rows_create_each_once() {
    let (sandbox, folder) = (sandbox(json!([])).await, tempfile::tempdir().expect("a folder"));
    let (client, fleet) = (client(&sandbox, folder.path()), fleet());
    let ledgers = [0, 1].map(|_| Ledger::in_memory().expect("a ledger"));
    let reports = join_all(ledgers.iter().map(|ledger| fleet.apply(&client, ledger).run())).await;
    let reports: Vec<_> = reports.into_iter().map(|report| report.expect("applied")).collect();
    assert_once(&sandbox);
    let count = |outcome| reports.iter().map(|report| report.count(outcome)).sum::<usize>();
    assert_eq!((count(RowOutcome::Created), count(RowOutcome::Adopted)), (ROWS, ROWS), "{:?}", reports[0].summary());
    // Rows that another run has created are looked up together.
    assert!(lists(&sandbox) < 20, "{} lists", lists(&sandbox));
}

#[tokio::test(flavor = "multi_thread")]
async fn run_adopts_what_ensure_creates_meanwhile() {
    let (sandbox, folder) = (sandbox(json!([])).await, tempfile::tempdir().expect("a folder"));
    let (one, other) = (client(&sandbox, folder.path()), client(&sandbox, folder.path()));
    let (fleet, ledger) = (fleet(), Ledger::in_memory().expect("a ledger"));
    let ensures = join_all((0..ROWS).step_by(4).map(|index| {
        let operation = Operation::from_json("ensure", None, &request(index), false).expect("a request");
        other.call(operation).with_response()
    }));
    let (report, ensured) = tokio::join!(fleet.apply(&one, &ledger).run(), ensures);
    let report = report.expect("applied");
    assert!(ensured.iter().all(Result::is_ok) && report.is_complete(), "{}", report.summary());
    assert_once(&sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn run_waits_for_a_create_of_another_process_whose_outcome_is_unknown() {
    let late = json!([{"name": "row-0", "times": 1, "fault": {"delay": {"ms": 5_000}}}]);
    let (sandbox, folder) = (sandbox(late).await, tempfile::tempdir().expect("a folder"));
    let (one, other) = (client(&sandbox, folder.path()), client(&sandbox, folder.path()));
    let (fleet, ledger) = (fleet(), Ledger::in_memory().expect("a ledger"));
    let create = || {
        let operation = Operation::from_json("create", None, &request(0), false).expect("a request");
        other.call(operation).timeout(Duration::from_secs(2)).with_response()
    };
    assert!(create().await.is_err());
    let started = Instant::now();
    let report = fleet.apply(&one, &ledger).reconcile_timeout(Duration::from_secs(7)).run().await.expect("applied");
    assert_once(&sandbox);
    assert_eq!(report.summary(), format!("{} created, 1 adopted", ROWS - 1), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn row_that_waits_for_another_call_is_pending_when_the_run_is_cancelled() {
    let late = json!([{"name": "row-0", "times": 1, "fault": {"delay": {"ms": 60_000}}}]);
    let (sandbox, folder) = (sandbox(late).await, tempfile::tempdir().expect("a folder"));
    let client = client(&sandbox, folder.path());
    let (fleet, ledger) = (fleet(), Ledger::in_memory().expect("a ledger"));
    let create = Operation::from_json("create", None, &request(0), false).expect("a request");
    client.call(create).timeout(Duration::from_secs(2)).with_response().await.expect_err("timed out");
    let cancel = CancellationToken::new();
    let cancel_before_the_last = |progress: &Progress| {
        if progress.done + 1 == ROWS {
            cancel.cancel();
        }
    };
    let report = fleet.apply(&client, &ledger).cancel(&cancel).on_progress(cancel_before_the_last).run().await;
    assert_eq!(report.expect("a report").summary(), format!("{} created, 1 pending", ROWS - 1));
}
