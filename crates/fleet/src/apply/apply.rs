//! Options of a run.

use std::fmt;
use std::time::Duration;

use ocamba_hood::Client;
use tokio_util::sync::CancellationToken;

use crate::apply::progress::{Listener, Progress};
use crate::input::fleet::Fleet;
use crate::ledger::ledger::Ledger;
use crate::plan::plan::Plan;
use crate::plan::saved_plan::SavedPlan;

const DEFAULT_IN_FLIGHT: usize = 16;
const DEFAULT_RECONCILE_TIMEOUT: Duration = Duration::from_secs(10);
/// As good as forever, with an end that can still be computed.
const LONGEST_RECONCILE_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A run to be started by [`run`](Self::run), from [`Fleet::apply`].
#[must_use = "nothing is sent before `run` is called"]
pub struct Apply<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) client: &'a Client,
    pub(crate) ledger: &'a Ledger,
    pub(crate) plan: Option<Plan>,
    pub(crate) saved: Option<&'a SavedPlan>,
    pub(crate) in_flight: usize,
    pub(crate) reconcile_timeout: Duration,
    pub(crate) cancel: CancellationToken,
    pub(crate) listener: Listener<'a>,
    pub(crate) observer: Observer<'a>,
}

/// Receives the events of a run, so that tests can interrupt it there.
type Observer<'a> = Box<dyn FnMut(ApplyEvent) + Send + 'a>;

/// Event of a run.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplyEvent {
    /// Intents are on disk, and their requests are not sent yet.
    IntentsWritten,
    /// A request is about to be sent.
    Sending,
    /// A response arrived, and its result is not on disk yet.
    ResponseReceived,
    /// A result is on disk.
    ResultWritten,
}

impl Fleet {
    /// Creates, updates and adopts integrations, so that the account matches these rows. If a run ends early, for any reason,
    /// the next run with the same ledger resumes it, and nothing is created twice.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_fleet::Error> {
    /// use ocamba_fleet::{Ledger, RowReader};
    ///
    /// let fleet = RowReader::from_path("fleet.csv")?.check()?;
    /// let ledger = Ledger::open("fleet.csv.ledger")?;
    /// let report = fleet.apply(&client, &ledger).on_progress(|p| println!("{} of {}", p.done, p.total)).run().await?;
    /// println!("{}", report.summary());
    /// # Ok(())
    /// # }
    /// ```
    pub fn apply<'a>(&'a self, client: &'a Client, ledger: &'a Ledger) -> Apply<'a> {
        Apply {
            fleet: self,
            client,
            ledger,
            plan: None,
            saved: None,
            in_flight: DEFAULT_IN_FLIGHT,
            reconcile_timeout: DEFAULT_RECONCILE_TIMEOUT,
            cancel: CancellationToken::new(),
            listener: Box::new(|_| {}),
            observer: Box::new(|_| {}),
        }
    }
}

impl<'a> Apply<'a> {
    /// Runs a plan that was made just now, with the same ledger, in place of a new one. What other processes have created since
    /// then is adopted.
    pub fn planned(mut self, plan: Plan) -> Self {
        self.plan = Some(plan);
        self
    }

    /// Refuses to run if applying would no longer do what was planned.
    pub fn as_planned(mut self, plan: &'a SavedPlan) -> Self {
        self.saved = Some(plan);
        self
    }

    /// Sets the maximum number of requests in flight or waiting for the rate limit. Default: 16.
    pub fn in_flight(mut self, requests: usize) -> Self {
        self.in_flight = requests.max(1);
        self
    }

    /// Sets how long to wait for the server to finish a create whose outcome is unknown, before looking for its result and
    /// perhaps creating the integration again. Default: 10 seconds.
    pub fn reconcile_timeout(mut self, timeout: Duration) -> Self {
        self.reconcile_timeout = timeout.min(LONGEST_RECONCILE_TIMEOUT);
        self
    }

    /// Lets `cancel` stop the run: nothing more is sent, and requests in flight are awaited.
    pub fn cancel(mut self, cancel: &CancellationToken) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Calls a function after each row.
    pub fn on_progress(mut self, listener: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.listener = Box::new(listener);
        self
    }

    #[doc(hidden)]
    pub fn on_event(mut self, observer: impl FnMut(ApplyEvent) + Send + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }
}

impl fmt::Debug for Apply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apply")
            .field("fleet", &self.fleet)
            .field("in_flight", &self.in_flight)
            .field("reconcile_timeout", &self.reconcile_timeout)
            .finish_non_exhaustive()
    }
}
