//! `ensure` by several processes at once, many of the same names, with faults in all of its requests: one integration a name.

use std::collections::{HashMap, HashSet};
use std::process::Stdio;
use std::time::{Duration, Instant};

use ocamba_hood::Client;
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::Result;
use crate::workers::request;

const PROCESSES: usize = 8;
/// How often each name is made sure of, on average.
const CALLS_A_NAME: usize = 4;
/// Longer than the commits that come late.
const SETTLE: Duration = Duration::from_millis(600);
const TIMEOUT: Duration = Duration::from_secs(5);

/// So many calls, by all processes together.
pub async fn run(runs: usize, seed: u64) -> Result {
    let sandbox =
        Sandbox::builder().no_limits().journal(runs * 40).faults(faults(seed).to_string().parse()?).start().await?;
    let started = Instant::now();
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("ensure-worker").arg((runs / PROCESSES).to_string()).arg((seed + number as u64).to_string());
        command
            .env("OCAMBA_BASE_URL", sandbox.base_url())
            .env("OCAMBA_TOKEN", "torture")
            .env("OCAMBA_RATE_LIMIT", "off");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        workers.push(tokio::spawn(command.spawn()?.wait_with_output()));
    }
    let mut ends: HashMap<String, usize> = HashMap::new();
    let mut ensured = HashSet::new();
    for worker in workers {
        let output = worker.await??;
        for line in String::from_utf8(output.stdout)?.lines() {
            let (end, name) = line.split_once(' ').ok_or("a worker says too little")?;
            *ends.entry(end.to_owned()).or_default() += 1;
            if ["created", "adopted", "updated", "applied"].contains(&end) {
                ensured.insert(name.to_owned());
            }
        }
    }
    let told: usize = ends.values().sum();
    if told != runs / PROCESSES * PROCESSES {
        return Err(format!("{told} of {runs} calls were reported").into());
    }
    let mut made: HashMap<String, Vec<String>> = HashMap::new();
    for integration in sandbox.integrations() {
        made.entry(integration.name).or_default().push(integration.id);
    }
    if let Some((name, ids)) = made.iter().find(|(_, ids)| ids.len() > 1) {
        let seen: Vec<_> = sandbox.journal().into_iter().filter(|e| e.name.as_deref() == Some(name)).collect();
        return Err(format!("{name} was made {} times: {seen:#?}", ids.len()).into());
    }
    if let Some(name) = ensured.iter().find(|name| !made.contains_key(*name)) {
        return Err(format!("{name} is said to be there, and is not").into());
    }
    let mut ends: Vec<_> = ends.into_iter().map(|(end, count)| format!("{count} {end}")).collect();
    ends.sort();
    println!(
        "  {told} calls in {:.0} s, {} names, each made once: {}",
        started.elapsed().as_secs_f64(),
        made.len(),
        ends.join(", ")
    );
    Ok(())
}

/// Two in ten requests meet one of these. None lies: a refusal is one, and what is committed succeeds.
fn faults(seed: u64) -> Value {
    let kinds = [
        json!({ "answer": { "status": 429, "headers": { "Retry-After": "0" } } }),
        json!({ "answer": { "status": 500 } }),
        json!({ "answer": { "status": 500, "at": "commit" } }),
        json!({ "answer": { "status": 201, "at": "commit", "body": { "text": "{" } } }),
        json!({ "delay": { "ms": 100 } }),
        // Those that the client gives up on, and that are committed after that.
        json!({ "delay": { "ms": TIMEOUT.as_millis() as u64 + 300, "at": "read" } }),
        json!({ "close": { "at": "arrival" } }),
        json!({ "close": { "at": "read" } }),
        json!({ "close": { "at": "commit" } }),
        json!({ "reset": { "at": "commit" } }),
        json!({ "close": { "at": { "answer": 40 } } }),
    ];
    let rule = |fault: &Value| {
        // What takes long is rare, or nothing else would be seen.
        let share = if fault["delay"]["at"] == "read" { 0.004 } else { 0.2 / kinds.len() as f64 };
        json!({ "probability": share, "fault": fault })
    };
    json!({ "seed": seed, "faults": kinds.iter().map(rule).collect::<Vec<_>>() })
}

/// One of the processes: names by the seed, from those that all draw from.
pub async fn work(runs: usize, seed: u64) -> Result {
    let client = Client::builder().timeout(TIMEOUT).build()?;
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..runs {
        let name = format!("name-{}", random.usize(..(runs * PROCESSES / CALLS_A_NAME).max(1)));
        let status = if random.u8(..4) == 0 { "paused" } else { "active" };
        let ensured = client.integrations().ensure(request(&name).status(status)).reconcile_timeout(SETTLE).await;
        match ensured {
            Ok(ensured) => println!("{} {name}", ensured.action),
            Err(error) => println!("{} {name}", error.outcome()),
        }
    }
    Ok(())
}
