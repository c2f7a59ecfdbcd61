//! The state of the server.

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use uuid::Uuid;

use crate::account::integration::Integration;
use crate::account::journal::{Entry, Journal, short};
use crate::account::listing::LIST_LAG;
use crate::account::state_file::StateFile;
use crate::account::store::Store;
use crate::contract::bearer_token::authorize;
use crate::contract::document::Document;
use crate::contract::error_response::ErrorResponse;
use crate::contract::masking::Masking;
use crate::contract::memory::Memory;
use crate::contract::operations::{Operations, new_integration_to_test};
use crate::contract::providers::Providers;
use crate::contract::schema::Schema;
use crate::contract::unknowns::{Assumptions, ListLag};
use crate::faults::{Faults, InvalidFaults, Selection};
use crate::server::accounts::{Account, Accounts};
use crate::server::authority::Authority;
use crate::server::error::Error;
use crate::server::guard::Guard;
use crate::server::settings::Settings;

/// The accounts and the data that their requests need.
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
    pub store: Arc<Store>,
    pub masking: Masking,
    /// The answers to what is not known of the API.
    pub assumed: Assumptions,
    pub memory: Memory,
    /// Pages that may follow the events at once.
    pub pages: Arc<Semaphore>,
    pub settings: Settings,
    /// None for plain HTTP.
    pub authority: Option<Authority>,
    pub accounts: Accounts,
    /// None when the integrations are kept in memory only.
    state_file: Option<Arc<StateFile>>,
    /// Tasks that continue when their client has left.
    detached: Mutex<JoinSet<()>>,
}

/// Maximum number of pages that follow the events at once.
const MOST_PAGES: usize = 16;

impl Server {
    pub fn new(settings: Settings, document: &Document) -> Result<Self, Error> {
        let create = document.operation("createIntegration")?;
        let assumed = Assumptions::new(&document.unknowns()?, &settings.assumed).map_err(Error::Assumption)?;
        let operations = Operations::new(document, &assumed)?;
        let store = Arc::new(Store::new(create.examples("201"))?);
        let server = Self {
            run: Uuid::new_v4(),
            guard: Guard::new(&settings)?,
            journal: Journal::new(settings.journal, settings.on_request.clone()),
            faults: Selection::new(&settings.faults, &operations, settings.tls).map_err(Error::Faults)?,
            operations,
            providers: Providers::new(document, create.examples("201"))?,
            test_of_new: new_integration_to_test(document)?,
            masking: Masking::new(document),
            memory: Memory::default(),
            pages: Arc::new(Semaphore::new(MOST_PAGES)),
            accounts: Accounts::new(store.company_id(), &settings, assumed.rate_headers),
            store,
            assumed,
            state_file: None,
            authority: settings.tls.then(Authority::new).transpose()?,
            detached: Mutex::default(),
            settings,
        };
        server.begin()
    }

    /// Begins with the integrations of the file, or else with those of the settings.
    fn begin(mut self) -> Result<Self, Error> {
        // Before the file is opened, which an invalid one must not change.
        self.seed(&self.accounts.common().company_id).map_err(|(index, why)| Error::Seed { index, why })?;
        if self.accounts.are_several() {
            // Each begins with its own.
            self.store.clear(None);
        }
        if let Some(path) = &self.settings.state {
            let file = StateFile::open(path, &self.store);
            self.state_file = Some(file.map_err(|why| Error::State { path: path.clone(), why })?.into());
        }
        Ok(self)
    }

    /// Adds the integrations of the settings to an account.
    fn seed(&self, account: &str) -> Result<(), (usize, String)> {
        let add = |(index, body): (usize, &Value)| match self.add_integration(account, body.clone()) {
            Ok(_) => Ok(()),
            Err(error) => Err((index, error.message())),
        };
        self.settings.seed.iter().enumerate().try_for_each(add)
    }

    /// Returns the account of a token. A new one has the integrations of the settings, unless it is one of the file.
    pub fn account(&self, token: &str) -> Arc<Account> {
        self.accounts.of(token, |account| {
            if !self.settings.seed.is_empty() && self.store.all(Some(&account.company_id)).is_empty() {
                // They were valid when the sandbox started.
                let _ = self.seed(&account.company_id);
            }
        })
    }

    /// Returns the account that a request to the control is about: that of its token, or none for all accounts.
    pub fn chosen_account(&self, headers: &HeaderMap) -> Option<Arc<Account>> {
        let token = authorize(headers, &self.settings.tokens).ok().filter(|_| self.accounts.are_several())?;
        Some(self.account(token))
    }

    /// Adds an integration without a request to the API.
    pub fn add_integration(&self, account: &str, body: Value) -> Result<Arc<Integration>, ErrorResponse> {
        let create = self.operations.find("POST", "/v1/hood/integrations")?;
        create.body.as_ref().map_or(Ok(()), |schema| schema.check(&body))?;
        let created = serde_json::from_value(body).ok().and_then(|new| self.store.create(account, new));
        let (created, _) = created.ok_or_else(ErrorResponse::server_error)?;
        if self.assumed.list_lag == ListLag::Seconds {
            // Lists show it at once, since no request has created it.
            self.store.update(account, &created.id, |it| it.create_time -= LIST_LAG);
        }
        Ok(created)
    }

    /// Writes the integrations to the file, if there is one: a request that has succeeded survives a restart.
    pub async fn save(&self) -> Result<(), ErrorResponse> {
        let (Some(file), store) = (self.state_file.clone(), self.store.clone()) else { return Ok(()) };
        let saved = spawn_blocking(move || file.save(&store)).await;
        saved.unwrap_or_else(|error| Err(error.to_string())).map_err(|why| {
            let message = format!("the request took effect, but the state's file lacks it: {why}");
            ErrorResponse::new(StatusCode::INTERNAL_SERVER_ERROR, message)
        })
    }

    /// Writes the integrations to the file at once.
    pub fn save_now(&self) -> Result<(), String> {
        self.state_file.as_ref().map_or(Ok(()), |file| file.save(&self.store))
    }

    /// Replaces all faults of an account, or those of all accounts.
    pub fn set_faults(&self, account: Option<&str>, faults: &Faults) -> Result<(), InvalidFaults> {
        self.faults.replace(account, faults, &self.operations)
    }

    /// Returns an account to the start, or all: no requests, the integrations of the settings, new windows, and the faults of
    /// the settings, which are those of all accounts.
    pub fn reset(&self, account: Option<&Account>) {
        let company_id = account.map(|it| it.company_id.as_str());
        match company_id {
            Some(_) => self.faults.clear(company_id),
            None => {
                self.stop();
                self.faults.clear(None);
                // They were valid when the sandbox started.
                let _ = self.set_faults(None, &self.settings.faults);
            }
        }
        self.accounts.reset(account);
        self.store.clear(company_id);
        self.journal.clear(company_id);
        let has_seed = !self.accounts.are_several() || account.is_some();
        if has_seed {
            let _ = self.seed(company_id.unwrap_or(&self.accounts.common().company_id));
        }
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

    /// Stops for good, and leaves the file to another sandbox.
    pub fn close(&self) {
        self.stop();
        if let Some(file) = &self.state_file {
            file.close();
        }
    }
}
