//! A fleet whose run is killed repeatedly, also between an intent and its request, and between a response and its result:
//! resumed each time, each row is created once, and the report is complete.

use std::path::Path;
use std::time::{Duration, Instant};

use ocamba_fleet::{ApplyEvent, Ledger, RowReader};
use ocamba_hood::{Client, RateLimit};
use ocamba_sandbox::Sandbox;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::time::timeout;

use crate::Result;
use crate::history::check_history;
use crate::support::{counted, faults, least, rows as requests, worker};

/// Delay of late commits.
const LATE: Duration = Duration::from_millis(400);
/// Longer than [`LATE`].
const RECONCILE_TIMEOUT: Duration = Duration::from_millis(2_500);
const TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum duration of a run.
const LONGEST_RUN: Duration = Duration::from_secs(120);
const EVENTS: [(&str, ApplyEvent); 4] = [
    ("intents written", ApplyEvent::IntentsWritten),
    ("sending", ApplyEvent::Sending),
    ("response received", ApplyEvent::ResponseReceived),
    ("result written", ApplyEvent::ResultWritten),
];

/// Applies rows with the default rate limit: no 429, and no time wasted.
pub async fn rate(rows: usize) -> Result {
    let sandbox = Sandbox::start().await?;
    let client =
        Client::builder().base_url(sandbox.base_url()).token("torture").rate_limit(RateLimit::memory()).build()?;
    let fleet = RowReader::from_requests(requests(rows)?, "rows").check()?;
    let folder = tempfile::tempdir()?;
    let ledger = Ledger::open(folder.path().join("ledger"))?;
    let report = fleet.apply(&client, &ledger).run().await?;
    let journal = sandbox.journal();
    let refused = journal.iter().filter(|entry| entry.status == Some(429)).count();
    let took = journal.last().map_or(0.0, |last| last.at_ms - journal[0].at_ms) / 1e3;
    // Reading the account is a request as well.
    let least = least(journal.len());
    println!(
        "  {}: {refused} refused, {took:.2} s, {:.3} of the least, which is {least} s",
        report.summary(),
        took / least
    );
    match report.is_complete() && refused == 0 && took <= least * 1.03 {
        true => Ok(()),
        false => Err("the run must take at most 3 percent more than the minimum, without a 429".into()),
    }
}

/// Applies rows with runs that are killed: once without faults, and once with faults in 2 of 10 requests.
pub async fn run(rows: usize, kills: usize, seed: u64) -> Result {
    let folder = tempfile::tempdir()?;
    let input = folder.path().join("fleet.jsonl");
    std::fs::write(&input, requests(rows)?.join("\n"))?;
    // Creates are slow, so that runs can be killed in between.
    let slow = json!({ "operation": "createIntegration", "fault": { "delay": { "ms": 8 } } });
    for (name, mut faults) in [("no faults", Vec::new()), ("faults in 2 of 10", faults(LATE, None))] {
        faults.push(slow.clone());
        let faults = json!({ "seed": seed, "faults": faults }).to_string().parse()?;
        let sandbox = Sandbox::builder().no_limits().journal(rows * 60).faults(faults).start().await?;
        let ledger = folder.path().join(name);
        trial(name, rows, kills, seed, &sandbox, &input, &ledger).await?;
    }
    Ok(())
}

async fn trial(
    name: &str,
    rows: usize,
    kills: usize,
    seed: u64,
    sandbox: &Sandbox,
    input: &Path,
    ledger: &Path,
) -> Result {
    let mut random = fastrand::Rng::with_seed(seed);
    let started = Instant::now();
    let (mut killed, mut runs) = (Vec::new(), 0);
    loop {
        let left = kills - killed.len();
        let todo = rows.saturating_sub(sandbox.integrations().len());
        if left == 0 {
            break;
        }
        if todo == 0 {
            return Err(format!("{name}: all rows were created before the last {left} kills").into());
        }
        // Spreads the remaining kills over the remaining rows.
        let turn = runs % (EVENTS.len() + 1);
        let event = EVENTS[turn.min(EVENTS.len() - 1)].0;
        let after = if event == "intents written" { 1 } else { 1 + random.usize(..(todo / left).max(1)) };
        // Kills some runs at a random time, but not after the event: a busy machine must not create all rows until then.
        let delay = (turn == EVENTS.len()).then(|| Duration::from_millis(random.u64(5..60)));
        killed.extend(one_run(sandbox, input, ledger, (event, after), delay).await?);
        runs += 1;
        if runs > kills * 4 {
            return Err(format!("{name}: {runs} runs did not end it").into());
        }
    }
    // Faults may still leave some rows to the next run.
    while !is_complete(ledger, input, sandbox).await? {
        runs += 1;
        if runs > kills * 4 {
            return Err(format!("{name}: {runs} runs did not complete it").into());
        }
    }
    let summary = check(rows, sandbox).await.map_err(|error| format!("{name}: {error}"))?;
    let took = started.elapsed().as_secs_f64();
    println!(
        "  {name}: {rows} rows, each created once; {runs} runs in {took:.0} s; killed: {}; {summary}",
        counted(killed)
    );
    Ok(())
}

/// Runs once in a process of its own. Returns the event at which it was killed, if it was.
async fn one_run(
    sandbox: &Sandbox,
    input: &Path,
    ledger: &Path,
    (event, after): (&str, usize),
    delay: Option<Duration>,
) -> Result<Option<&'static str>> {
    let mut command = worker("fleet-worker", sandbox)?;
    command.args([input, ledger]).args([event, &after.to_string()]);
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
    // The process prints where it stopped and waits to be killed, or it ends.
    let line = timeout(delay.unwrap_or(LONGEST_RUN), lines.next_line()).await;
    let at = match line {
        Ok(line) => line?.and_then(|line| EVENTS.iter().find(|(name, _)| *name == line).map(|(name, _)| *name)),
        Err(_) if delay.is_some() => Some("anywhere"),
        Err(_) => return Err("a run did not end".into()),
    };
    if at.is_some() {
        child.start_kill()?;
    }
    // If a run could not read the account, the next one resumes.
    child.wait().await?;
    Ok(at)
}

/// Returns whether one more run completes every row.
async fn is_complete(ledger: &Path, input: &Path, sandbox: &Sandbox) -> Result<bool> {
    let client =
        Client::builder().base_url(sandbox.base_url()).token("torture").rate_limit(RateLimit::off()).timeout(TIMEOUT);
    let fleet = RowReader::from_path(input)?.check()?;
    let ledger = Ledger::open(ledger)?;
    let report = fleet.apply(&client.build()?, &ledger).reconcile_timeout(RECONCILE_TIMEOUT).run().await?;
    Ok(report.is_complete() && report.rows.len() == fleet.len() && report.rows.iter().all(|row| row.id.is_some()))
}

/// Checks the history of a fleet: whatever its runs did for a row, together they are one `ensure` that succeeded.
async fn check(rows: usize, sandbox: &Sandbox) -> Result<String> {
    let events = |row: usize| {
        let invoke = json!({
            "event": "invoke", "id": row.to_string(), "process": "fleet", "operation": "ensure",
            "name": format!("row-{row}"), "at_ms": 0,
        });
        [invoke, json!({ "event": "return", "id": row.to_string(), "outcome": "ok", "at_ms": 1 })]
    };
    let history = (0..rows).flat_map(events).map(serde_json::from_value).collect::<serde_json::Result<Vec<_>>>()?;
    check_history(sandbox, &history, LATE * 2).await
}

/// Applies rows in the process that is killed. At the given event, prints its name and waits.
pub async fn work(input: &Path, ledger: &Path, event: &str, mut after: usize) -> Result {
    let client = Client::builder().rate_limit(RateLimit::off()).timeout(TIMEOUT).build()?;
    let fleet = RowReader::from_path(input)?.check()?;
    let ledger = Ledger::open(ledger)?;
    let (name, event) = EVENTS.iter().find(|(name, _)| *name == event).ok_or("the event is unknown")?;
    let run = fleet.apply(&client, &ledger).in_flight(4).reconcile_timeout(RECONCILE_TIMEOUT).on_event(|now| {
        after -= usize::from(now == *event && after > 0);
        if now == *event && after == 0 {
            println!("{name}");
            // Requests in flight still arrive, but this process does not see their responses.
            std::thread::park();
        }
    });
    run.run().await?;
    Ok(())
}
