//! The calls of a process, by the real client.

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{join, join_all};
use ocamba_history::{Operation as Kind, Outcome};
use ocamba_hood::{
    Action, Client, Error, NewIntegration, Progress, Proxy, RateLimit, Tier, UpdateIntegration, providers,
};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::network::{REDIS, SERVER};
use crate::plan::{Call, Operation, Process, Storage};
use crate::process::Control;
use crate::record::{self, Return, violation};
use crate::{fleet, kernel};

/// Time that a call may take beyond its timeout: steps of the world's timers.
const SCHEDULING: Duration = Duration::from_millis(20);

/// Timeout of a fleet's requests.
const FLEET_TIMEOUT: Duration = Duration::from_secs(2);

/// The end of a call; of one that was cancelled, what was said of its request.
type Ended<T> = Result<Result<T, Error>, Outcome>;

/// Where a process is: how many calls each of its tasks has begun, which survives its kills.
pub type Position = Rc<Vec<std::cell::Cell<usize>>>;

/// What the runs of a process have in common.
#[derive(Clone)]
pub struct Program {
    pub number: usize,
    pub plan: Rc<Process>,
    pub position: Position,
    pub control: Rc<Control>,
    pub is_limited: bool,
    pub storage: Storage,
    pub reconcile_timeout: Duration,
}

impl Program {
    /// Makes the calls that are left.
    pub async fn run(self) {
        let tier = if self.is_limited { Tier::default() } else { Tier { burst: 1_000, steady: 60_000 } };
        let rate_limit = match self.storage {
            Storage::File => RateLimit::shared(),
            Storage::Redis => RateLimit::redis(format!("redis://127.0.0.1:{REDIS}")),
        };
        let built = Client::builder()
            .token(format!("token-{}", self.plan.token))
            .base_url(format!("http://127.0.0.1:{SERVER}"))
            .proxy(Proxy::off())
            .rate_limit(rate_limit.tier(tier))
            .timeout(FLEET_TIMEOUT)
            .connect_timeout(Duration::from_millis(self.plan.connect_timeout_ms))
            .build();
        let client = match built {
            Ok(client) => client,
            Err(error) => return violation(format!("usable: no client could be built: {error}")),
        };
        let fleet = async {
            if let Some(fleet) = &self.plan.fleet {
                fleet::apply(self.number, fleet, &client, self.reconcile_timeout).await;
            }
        };
        join(fleet, join_all((0..self.plan.tasks.len()).map(|task| self.task(task, &client)))).await;
    }

    async fn task(&self, task: usize, client: &Client) {
        let (calls, position) = (&self.plan.tasks[task], &self.position[task]);
        let mut last = None;
        while let Some(call) = calls.get(position.get()) {
            sleep(Duration::from_millis(call.pause_ms)).await;
            position.set(position.get() + 1);
            self.call(client, call, &mut last).await;
        }
    }

    /// Makes a call. `last` is the integration that this task has created last.
    async fn call(&self, client: &Client, call: &Call, last: &mut Option<String>) {
        let integrations = client.integrations();
        let (time, retries) = (Duration::from_millis(call.timeout_ms), call.max_retries);
        match &call.operation {
            Operation::Ensure(name) => {
                let id = record::invoke(self.number, Kind::Ensure, Some(name));
                let ensure = integrations.ensure(request(name)).timeout(time).max_retries(retries);
                let ensure = ensure.reconcile_timeout(self.reconcile_timeout);
                let progress = ensure.progress();
                let ended = self.ended(&id, call, time, &progress, ensure.into_future()).await;
                let (created, integration) = match &ended {
                    Ok(Ok(ensured)) => (Some(ensured.action == Action::Created), Some(ensured.integration.id.clone())),
                    _ => (None, None),
                };
                record::end(id, Return { created, integration, ..end(&ended) });
            }
            Operation::Create(name) => {
                let id = record::invoke(self.number, Kind::Create, Some(name));
                let create = integrations.create(request(name)).timeout(time).max_retries(retries);
                let progress = create.progress();
                let ended = self.ended(&id, call, time, &progress, create.into_future()).await;
                let created = ended.as_ref().ok().and_then(|it| it.as_ref().ok()).map(|created| created.id.clone());
                *last = created.clone().or(last.take());
                record::end(id, Return { integration: created, ..end(&ended) });
                if let Ok(Err(error)) = ended
                    && error.outcome() == ocamba_hood::Outcome::Unknown
                {
                    self.search(client, name, &error, call).await;
                }
            }
            Operation::Rename(name) => {
                let Some(integration) = last.clone() else { return };
                let id = record::invoke(self.number, Kind::Update, Some(name));
                let update = UpdateIntegration::new().name(name);
                let update = integrations.update(&integration, update).timeout(time).max_retries(retries);
                let progress = update.progress();
                let ended = self.ended(&id, call, time, &progress, update.into_future()).await;
                let changed = ended.as_ref().is_ok_and(Result::is_ok).then_some(integration);
                record::end(id, Return { integration: changed, ..end(&ended) });
            }
            Operation::List => {
                let id = record::invoke(self.number, Kind::Other, None);
                let list = integrations.list().timeout(time).max_retries(retries);
                record::end(id, end(&Ok(list.all().await)));
            }
        }
    }

    /// Searches the create of an error.
    async fn search(&self, client: &Client, name: &str, error: &Error, call: &Call) {
        let id = record::invoke(self.number, Kind::FindCreated, Some(name));
        let time = Duration::from_millis(call.timeout_ms).max(5 * self.reconcile_timeout);
        let search = client.integrations().find_created(error).timeout(time);
        let search = search.reconcile_timeout(self.reconcile_timeout);
        let call = Call { cancel_ms: None, ..call.clone() };
        let found = self.ended(&id, &call, time, &Progress::default(), search.into_future()).await;
        let integration = found.as_ref().ok().and_then(|it| it.as_ref().ok()?.as_ref()).map(|found| found.id.clone());
        record::end(id, Return { integration, ..end(&found) });
    }

    /// Waits for the end of a call, in time. Of one that was cancelled, returns what was said of its request.
    async fn ended<T>(
        &self,
        id: &str,
        call: &Call,
        time: Duration,
        progress: &Progress,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Ended<T> {
        let (began, lost) = (Instant::now(), self.control.lost());
        let mut future = Box::pin(future);
        let ended = match call.cancel_ms {
            Some(cancel) => timeout(Duration::from_millis(cancel), &mut future).await.ok(),
            None => Some(future.as_mut().await),
        };
        let ended = match ended {
            Some(ended) => Ok(ended),
            None if call.is_kept => {
                let said = said(progress.cancel());
                let _ = future.await;
                Err(said)
            }
            None => {
                drop(future);
                Err(said(progress.cancel()))
            }
        };
        // The deadline is by the clock of the process, and the world's timers go by the world's.
        let allowed = time + SCHEDULING + kernel::ahead(self.number) + self.control.lost() - lost;
        let took = began.elapsed();
        if took > allowed {
            let (took, time) = (took.as_millis(), time.as_millis());
            violation(format!("deadline: call {id} had {time} ms, and took {took} ms"));
        }
        ended
    }
}

/// Returns what the progress of a call said when it was cancelled.
fn said(may_have_been_sent: bool) -> Outcome {
    if may_have_been_sent { Outcome::Unknown } else { Outcome::NotSent }
}

/// Returns the end of a call, or of one that was cancelled.
fn end<T>(ended: &Ended<T>) -> Return {
    let none =
        Return { outcome: Outcome::Ok, progress: None, integration: None, created: None, message: String::new() };
    match ended {
        Err(said) => Return { outcome: Outcome::Cancelled, progress: Some(*said), ..none },
        Ok(Ok(_)) => none,
        Ok(Err(error)) => Return { outcome: outcome(error), message: error.to_string(), ..none },
    }
}

fn outcome(error: &Error) -> Outcome {
    match error.outcome() {
        ocamba_hood::Outcome::NotSent => Outcome::NotSent,
        ocamba_hood::Outcome::Rejected => Outcome::Rejected,
        ocamba_hood::Outcome::Applied => Outcome::Applied,
        _ => Outcome::Unknown,
    }
}

/// Returns a valid request for the first provider.
pub fn request(name: &str) -> NewIntegration {
    let provider = &providers()[0];
    let settings: Map<String, Value> =
        provider.settings.iter().map(|it| (it.name.to_owned(), json!("12345"))).collect();
    let text = json!({ "name": name, "provider_id": provider.id, "settings": settings }).to_string();
    match NewIntegration::from_json(&text) {
        Ok(request) => request,
        Err(error) => panic!("the settings of the first provider are not all strings: {error}"),
    }
}
