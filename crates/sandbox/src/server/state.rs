//! The state of the server.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::account::journal::{Entry, Journal, short};
use crate::account::rate_limit::{Gauge, Windows};
use crate::account::store::Store;
use crate::contract::document::Document;
use crate::contract::masking::Masking;
use crate::contract::memory::Memory;
use crate::contract::operations::{Operations, new_integration_to_test};
use crate::contract::providers::Providers;
use crate::contract::schema::Schema;
use crate::faults::{Faults, InvalidFaults, Selection};
use crate::server::authority::Authority;
use crate::server::error::Error;
use crate::server::guard::Guard;
use crate::server::settings::Settings;

/// One account and the data that its requests need.
pub struct Server {
    /// Identifies this start of a sandbox, as opposed to others at the same address.
    pub run: Uuid,
    pub guard: Guard,
    pub journal: Journal,
    pub faults: Selection,
    pub operations: Operations,
    pub providers: Providers,
    /// The schema of a test notification without an id.
    pub test_of_new: Schema,
    pub store: Store,
    pub masking: Masking,
    pub memory: Memory,
    /// Pages that may follow the events at once.
    pub pages: Arc<Semaphore>,
    pub settings: Settings,
    /// None for plain HTTP.
    pub authority: Option<Authority>,
    /// None when the number of requests in flight is not limited.
    max_in_flight: Option<u32>,
    pub in_flight: Semaphore,
    windows: Mutex<(Instant, Windows)>,
    /// Tasks that continue when their client has left.
    detached: Mutex<JoinSet<()>>,
}

/// Maximum number of pages that follow the events at once.
const MOST_PAGES: usize = 16;

impl Server {
    pub fn new(settings: Settings, document: &Document) -> Result<Self, Error> {
        let create = document.operation("createIntegration")?;
        let operations = Operations::new(document)?;
        let max_in_flight = Some(settings.max_in_flight).filter(|most| *most > 0);
        Ok(Self {
            run: Uuid::new_v4(),
            guard: Guard::new(&settings)?,
            journal: Journal::new(settings.journal, settings.on_request.clone()),
            faults: Selection::new(&settings.faults, &operations, settings.tls).map_err(Error::Faults)?,
            operations,
            providers: Providers::new(document, create.examples("201"))?,
            test_of_new: new_integration_to_test(document)?,
            store: Store::new(create.examples("201"))?,
            masking: Masking::new(document),
            memory: Memory::default(),
            pages: Arc::new(Semaphore::new(MOST_PAGES)),
            in_flight: Semaphore::new(permits(max_in_flight)),
            max_in_flight,
            authority: settings.tls.then(Authority::new).transpose()?,
            windows: Mutex::new((Instant::now(), Windows::new(settings.burst, settings.steady))),
            detached: Mutex::default(),
            settings,
        })
    }

    /// Replaces all faults.
    pub fn set_faults(&self, faults: &Faults) -> Result<(), InvalidFaults> {
        self.faults.replace(faults, &self.operations)
    }

    /// Returns to the start: no requests, no integrations, new windows, the faults of the settings.
    pub fn reset(&self) {
        self.stop();
        // They were valid when the sandbox started.
        let _ = self.set_faults(&self.settings.faults);
        let windows = Windows::new(self.settings.burst, self.settings.steady);
        *self.windows.lock().unwrap_or_else(PoisonError::into_inner) = (Instant::now(), windows);
        self.store.clear();
        self.journal.clear();
    }

    /// Returns the journal entry of a request, from its first line.
    pub fn entry(&self, method: &str, path: &str) -> Entry {
        let operation = self.operations.id_of(method, path).map(str::to_owned);
        Entry { method: short(method), path: short(path), operation, ..Entry::default() }
    }

    /// Runs a task until it ends or the sandbox does, independent of the connection.
    pub fn detach(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut detached = self.detached.lock().unwrap_or_else(PoisonError::into_inner);
        while detached.try_join_next().is_some() {}
        detached.spawn(task);
    }

    /// Aborts the detached tasks.
    pub fn stop(&self) {
        self.detached.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }

    /// Returns the state of the limits, for the inspector.
    pub fn limits(&self) -> Limits {
        Limits {
            windows: self.windows(Windows::gauges),
            in_flight: permits(self.max_in_flight).saturating_sub(self.in_flight.available_permits()),
            max_in_flight: self.max_in_flight,
        }
    }

    /// Uses the windows. The time is read while they are locked, so that it never goes backwards for them.
    pub fn windows<T>(&self, use_them: impl FnOnce(&mut Windows, Duration) -> T) -> T {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, windows) = &mut *windows;
        use_them(windows, began.elapsed())
    }
}

/// The state of the limits.
#[derive(Serialize)]
pub struct Limits {
    pub windows: Vec<Gauge>,
    pub in_flight: usize,
    max_in_flight: Option<u32>,
}

fn permits(max_in_flight: Option<u32>) -> usize {
    max_in_flight.map_or(Semaphore::MAX_PERMITS, |most| (most as usize).min(Semaphore::MAX_PERMITS))
}
