//! A fleet of a process: it is applied, and the next run resumes what a kill or a fault has left.

use std::time::Duration;

use ocamba_fleet::{Ledger, RowOutcome, RowReader};
use ocamba_history::{Operation as Kind, Outcome};
use ocamba_hood::{Client, reveal};
use tokio::time::sleep;

use crate::calls::request;
use crate::kernel;
use crate::plan::Fleet;
use crate::record::{self, Return, log, violation};

/// Maximum number of times that a process applies its fleet between two kills.
const MOST_RUNS: usize = 4;

/// Applies a fleet until each of its rows is done.
pub async fn apply(process: usize, fleet: &Fleet, client: &Client, reconcile_timeout: Duration) {
    let requests = fleet.names.iter().map(|name| reveal(|| serde_json::to_string(&request(name)).unwrap_or_default()));
    let rows = match RowReader::from_requests(requests, "rows").check() {
        Ok(rows) => rows,
        Err(error) => return violation(format!("usable: the rows are invalid: {error}")),
    };
    for _ in 0..MOST_RUNS {
        match Ledger::open(ledger(process)) {
            Ok(ledger) => {
                if once(process, fleet, client, &rows, &ledger, reconcile_timeout).await {
                    return;
                }
            }
            Err(error) => log(&format!("process {process}: {error}")),
        }
        sleep(reconcile_timeout).await;
    }
}

/// Returns the path of the ledger, which is not in the folder that may be removed.
fn ledger(process: usize) -> String {
    format!("{}-ledger-{process}", kernel::folder(process))
}

/// Applies once. Returns whether each row is done.
async fn once(
    process: usize,
    fleet: &Fleet,
    client: &Client,
    rows: &ocamba_fleet::Fleet,
    ledger: &Ledger,
    reconcile_timeout: Duration,
) -> bool {
    let ids: Vec<_> = fleet.names.iter().map(|name| record::invoke(process, Kind::Ensure, Some(name))).collect();
    let apply = rows.apply(client, ledger).in_flight(fleet.in_flight);
    let report = match apply.reconcile_timeout(reconcile_timeout).run().await {
        Ok(report) => report,
        Err(error) => {
            log(&format!("process {process}: {error}"));
            return false;
        }
    };
    for (id, row) in ids.into_iter().zip(&report.rows) {
        // What an earlier run has sent may have taken effect.
        let outcome = if row.outcome.is_done() { Outcome::Ok } else { Outcome::Unknown };
        let created = row.outcome.is_done().then_some(row.outcome == RowOutcome::Created);
        let integration = row.id.clone().filter(|_| row.outcome.is_done());
        let message = row.message.clone().unwrap_or_default();
        record::end(id, Return { outcome, progress: None, integration, created, message });
    }
    report.is_complete()
}
