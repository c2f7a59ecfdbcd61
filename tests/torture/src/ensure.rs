//! `ensure` in concurrent processes, with common names and with faults in all of its requests: one integration for each name.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use ocamba_hood::Client;
use ocamba_sandbox::Sandbox;
use serde_json::json;

use crate::Result;
use crate::support::{counted, faults, worker};
use crate::workers::request;

const PROCESSES: usize = 8;
/// Average number of calls for each name.
const CALLS_A_NAME: usize = 4;
/// Longer than [`LATE`].
const RECONCILE_TIMEOUT: Duration = Duration::from_millis(1_200);
/// Time between the client's timeout and a late commit.
const LATE: Duration = Duration::from_millis(300);
/// Probability of a late commit. It takes long, so it is rare.
const LATE_PROBABILITY: f64 = 0.004;
const TIMEOUT: Duration = Duration::from_secs(5);

/// Makes `runs` calls in all processes together.
pub async fn run(runs: usize, seed: u64) -> Result {
    let faults =
        json!({ "seed": seed, "faults": faults(TIMEOUT + LATE, Some(LATE_PROBABILITY)) }).to_string().parse()?;
    let sandbox = Sandbox::builder().no_limits().journal(runs * 40).faults(faults).start().await?;
    // For the locks of the names, which the processes share.
    let folder = tempfile::tempdir()?;
    let started = Instant::now();
    let mut workers = Vec::new();
    for number in 0..PROCESSES {
        let mut command = worker("ensure-worker", &sandbox)?;
        command.args([(runs / PROCESSES).to_string(), (seed + number as u64).to_string()]);
        command.env("OCAMBA_RATE_LIMIT", "off").env("OCAMBA_RATE_LIMIT_DIR", folder.path());
        workers.push(tokio::spawn(command.spawn()?.wait_with_output()));
    }
    let mut outcomes = Vec::new();
    let mut ensured = HashSet::new();
    for worker in workers {
        let output = worker.await??;
        for line in String::from_utf8(output.stdout)?.lines() {
            let (outcome, name) = line.split_once(' ').ok_or("a worker's line is incomplete")?;
            outcomes.push(outcome.to_owned());
            if ["created", "adopted", "updated", "applied"].contains(&outcome) {
                ensured.insert(name.to_owned());
            }
        }
    }
    let calls = outcomes.len();
    if calls != runs / PROCESSES * PROCESSES {
        return Err(format!("{calls} of {runs} calls were reported").into());
    }
    let mut made: HashMap<String, Vec<String>> = HashMap::new();
    for integration in sandbox.integrations() {
        made.entry(integration.name).or_default().push(integration.id);
    }
    if let Some((name, ids)) = made.iter().find(|(_, ids)| ids.len() > 1) {
        let seen: Vec<_> = sandbox.journal().into_iter().filter(|e| e.name.as_deref() == Some(name)).collect();
        return Err(format!("{name} was created {} times: {seen:#?}", ids.len()).into());
    }
    if let Some(name) = ensured.iter().find(|name| !made.contains_key(*name)) {
        return Err(format!("{name} was reported but does not exist").into());
    }
    println!(
        "  {calls} calls in {:.0} s, {} names, each created once: {}",
        started.elapsed().as_secs_f64(),
        made.len(),
        counted(outcomes)
    );
    Ok(())
}

/// Ensures names that the seed chooses from those of all processes.
pub async fn work(runs: usize, seed: u64) -> Result {
    let client = Client::builder().timeout(TIMEOUT).build()?;
    let mut random = fastrand::Rng::with_seed(seed);
    for _ in 0..runs {
        let name = format!("name-{}", random.usize(..(runs * PROCESSES / CALLS_A_NAME).max(1)));
        let status = if random.u8(..4) == 0 { "paused" } else { "active" };
        let ensured =
            client.integrations().ensure(request(&name).status(status)).reconcile_timeout(RECONCILE_TIMEOUT).await;
        match ensured {
            Ok(ensured) => println!("{} {name}", ensured.action),
            Err(error) => println!("{} {name}", error.outcome()),
        }
    }
    Ok(())
}
