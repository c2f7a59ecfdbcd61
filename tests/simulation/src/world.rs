//! One world: the processes of a machine, its network and the server, on one thread.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use ocamba_history::{Arrival, Entry, Journal, Rule};
use ocamba_hood::reveal;
use ocamba_sandbox::faults::Faults;
use ocamba_sandbox::{InProcess, Sandbox};
use serde_json::json;
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::calls::{Program, request};
use crate::kernel::Bug;
use crate::plan::{Plan, Storage, What};
use crate::process::{self, Control, Ended, From, Running};
use crate::record::{self, Record, log, violation};
use crate::{kernel, network, redis};

/// Time by which each world has ended.
const LONGEST: Duration = Duration::from_secs(600);
/// Time after the last call until the server has finished all requests.
const QUIET: Duration = Duration::from_secs(3);

/// Time between two copies of the data of Redis.
const COPY: Duration = Duration::from_millis(200);
/// Time until all processes have noticed that the power is off.
const OFF: Duration = Duration::from_millis(10);

/// What worlds of one worker use in turns.
pub struct Stage {
    pub number: usize,
    limited: Arc<InProcess>,
    unlimited: Arc<InProcess>,
}

/// What a world showed.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub violations: Vec<String>,
    pub log: String,
    pub calls: usize,
    pub requests: usize,
}

impl Stage {
    /// Makes the servers, and a folder for the clients' files.
    pub fn new(number: usize) -> Result<Self, Box<dyn std::error::Error>> {
        // The account is not empty, so that each response of a list names its company.
        let first = vec![serde_json::from_str(&reveal(|| serde_json::to_string(&request("first")))?)?];
        let limited = Arc::new(Sandbox::builder().seed(first.clone()).max_in_flight(0).in_process()?);
        let unlimited = Arc::new(Sandbox::builder().seed(first).no_limits().in_process()?);
        Ok(Self { number, limited, unlimited })
    }

    /// Runs a world, on a thread of its own: threads keep random numbers and the like.
    pub fn run(&self, plan: &Plan, bug: Option<Bug>) -> Outcome {
        let world = || World { stage: self, plan, bug }.run();
        std::thread::scope(|scope| match scope.spawn(world).join() {
            Ok(outcome) => outcome,
            Err(_) => Outcome { violations: vec!["panic".to_owned()], log: String::new(), calls: 0, requests: 0 },
        })
    }
}

struct World<'a> {
    stage: &'a Stage,
    plan: &'a Plan,
    bug: Option<Bug>,
}

impl World<'_> {
    fn run(&self) -> Outcome {
        let Self { stage, plan, bug } = self;
        kernel::begin(plan.seed, plan.storage == Storage::Redis, *bug);
        for process in 0..if plan.storage == Storage::Redis { kernel::MACHINES } else { 1 } {
            kernel::step_clock(process, plan.skew_ms);
            kernel::drift_clock(process, plan.drifts.get(process).or(plan.drifts.last()).copied().unwrap_or(0));
        }
        fastrand::seed(plan.seed);
        let server = if plan.is_limited { &stage.limited } else { &stage.unlimited };
        let faults = json!({ "seed": plan.seed, "faults": plan.faults })
            .to_string()
            .parse::<Faults>()
            .map_err(|e| format!("{e}"));
        if let Err(error) = faults.and_then(|faults| server.reset(&faults).map_err(|e| format!("{e}"))) {
            violation(format!("usable: the plan has invalid faults: {error}"));
        }
        ocamba_hood::simulation::begin(network::connect);
        redis::begin();
        network::begin(plan.network.clone(), plan.seed, server.clone());
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => panic!("no runtime: {error}"),
        };
        let local = LocalSet::new();
        let all = async {
            if timeout(LONGEST, self.live()).await.is_err() {
                violation("deadline: the world did not end".to_owned());
            }
            sleep(QUIET).await;
        };
        runtime.block_on(local.run_until(all));
        let journal = journal(server);
        {
            let _context = runtime.enter();
            process::bury();
        }
        drop(local);
        drop(runtime);
        network::end();
        self.judge(record::take(), &journal)
    }

    /// Lets all processes make their calls.
    async fn live(&self) {
        let controls: Vec<Rc<Control>> = self.plan.processes.iter().map(|_| Rc::default()).collect();
        let machines = controls
            .iter()
            .enumerate()
            .map(|(number, control)| tokio::task::spawn_local(machine(self.program(number, control.clone()))));
        let machines = join_all(machines.collect::<Vec<_>>());
        let troubles = tokio::task::spawn_local(trouble(self.plan.clone(), controls));
        let has_redis = self.plan.storage == Storage::Redis;
        let copies = tokio::task::spawn_local(async move {
            if has_redis {
                loop {
                    sleep(COPY).await;
                    redis::copy();
                }
            }
        });
        machines.await;
        troubles.abort();
        copies.abort();
        kernel::fail_storage(0, 0);
        kernel::slow_storage(Duration::ZERO);
    }

    fn program(&self, number: usize, control: Rc<Control>) -> Program {
        let plan = Rc::new(self.plan.processes[number].clone());
        let position = Rc::new(plan.tasks.iter().map(|_| Default::default()).collect());
        let (is_limited, storage) = (self.plan.is_limited, self.plan.storage);
        let reconcile_timeout = self.plan.reconcile_timeout();
        Program { number, plan, position, control, is_limited, storage, reconcile_timeout }
    }

    /// Returns what the world has shown, with the rules that it broke.
    fn judge(&self, record: Record, journal: &Journal) -> Outcome {
        let Record { log, history, mut violations } = record;
        // What the files of the machine have lost, its processes do not know of each other. The rows of a fleet are in its ledger.
        let begins =
            |it: &ocamba_history::Violation, with: &str| it.name.as_ref().is_some_and(|name| name.starts_with(with));
        let is_promised = |it: &ocamba_history::Violation| match it.rule {
            _ if !self.plan.has_storage_faults() => true,
            Rule::Ensure => begins(it, "row-"),
            // Where several ensure a name, the rule names the rejected one.
            Rule::Rejected => !begins(it, "shared-"),
            _ => true,
        };
        let broken = ocamba_history::check(&history, journal).into_iter().filter(is_promised);
        violations.extend(broken.map(|it| it.to_string()));
        let refused = journal.entries.iter().filter(|entry| entry.status == Some(429)).count();
        let by_faults = self.plan.faults.iter().any(|fault| fault.to_string().contains("429"));
        if refused > 0 && !by_faults && self.plan.is_rate_kept() {
            violations.push(format!("rate_limit: the server refused {refused} requests"));
        }
        Outcome { violations, log, calls: history.len() / 2, requests: journal.arrivals.len() }
    }
}

/// Runs a process, and starts it again where it was killed.
async fn machine(program: Program) {
    sleep(Duration::from_millis(program.plan.start_ms)).await;
    for run in 0.. {
        let number = program.number;
        let id = kernel::id(number, run);
        let main = program.clone().run();
        log(&format!("process {number} starts as {id}"));
        match Running::new(number, id, program.control.clone(), main).await {
            Ended::Finished => {
                log(&format!("process {number} ends"));
                break;
            }
            Ended::Killed(restart) => sleep(restart).await,
        }
    }
}

/// Has the events of a plan happen.
async fn trouble(plan: Plan, controls: Vec<Rc<Control>>) {
    let began = Instant::now();
    for event in &plan.events {
        sleep_until(began + Duration::from_millis(event.at_ms)).await;
        log(&format!("{:?}", event.what));
        match event.what {
            What::Kill { process, from, steps, restart_ms } => {
                if let Some(control) = controls.get(process) {
                    control.kill(from, steps, Duration::from_millis(restart_ms));
                }
            }
            What::Stop { process, from, steps, ms } => {
                if let Some(control) = controls.get(process) {
                    control.stop(from, steps, Duration::from_millis(ms));
                }
            }
            What::Clock { process, step_ms } => kernel::step_clock(process, step_ms),
            What::Partition { how, ms } => network::partition(how, Duration::from_millis(ms)),
            What::Storage { open, write, ms } => {
                kernel::fail_storage(open, write);
                tokio::task::spawn_local(async move {
                    sleep(Duration::from_millis(ms)).await;
                    log("the storage works again");
                    kernel::fail_storage(0, 0);
                });
            }
            What::Slow { write_ms, ms } => {
                kernel::slow_storage(Duration::from_millis(write_ms));
                tokio::task::spawn_local(async move {
                    sleep(Duration::from_millis(ms)).await;
                    kernel::slow_storage(Duration::ZERO);
                });
            }
            What::Fork { process, ms } => {
                if let Some(id) = controls.get(process).and_then(|control| control.id()) {
                    kernel::fork(id);
                    tokio::task::spawn_local(async move {
                        sleep(Duration::from_millis(ms)).await;
                        kernel::end_child(id);
                    });
                }
            }
            What::Power { restart_ms } => {
                let restart = OFF + Duration::from_millis(restart_ms);
                controls.iter().for_each(|control| control.kill(From::Now, 0, restart));
                sleep(OFF).await;
                kernel::lose_power();
            }
            What::Remove { process } => kernel::remove_folder(process),
            What::Redis { ms, loss } => redis::stop(Duration::from_millis(ms), loss),
        }
    }
}

fn journal(server: &InProcess) -> Journal {
    let arrival = |it: ocamba_sandbox::Arrival| Arrival {
        id: it.id,
        method: it.method,
        path: it.path,
        name: it.name,
        request: it.request,
    };
    let entry = |it: ocamba_sandbox::Entry| Entry {
        id: it.id,
        method: it.method,
        path: it.path,
        name: it.name,
        status: it.status,
        committed: it.committed,
        integration_id: it.integration_id,
    };
    Journal {
        arrivals: server.arrivals().into_iter().map(arrival).collect(),
        entries: server.journal().into_iter().map(entry).collect(),
    }
}
