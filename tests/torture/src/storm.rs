//! Many processes of one account at once, with no settings but base URL and token.

use std::ffi::OsString;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ocamba_sandbox::Sandbox;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::Result;
use crate::workers::{RETRIES, Report, Task, Worker, languages};

const PROCESSES: usize = 8;
const BURST: usize = 10;
const STEADY: usize = 150;
/// How much longer than the least possible time a storm may take.
const SLACK: f64 = 0.03;
/// What starting eight interpreters takes, beside the creates.
const START: Duration = Duration::from_millis(1_500);

/// The three storms: shared by a file, by Redis, and by a file while processes are killed.
pub async fn run(creates: usize) -> Result {
    let total = PROCESSES * creates;
    println!(
        "{PROCESSES} processes of {creates} creates, in {}; at least {:.1} s",
        languages().join(", "),
        least(total)
    );

    let folders = tempfile::tempdir()?;
    let one: OsString = folders.path().join("one").into();
    storm("a lane in a file", creates, false, |_| vec![("OCAMBA_RATE_LIMIT_DIR", one.clone())]).await?;

    let redis = Redis::start(folders.path()).await?;
    // Two groups that share no files.
    let group = |index: usize| OsString::from(folders.path().join(format!("group-{}", index % 2)));
    let environment =
        |index| vec![("OCAMBA_RATE_LIMIT_DIR", group(index)), ("OCAMBA_RATE_LIMIT", redis.url.clone().into())];
    storm("a lane in Redis, two groups", creates, false, environment).await?;

    let other: OsString = folders.path().join("killed").into();
    storm("a lane in a file, one after another killed", creates, true, |_| {
        vec![("OCAMBA_RATE_LIMIT_DIR", other.clone())]
    })
    .await
}

/// The least time in seconds in which so many can be created within any second's and any minute's limit.
fn least(total: usize) -> f64 {
    let minutes = (total - 1) / STEADY;
    (minutes * 60) as f64 + ((total - 1 - minutes * STEADY) / BURST) as f64
}

async fn storm(
    name: &str,
    creates: usize,
    kill: bool,
    environment: impl Fn(usize) -> Vec<(&'static str, OsString)>,
) -> Result {
    let sandbox = Sandbox::start().await?;
    let base_url = sandbox.base_url();
    let languages = languages();
    let mut workers = Vec::new();
    for index in 0..PROCESSES {
        let environment = environment(index);
        let task = Task { base_url: &base_url, in_flight: 4, timeout: 300.0, max_retries: RETRIES, environment };
        let mut worker = Worker::start(languages[index % languages.len()], &task)?;
        worker.create_all(&prefix(index), creates);
        workers.push(worker);
    }
    let mut victims = Vec::new();
    if kill {
        // Half of them, one after another, in the midst of their work.
        for index in (0..PROCESSES).step_by(2) {
            sleep(Duration::from_millis(700)).await;
            workers[index].child.start_kill()?;
            victims.push(prefix(index));
        }
    }
    let mut reports = Vec::new();
    for worker in workers {
        reports.extend(worker.reports().await?);
    }
    check(name, creates, &sandbox, &reports, &victims)
}

/// How the names of a process begin.
fn prefix(index: usize) -> String {
    format!("storm-{index}-")
}

fn check(name: &str, creates: usize, sandbox: &Sandbox, reports: &[Report], victims: &[String]) -> Result {
    let journal = sandbox.journal();
    let refused = journal.iter().filter(|entry| entry.status == Some(429)).count();
    let committed: Vec<_> = journal.iter().filter(|entry| entry.committed).collect();
    let first = committed.first().map_or(0.0, |entry| entry.at_ms);
    let last = committed.last().map_or(0.0, |entry| entry.at_ms);
    let (took, least) = ((last - first) / 1e3, least(committed.len().max(1)));
    println!(
        "  {name}: {} created, {refused} refused, {took:.2} s, {:.3} of the least",
        committed.len(),
        took / least.max(0.001)
    );

    let mut names: Vec<_> = committed.iter().filter_map(|entry| entry.name.as_deref()).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(format!("{name}: an integration was created twice").into());
    }
    if refused > 0 {
        return Err(format!("{name}: {refused} requests were refused with 429").into());
    }
    for index in 0..PROCESSES {
        let prefix = prefix(index);
        let done = reports.iter().filter(|r| r.name.starts_with(&prefix) && r.id.is_some()).count();
        if !victims.contains(&prefix) && done != creates {
            let failed = reports.iter().find(|r| r.name.starts_with(&prefix) && r.id.is_none());
            return Err(format!("{name}: process {index} created {done} of {creates}; {failed:?}").into());
        }
    }
    // The dead take a turn with them at the most each, for as long as a request may be on its way.
    let allowed =
        least * (1.0 + SLACK) + START.as_secs_f64() * f64::from(u8::from(least < 50.0)) + victims.len() as f64;
    if took > allowed {
        return Err(format!("{name}: it took {took:.2} s, and at most {allowed:.2} s are allowed").into());
    }
    Ok(())
}

/// A Redis of our own, on a free port.
struct Redis {
    _child: Child,
    url: String,
}

impl Redis {
    async fn start(folder: &std::path::Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"])
            .arg(folder)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("redis-server cannot be started ({e}); on Debian: apt-get install redis-server"))?;
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if started.elapsed() > Duration::from_secs(20) {
                return Err("redis-server does not start".into());
            }
            tokio::task::yield_now().await;
        }
        Ok(Self { _child: child, url: format!("redis://127.0.0.1:{port}") })
    }
}
