//! A ledger on a machine whose storage fails: the error says which file and why, and nothing that was made is lost.
#![cfg(target_os = "linux")]

#[path = "../../hood/tests/support/faults.rs"]
mod faults;

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use faults::{EIO, EMFILE, ENOSPC, Faults};
use ocamba_fleet::{Error, Ledger, Report, RowOutcome, RowReader};
use ocamba_hood::{Client, RateLimit, providers};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};

const ROWS: usize = 4;
/// Calls, the error with which they fail, and what the message says of it.
const FAILURES: [(&str, i32, &str); 5] = [
    ("open", EIO, "could not be"),
    ("open", EMFILE, "could not be"),
    ("write", ENOSPC, "the disk is full"),
    ("write", EIO, "check its disk"),
    ("fsync", EIO, "check its disk"),
];

async fn apply(sandbox: &Sandbox, ledger: &Path) -> Result<Report, Error> {
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    let row = |row| json!({"name": format!("row-{row}"), "provider_id": providers()[0].id, "settings": settings});
    let rows = RowReader::from_requests((0..ROWS).map(|number| row(number).to_string()), "rows");
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::off());
    let ledger = Ledger::open(ledger)?;
    let (fleet, client) = (rows.check()?, client.build()?);
    // The sandbox works on no request any more when a run has ended.
    fleet.apply(&client, &ledger).in_flight(2).reconcile_timeout(Duration::ZERO).run().await
}

#[tokio::test]
async fn nothing_that_was_made_is_lost_whatever_call_fails() {
    let Some(faults) = Faults::of_test("nothing_that_was_made_is_lost_whatever_call_fails") else { return };
    for (call, number, reason) in FAILURES {
        for count in 1.. {
            let fault = format!("{call} {number} {count}");
            let folder = faults.folder(&fault);
            std::fs::create_dir_all(&folder).expect("a folder");
            let path = folder.join("ledger");
            let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
            faults.set(&fault);
            let result = apply(&sandbox, &path).await;
            let was_hit = faults.take_hit();
            let made: HashSet<_> = sandbox.integrations().into_iter().map(|one| one.name).collect();
            let unrecorded = match result {
                Ok(report) => {
                    assert!(report.is_complete(), "{fault}: {report:?}");
                    Vec::new()
                }
                Err(error) => {
                    let message = error.to_string();
                    let where_and_why = message.contains(path.to_str().expect("text")) && message.contains(reason);
                    assert!(where_and_why, "{fault}: {message}");
                    let Error::Ledger { made, .. } = error else { panic!("{fault}: {error:?}") };
                    made.into_iter().map(|row| row.name).collect()
                }
            };
            assert!(unrecorded.iter().all(|name| made.contains(name)), "{fault}: {unrecorded:?}");
            // The next run would adopt what it does not know, and what is in doubt counts as created.
            let report = apply(&sandbox, &path).await.expect("resumed");
            assert!(report.is_complete(), "{fault}: {report:?}");
            for row in report.rows {
                let is_recorded = row.outcome == RowOutcome::Unchanged;
                assert!(is_recorded || row.outcome == RowOutcome::Created, "{fault}: {row:?}");
                assert!(is_recorded || unrecorded.contains(&row.name) || !made.contains(&row.name), "{fault}: {row:?}");
            }
            assert_eq!(sandbox.journal().iter().filter(|entry| entry.committed).count(), ROWS, "{fault}");
            if !was_hit {
                assert!(count > 5, "{call} was called {count} times");
                break;
            }
        }
    }
}
