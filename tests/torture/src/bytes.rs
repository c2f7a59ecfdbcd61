//! One exchange failed at every byte of request and answer, for each way to fail.

use std::time::{Duration, Instant};

use ocamba_hood::{Client, Kind, Lane, Outcome};
use ocamba_sandbox::Sandbox;
use ocamba_sandbox::faults::Faults;
use serde_json::{Value, json};

use crate::Result;
use crate::workers::request;

const TIMEOUT: Duration = Duration::from_millis(250);
/// How much later than its deadline a call may end.
const LATE: Duration = Duration::from_millis(50);
/// More than request and answer have.
const BYTES: u64 = 700;

/// Fails at every `step`th byte.
pub async fn run(step: u64) -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let client = Client::builder().base_url(sandbox.base_url()).token("torture").lane(Lane::off());
    let client = client.timeout(TIMEOUT).max_retries(0).build()?;
    client.integrations().create(request("warm")).await?;
    let before = open_files();
    let mut failures = 0;
    for byte in (0..BYTES).step_by(usize::try_from(step)?) {
        for fault in [
            json!({ "close": { "at": { "request": byte } } }),
            json!({ "reset": { "at": { "request": byte } } }),
            json!({ "close": { "at": { "answer": byte } } }),
            json!({ "reset": { "at": { "answer": byte } } }),
        ] {
            failures += u32::from(fails_soundly(&sandbox, &client, byte, &fault).await?);
        }
    }
    for fault in [json!({ "hang": {} }), json!({ "hang": { "at": "commit" } }), json!({ "drip": { "ms": 5 } })] {
        failures += u32::from(fails_soundly(&sandbox, &client, 0, &fault).await?);
    }
    drop(client);
    sandbox.set_faults(&Faults::default())?;
    // Closed connections are let go by tasks of their own.
    let started = Instant::now();
    while open_files() > before && started.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    if open_files() > before {
        return Err(format!("{} files are open, and {before} were before", open_files()).into());
    }
    println!("  {failures} failures, each in its error type and in time; no file left open");
    Ok(())
}

/// Makes one call under a fault. Whether it failed; an error where it did so in another way than it should.
async fn fails_soundly(sandbox: &Sandbox, client: &Client, byte: u64, fault: &Value) -> Result<bool> {
    sandbox.reset();
    sandbox.set_faults(&json!({ "faults": [{ "fault": fault }] }).to_string().parse()?)?;
    let started = Instant::now();
    let result = client.integrations().create(request("bytes")).await;
    let took = started.elapsed();
    let at = format!("{fault} at byte {byte}");
    if took > TIMEOUT + LATE {
        return Err(format!("{at}: the call took {took:?}").into());
    }
    let committed = sandbox.journal().iter().any(|entry| entry.committed);
    let Err(error) = result else {
        return if committed { Ok(false) } else { Err(format!("{at}: a success of nothing").into()) };
    };
    let sound = match error.outcome() {
        Outcome::NotSent | Outcome::Rejected => !committed,
        Outcome::Applied => committed && matches!(error.kind(), Kind::UnreadableResponse | Kind::Timeout),
        Outcome::Unknown => true,
    };
    if sound { Ok(true) } else { Err(format!("{at}: committed is {committed}, and the error {error:?}").into()) }
}

/// How many files this process has open, where the system tells.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}
