//! Creates whose deadline, or whose caller's patience, ends while they connect and write: none that was not sent arrived.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ocamba_history::{Operation, Outcome};
use ocamba_hood::{Client, RateLimit};
use ocamba_sandbox::Sandbox;
use tokio::io::AsyncReadExt;
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use crate::Result;
use crate::history::{Recorder, check_history};
use crate::support::{counted, worker};
use crate::workers::request;

const IN_FLIGHT: usize = 8;
/// More than the cores, so that the parts of a call interrupt each other.
const THREADS: &str = "4";
/// The deadlines, in microseconds.
const DEADLINES: std::ops::Range<f64> = 500.0..20_000.0;

/// Returns random deadlines within a range in microseconds, more short ones than long ones, since most calls are short.
pub fn deadlines(range: std::ops::Range<f64>, seed: u64) -> impl FnMut() -> Duration {
    let mut random = fastrand::Rng::with_seed(seed);
    move || Duration::from_secs_f64((range.start + random.f64().powi(3) * (range.end - range.start)) / 1e6)
}

/// Makes `creates` creates with deadlines, and as many that are cancelled, while both cores are busy.
pub async fn run(creates: usize, seed: u64) -> Result {
    for way in ["deadline", "cancel"] {
        let sandbox = Sandbox::builder().no_limits().journal(creates * 4).start().await?;
        let started = Instant::now();
        let mut command = worker("deadline-worker", &sandbox)?;
        command.args([way, &creates.to_string(), &seed.to_string()]).env("TOKIO_WORKER_THREADS", THREADS);
        let mut child = command.spawn()?;
        let mut text = String::new();
        child.stdout.take().ok_or("no output")?.read_to_string(&mut text).await?;
        if !child.wait().await?.success() {
            return Err("the worker failed".into());
        }
        let history = ocamba_history::read(&text)?;
        let outcomes = history.iter().filter_map(|event| match event {
            ocamba_history::Event::Return { outcome, progress, .. } => Some(progress.unwrap_or(*outcome)),
            _ => None,
        });
        let outcomes = counted(outcomes);
        let summary = check_history(&sandbox, &history, Duration::from_millis(500)).await;
        let seconds = started.elapsed().as_secs_f64();
        let summary = summary.map_err(|error| format!("{way}: {outcomes}: {error}"))?;
        println!("  {way}: {creates} creates in {seconds:.0} s: {outcomes}; {summary}");
    }
    Ok(())
}

/// Makes the creates, and prints the history.
pub async fn work(cancel: bool, creates: usize, seed: u64) -> Result {
    for _ in 0..std::thread::available_parallelism()?.get() {
        std::thread::spawn(|| {
            loop {
                std::hint::spin_loop();
            }
        });
    }
    let client = Client::builder().rate_limit(RateLimit::off()).build()?;
    let recorder = Arc::new(Recorder::default());
    let mut callers = Vec::new();
    for caller in 0..IN_FLIGHT {
        let (client, recorder, runtime) = (client.clone(), recorder.clone(), Handle::current());
        let mut deadline = deadlines(DEADLINES, seed + caller as u64);
        callers.push(spawn_blocking(move || {
            for number in (caller..creates).step_by(IN_FLIGHT) {
                runtime.block_on(one(&client, &recorder, &format!("{seed}-{number}"), deadline(), cancel));
            }
        }));
    }
    for caller in callers {
        caller.await?;
    }
    Ok(())
}

async fn one(client: &Client, recorder: &Recorder, name: &str, deadline: Duration, cancel: bool) {
    let mut report = recorder.begin(Operation::Create, name);
    let call = client.integrations().create(request(name));
    let result = if cancel {
        let progress = call.progress();
        let mut call = call.into_future();
        match tokio::time::timeout(deadline, &mut call).await {
            Ok(result) => result,
            Err(_) => {
                // In both ways that callers have: by the method, or by dropping the future.
                let sent = if fastrand::bool() {
                    progress.cancel()
                } else {
                    drop(call);
                    progress.may_have_been_sent()
                };
                report.outcome = Outcome::Cancelled;
                report.progress = Some(if sent { Outcome::Unknown } else { Outcome::NotSent });
                return recorder.end(report, None);
            }
        }
    } else {
        call.timeout(deadline).await
    };
    let error = result.map(|created| report.integration = Some(created.id)).err();
    recorder.end(report, error.as_ref());
}
