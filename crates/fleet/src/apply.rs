//! Makes the account as the rows say.

use std::fmt;
use std::time::Duration;

use ocamba_hood::Client;

use crate::cancel::Cancel;
use crate::fleet::Fleet;
use crate::progress::{Listener, Progress};
use crate::report::Report;
use crate::run::Run;
use crate::saved_plan::SavedPlan;
use crate::{Error, Ledger};

const DEFAULT_IN_FLIGHT: usize = 16;
const DEFAULT_SETTLE: Duration = Duration::from_secs(10);

/// A run that is set up, and done by [`run`](Self::run). From [`Fleet::apply`].
#[must_use = "nothing is sent until it is run"]
pub struct Apply<'a> {
    pub(crate) fleet: &'a Fleet,
    pub(crate) client: &'a Client,
    pub(crate) ledger: &'a Ledger,
    pub(crate) saved: Option<&'a SavedPlan>,
    pub(crate) in_flight: usize,
    pub(crate) settle: Duration,
    pub(crate) cancel: Cancel,
    pub(crate) listener: Listener<'a>,
    pub(crate) observer: Observer<'a>,
}

/// Told of each step of a row: for trials that stop a run there.
type Observer<'a> = Box<dyn FnMut(Moment) + Send + 'a>;

/// What has just happened to a row, or several.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Intents are on the disk, and nothing of them was sent.
    Intended,
    /// A request is about to be sent.
    Sending,
    /// An answer came, and is not written yet.
    Answered,
    /// A result is on the disk.
    Written,
}

impl Fleet {
    /// Makes the account as these rows say: creates, updates, adopts. Done with a ledger, a run that ended early, in
    /// whatever way, is gone on with by the next one: nothing is created twice.
    ///
    /// ```
    /// # async fn example(client: ocamba_hood::Client) -> Result<(), ocamba_fleet::Error> {
    /// use ocamba_fleet::{Ledger, Secrets, Sheet};
    ///
    /// let fleet = Sheet::read("fleet.csv")?.check(Secrets::new())?;
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
            saved: None,
            in_flight: DEFAULT_IN_FLIGHT,
            settle: DEFAULT_SETTLE,
            cancel: Cancel::default(),
            listener: Box::new(|_| {}),
            observer: Box::new(|_| {}),
        }
    }
}

impl<'a> Apply<'a> {
    /// Only if what would be done is still what was planned.
    pub fn as_planned(mut self, plan: &'a SavedPlan) -> Self {
        self.saved = Some(plan);
        self
    }

    /// How many requests may be on their way, or wait for their turn, at once. Default: 16.
    pub fn in_flight(mut self, requests: usize) -> Self {
        self.in_flight = requests.max(1);
        self
    }

    /// How long the server may still be at a create whose outcome is unknown, before it is created again. Default: 10
    /// seconds.
    pub fn settle(mut self, settle: Duration) -> Self {
        self.settle = settle;
        self
    }

    /// Can be stopped by this.
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Tells how far it has come, after each row.
    pub fn on_progress(mut self, listener: impl FnMut(&Progress) + Send + 'a) -> Self {
        self.listener = Box::new(listener);
        self
    }

    #[doc(hidden)]
    pub fn on_moment(mut self, observer: impl FnMut(Moment) + Send + 'a) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Does it. What failed is in the report, and does not stop the rest.
    ///
    /// # Errors
    ///
    /// Before anything was sent: the account cannot be read, the plan is stale, the ledger is of another account. Later:
    /// [`Error::Ledger`] where the ledger cannot be written any more; nothing is sent without its intent on the disk.
    pub async fn run(self) -> Result<Report, Error> {
        let plan = self.fleet.plan(self.client, Some(self.ledger)).await?;
        if let Some(saved) = self.saved {
            saved.verify(self.fleet, &plan, self.client, &self.ledger.entries)?;
        }
        Run::new(self, plan).await.run().await
    }
}

impl fmt::Debug for Apply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apply")
            .field("fleet", &self.fleet)
            .field("in_flight", &self.in_flight)
            .field("settle", &self.settle)
            .finish_non_exhaustive()
    }
}
