//! Runs against the sandbox: creates, adopts, updates, faults, resuming, stale plans.

use std::time::Duration;

use ocamba_fleet::{Action, Cancel, Error, Fleet, Ledger, RowOutcome, RowReader, SavedPlan};
use ocamba_hood::{Client, ClientBuilder, RateLimit, providers};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};

const RECONCILE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Returns a client with the default timeout, which a busy machine does not reach.
fn client(sandbox: &Sandbox) -> Client {
    builder(sandbox).build().expect("a client")
}

fn builder(sandbox: &Sandbox) -> ClientBuilder {
    Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::off())
}

async fn sandbox(faults: Value) -> Sandbox {
    let faults = json!({"seed": 7, "faults": faults}).to_string().parse().expect("faults");
    Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox")
}

/// Returns a valid request of the first provider.
fn request(name: &str, value: &str) -> String {
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!(value))).collect();
    json!({"name": name, "provider_id": providers()[0].id, "settings": settings, "status": "active"}).to_string()
}

fn fleet(count: usize, value: &str) -> Fleet {
    let rows = (0..count).map(|index| request(&format!("row-{index}"), value));
    RowReader::from_requests(rows, "rows").check().expect("valid rows")
}

/// Returns the number of creates that took effect.
fn created(sandbox: &Sandbox) -> usize {
    let is_create = |e: &&ocamba_sandbox::Entry| e.operation.as_deref() == Some("createIntegration") && e.committed;
    sandbox.journal().iter().filter(is_create).count()
}

#[tokio::test]
async fn rows_are_created_once_and_unchanged_when_applied_again() {
    let sandbox = sandbox(json!([])).await;
    let client = client(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let fleet_of_30 = fleet(30, "canary");
    let mut reported = 0;
    {
        let ledger = Ledger::open(&path).expect("a ledger");
        let run = fleet_of_30.apply(&client, &ledger).on_progress(|progress| reported = progress.done);
        let report = run.run().await.expect("applied");
        assert_eq!(report.summary(), "30 created");
    }
    assert_eq!((reported, created(&sandbox)), (30, 30));
    {
        let ledger = Ledger::open(&path).expect("a ledger");
        let report = fleet_of_30.apply(&client, &ledger).run().await.expect("applied");
        assert_eq!((report.summary().as_str(), created(&sandbox)), ("30 unchanged", 30));
        assert!(report.rows.iter().all(|row| row.id.is_some()));
    }
    let files = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|file| std::fs::read(file.path()));
    assert!(!String::from_utf8_lossy(&files.flatten().collect::<Vec<_>>().concat()).contains("canary"));
    // With another ledger, integrations are adopted, and changed rows are updated.
    let ledger = Ledger::in_memory().expect("a ledger");
    let report = fleet(31, "y").apply(&client, &ledger).run().await.expect("applied");
    assert_eq!((report.summary().as_str(), created(&sandbox)), ("1 created, 30 updated", 31));
    let plan = fleet(31, "y").plan(&client, None).await.expect("a plan");
    assert_eq!(plan.count(Action::Adopt), 31);
}

#[tokio::test]
async fn longest_reconcile_timeout_is_waited_for() {
    let sandbox = sandbox(json!([{ "operation": "createIntegration", "fault": { "close": { "at": "read" } } }])).await;
    let (client, fleet, ledger) = (client(&sandbox), fleet(1, "x"), Ledger::in_memory().expect("a ledger"));
    let run = fleet.apply(&client, &ledger).reconcile_timeout(Duration::MAX).run();
    tokio::time::timeout(Duration::from_millis(500), run).await.expect_err("the run waits");
}

#[tokio::test]
async fn plan_shows_changes_and_hides_secrets() {
    let sandbox = sandbox(json!([])).await;
    let client = client(&sandbox);
    let ledger = Ledger::in_memory().expect("a ledger");
    fleet(2, "plain-old").apply(&client, &ledger).run().await.expect("applied");
    let fleet = fleet(3, "plain-new");
    let plan = fleet.plan(&client, Some(&ledger)).await.expect("a plan");
    assert_eq!((plan.count(Action::Update), plan.count(Action::Create)), (2, 1));
    let shown = plan.to_string();
    let secrets = providers()[0].settings.iter().filter(|s| s.secret).count();
    let plain = providers()[0].settings.len() - secrets;
    assert_eq!(shown.matches("changes (secret)").count(), 2 * secrets);
    assert_eq!(shown.matches("\"plain-old\" -> \"plain-new\"").count(), 2 * plain);
}

#[tokio::test]
async fn saved_plan_is_refused_when_the_account_or_the_input_changed() {
    let sandbox = sandbox(json!([])).await;
    let client = client(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plan.json");
    let fleet_of_3 = fleet(3, "canary");
    let plan = fleet_of_3.plan(&client, None).await.expect("a plan");
    SavedPlan::new(&fleet_of_3, &plan, &client).expect("a plan").write(&path).expect("written");
    assert!(SavedPlan::is_at(&path) && !std::fs::read_to_string(&path).expect("read").contains("canary"));
    let saved = SavedPlan::read(&path).expect("a plan");

    let ledger = Ledger::in_memory().expect("a ledger");
    let changed = fleet(3, "canary-2");
    let error = changed.apply(&client, &ledger).as_planned(&saved).run().await.expect_err("stale");
    assert!(matches!(&error, Error::Stale(why) if why.contains("rows has changed")), "{error}");
    let other = Ledger::in_memory().expect("a ledger");
    fleet(1, "canary").apply(&client, &other).run().await.expect("applied");
    let error = fleet_of_3.apply(&client, &ledger).as_planned(&saved).run().await.expect_err("stale");
    assert!(matches!(&error, Error::Stale(why) if why.contains("create became adopt")), "{error}");
    assert_eq!(created(&sandbox), 1);

    let plan = fleet_of_3.plan(&client, Some(&ledger)).await.expect("a plan");
    let saved = SavedPlan::new(&fleet_of_3, &plan, &client).expect("a plan");
    let ledger_path = folder.path().join("ledger");
    for summary in ["2 created, 1 adopted", "3 unchanged"] {
        let ledger = Ledger::open(&ledger_path).expect("a ledger");
        let report = fleet_of_3.apply(&client, &ledger).as_planned(&saved).run().await.expect("holds");
        assert_eq!(report.summary(), summary);
    }
}

#[tokio::test]
async fn faults_cause_no_duplicates_and_no_loss() {
    let create = |times: usize, fault: Value| json!({"operation": "createIntegration", "times": times, "fault": fault});
    let sandbox = sandbox(json!([
        {"operation": "createIntegration", "name": "row-7", "fault": {"answer": {"status": 400}}},
        {"operation": "listIntegrations", "times": 2, "fault": {"answer": {"status": 500}}},
        {"operation": "listIntegrations", "times": 2, "fault": {"close": {"at": "arrival"}}},
        create(5, json!({"answer": {"status": 500, "at": "commit"}})),
        create(5, json!({"answer": {"status": 500}})),
        create(5, json!({"close": {"at": "commit"}})),
        create(5, json!({"close": {"at": "arrival"}})),
        create(5, json!({"answer": {"status": 201, "at": "commit", "body": {"text": "{"}}})),
    ]))
    .await;
    let client = client(&sandbox);
    let ledger = Ledger::in_memory().expect("a ledger");
    let report =
        fleet(100, "x").apply(&client, &ledger).reconcile_timeout(RECONCILE_TIMEOUT).run().await.expect("applied");
    assert_eq!(report.summary(), "99 created, 1 failed", "{:?}", report.rows.iter().find(|r| !r.outcome.is_done()));
    assert_eq!(sandbox.integrations().len(), 99);
    let failed = report.rows.iter().find(|row| row.outcome == RowOutcome::Failed).expect("one failed");
    assert_eq!((failed.name.as_str(), failed.code.as_deref()), ("row-7", Some("bad_request")));
    assert!(report.rows.iter().filter(|row| row.outcome == RowOutcome::Created).all(|row| row.id.is_some()));
}

/// A few rows, since the timeout must be long enough for a busy machine to send them.
#[tokio::test]
async fn rows_that_take_effect_after_their_timeout_are_created_once() {
    let timeout = Duration::from_secs(2);
    let delay = json!({"delay": {"ms": 2_500, "at": "read"}});
    let sandbox = sandbox(json!([{"operation": "createIntegration", "times": 2, "fault": delay}])).await;
    let client = builder(&sandbox).timeout(timeout).build().expect("a client");
    let (fleet, ledger) = (fleet(3, "x"), Ledger::in_memory().expect("a ledger"));
    let report = fleet.apply(&client, &ledger).reconcile_timeout(2 * timeout).run().await.expect("applied");
    assert_eq!((report.summary().as_str(), created(&sandbox)), ("3 created", 3));
}

/// Time after which delayed creates take effect.
const LATE: Duration = Duration::from_secs(4);

/// Waits until the sandbox has read this many creates.
async fn arrived(sandbox: &Sandbox, count: usize) {
    let is_create = |e: &&ocamba_sandbox::Entry| e.operation.as_deref() == Some("createIntegration");
    while sandbox.journal().iter().filter(is_create).filter(|entry| entry.name.is_some()).count() < count {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn rows_in_doubt_are_looked_for_before_they_are_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    // The first run ends with all of its creates in flight; half of them take effect later.
    let sandbox = sandbox(json!([
        {"operation": "createIntegration", "times": 4, "fault": {"delay": {"ms": LATE.as_millis() as u64, "at": "read"}}},
        {"operation": "createIntegration", "times": 4, "fault": {"hang": {"at": "read"}}},
    ]))
    .await;
    let client = client(&sandbox);
    let rows = fleet(8, "x");
    {
        let ledger = Ledger::open(&path).expect("a ledger");
        tokio::select! {
            report = rows.apply(&client, &ledger).run() => panic!("the run ended: {report:?}"),
            () = arrived(&sandbox, 8) => {}
        }
    }
    let ledger = Ledger::open(&path).expect("free");
    let plan = rows.plan(&client, Some(&ledger)).await.expect("a plan");
    assert_eq!(plan.steps.iter().filter(|step| step.in_doubt).count(), 8);
    let report = rows.apply(&client, &ledger).reconcile_timeout(2 * LATE).run().await.expect("applied");
    // Otherwise the late creates would now be duplicates.
    tokio::time::sleep(LATE).await;
    assert_eq!((report.summary().as_str(), created(&sandbox)), ("8 created", 8));
}

#[tokio::test]
async fn cancelled_run_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let sandbox = sandbox(json!([])).await;
    let client = client(&sandbox);
    let rows = fleet(60, "x");
    let cancel = Cancel::default();
    let unknown = {
        let ledger = Ledger::open(&path).expect("a ledger");
        let stop = cancel.clone();
        let run = rows.apply(&client, &ledger).in_flight(4).cancel(&cancel).on_progress(move |progress| {
            if progress.done == 20 {
                stop.cancel();
            }
        });
        let report = run.run().await.expect("stopped");
        assert_eq!(report.stopped.as_deref(), Some("cancelled"));
        drop(ledger);
        // What was withdrawn has not failed.
        let known = Ledger::open(&path).expect("a ledger").rows();
        assert!(known.iter().any(|row| row.state == "pending") && known.iter().all(|row| row.state != "failed"));
        assert!(
            report.count(RowOutcome::Pending) > 30 && report.count(RowOutcome::Created) >= 20,
            "{}",
            report.summary()
        );
        // A request that was cancelled while it was sent may not have arrived.
        let known = report.count(RowOutcome::Created);
        assert!((known..=known + report.count(RowOutcome::Unknown)).contains(&created(&sandbox)));
        report.count(RowOutcome::Unknown)
    };
    let ledger = Ledger::open(&path).expect("free");
    let plan = rows.plan(&client, Some(&ledger)).await.expect("a plan");
    let in_doubt = plan.steps.iter().filter(|step| step.in_doubt).count();
    assert_eq!(in_doubt, unknown, "requests that were not sent are not in doubt");
    let report = rows.apply(&client, &ledger).reconcile_timeout(RECONCILE_TIMEOUT).run().await.expect("applied");
    assert!(report.is_complete(), "{}", report.summary());
    assert_eq!(created(&sandbox), 60);
}

#[tokio::test]
async fn rejected_token_stops_the_run() {
    let sandbox = sandbox(json!([{"operation": "createIntegration", "fault": {"answer": {"status": 401}}}])).await;
    let ledger = Ledger::in_memory().expect("a ledger");
    let report = fleet(50, "x").apply(&client(&sandbox), &ledger).in_flight(2).run().await.expect("stopped");
    assert!(report.stopped.expect("stopped").contains("rejects every request"));
    assert!(sandbox.journal().len() < 10);
}

#[tokio::test]
async fn run_stops_when_the_rate_limit_stays_locked() {
    let (sandbox, folder) = (sandbox(json!([])).await, tempfile::tempdir().expect("a folder"));
    let client = |timeout| {
        let builder = builder(&sandbox).rate_limit(RateLimit::shared_in(folder.path()));
        builder.timeout(timeout).build().expect("a client")
    };
    let (fleet, ledger) = (fleet(50, "x"), Ledger::in_memory().expect("a ledger"));
    let plan = fleet.plan(&client(Duration::from_secs(120)), None).await.expect("a plan");
    // As of a process that was stopped meanwhile.
    let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
    let states: Vec<_> = files.map(|file| std::fs::File::open(file.path()).expect("a file")).collect();
    states.iter().for_each(|state| state.lock().expect("locked"));
    let client = client(Duration::from_millis(300));
    let report = fleet.apply(&client, &ledger).planned(plan).in_flight(2).run().await.expect("stopped");
    let stopped = report.stopped.as_deref().expect("stopped");
    assert!(stopped.contains("nothing can be sent"), "{stopped}");
    assert_eq!((report.summary().as_str(), created(&sandbox)), ("50 pending", 0));
}

#[tokio::test]
async fn duplicate_and_deleted_integrations_are_conflicts() {
    let twins = sandbox(json!([])).await;
    let to_twins = client(&twins);
    for _ in 0..2 {
        let request = ocamba_hood::NewIntegration::from_json(&request("row-0", "x")).expect("valid");
        to_twins.integrations().create(request).await.expect("created");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let ledger = Ledger::open(&path).expect("a ledger");
    let report = fleet(2, "x").apply(&to_twins, &ledger).run().await.expect("applied");
    assert_eq!(report.summary(), "1 created, 1 conflict");
    twins.reset();
    drop(ledger);
    let ledger = Ledger::open(&path).expect("a ledger");
    let report = fleet(2, "x").apply(&to_twins, &ledger).run().await.expect("applied");
    assert_eq!(report.summary(), "1 created, 1 conflict");
    let gone = report.rows.iter().find(|row| row.outcome == RowOutcome::Conflict).and_then(|row| row.message.clone());
    assert!(gone.expect("why").contains("no longer exists"));
}

#[tokio::test]
async fn interrupted_rename_is_resumed_and_nothing_is_created() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    let faults = json!([{"operation": "updateIntegration", "times": 1, "fault": {"hang": {"at": "read"}}}]);
    let sandbox = sandbox(faults).await;
    let client = client(&sandbox);
    let named = |name: &str| RowReader::from_requests([request(name, "x")], "rows").check().expect("valid rows");
    named("old").apply(&client, &Ledger::open(&path).expect("new")).run().await.expect("applied");
    for is_stopped in [true, false] {
        let (fleet, ledger) = (named("new"), Ledger::open(&path).expect("free"));
        let mut run = std::pin::pin!(fleet.apply(&client, &ledger).reconcile_timeout(Duration::from_millis(100)).run());
        let plan = fleet.plan(&client, Some(&ledger)).await.expect("a plan");
        assert_eq!(plan.steps[0].renames(), Some("old"), "{plan}");
        if is_stopped {
            let sent =
                async {
                    while !sandbox.arrivals().iter().any(|arrival| {
                        arrival.method.as_deref().is_some_and(|method| !["GET", "POST"].contains(&method))
                    }) {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                };
            tokio::select! {
                report = &mut run => panic!("the run ended: {report:?}"),
                () = sent => {}
            }
        } else {
            assert_eq!(run.await.expect("applied").summary(), "1 updated");
        }
    }
    assert_eq!((created(&sandbox), sandbox.integrations()[0].name.as_str()), (1, "new"));
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_rows_are_updates_however_many_they_are() {
    let sandbox = sandbox(json!([])).await;
    let client = client(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger");
    // The settings of the last two are equal, so that nobody knows which of them is which.
    let fleet = |prefix: &str| {
        let rows = (0..1_010).map(|row: usize| request(&format!("{prefix}-{row}"), &format!("v{}", row.min(1_008))));
        RowReader::from_requests(rows, "rows").check().expect("valid rows")
    };
    let apply = async |rows: &Fleet| {
        let ledger = Ledger::open(&path).expect("a ledger");
        rows.apply(&client, &ledger).in_flight(64).run().await.expect("applied").summary()
    };
    assert_eq!(apply(&fleet("old")).await, "1010 created");
    let plan = {
        let ledger = Ledger::open(&path).expect("a ledger");
        fleet("new").plan(&client, Some(&ledger)).await.expect("a plan")
    };
    assert_eq!((plan.count(Action::Update), plan.count(Action::Create)), (1_008, 2));
    let names: Vec<_> = plan.orphans.iter().map(|orphan| orphan.name.as_str()).collect();
    assert_eq!(names, ["old-1008", "old-1009"]);
    let renames = plan.steps.iter().filter(|step| step.renames() == Some(&step.name.replace("new", "old")));
    assert_eq!(renames.count(), 1_008);
    assert_eq!((apply(&fleet("new")).await.as_str(), sandbox.integrations().len()), ("2 created, 1008 updated", 1_012));
}
