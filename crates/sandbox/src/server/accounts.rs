//! The accounts that tokens belong to, each with its own rate limit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::Semaphore;

use crate::account::rate_limit::{Gauge, Windows};
use crate::contract::unknowns::RateHeaders;
use crate::server::settings::Settings;

/// One account for all tokens, or one for each.
pub struct Accounts {
    settings: Settings,
    rate_headers: RateHeaders,
    common: Arc<Account>,
    /// None when all tokens belong to one account.
    of_companies: Option<Mutex<HashMap<String, Arc<Account>>>>,
}

/// An account, and its use of the limits. The store has its integrations.
pub struct Account {
    pub company_id: String,
    pub in_flight: Semaphore,
    /// None when the number of requests in flight is not limited.
    max_in_flight: Option<u32>,
    windows: Mutex<(Instant, Windows)>,
}

/// The state of the limits.
#[derive(Serialize)]
pub struct Limits {
    pub windows: Vec<Gauge>,
    pub in_flight: usize,
    max_in_flight: Option<u32>,
}

/// Number of accounts whose limits are kept. With more, all begin new windows.
const MOST: usize = 1_000;

impl Accounts {
    /// `company_id` is the id of the common account.
    pub fn new(company_id: &str, settings: &Settings, rate_headers: RateHeaders) -> Self {
        Self {
            common: Account::new(company_id.to_owned(), settings, rate_headers).into(),
            rate_headers,
            of_companies: settings.account_per_token.then(Mutex::default),
            settings: settings.clone(),
        }
    }

    /// Returns the account of a token. `begin` gets a new one, before any request of it.
    pub fn of(&self, token: &str, begin: impl FnOnce(&Account)) -> Arc<Account> {
        let Some(accounts) = &self.of_companies else { return self.common.clone() };
        let company_id = company_of(token);
        let mut accounts = accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= MOST && !accounts.contains_key(&company_id) {
            accounts.clear();
        }
        let new = |company_id: &String| {
            let account = Account::new(company_id.clone(), &self.settings, self.rate_headers);
            begin(&account);
            Arc::new(account)
        };
        accounts.entry(company_id).or_insert_with_key(new).clone()
    }

    /// Returns whether each token has its own.
    pub fn are_several(&self) -> bool {
        self.of_companies.is_some()
    }

    /// Returns the account of requests without one, or the only one.
    pub fn common(&self) -> &Arc<Account> {
        &self.common
    }

    /// Begins new windows: for one account, or for all.
    pub fn reset(&self, account: Option<&Account>) {
        match (account, &self.of_companies) {
            (Some(account), _) => account.reset(),
            (None, Some(accounts)) => accounts.lock().unwrap_or_else(PoisonError::into_inner).clear(),
            (None, None) => self.common.reset(),
        }
    }

    /// Returns the state of the limits, for the inspector: of several accounts, that of the one which uses most.
    pub fn limits(&self) -> Limits {
        let Some(accounts) = &self.of_companies else { return self.common.limits() };
        let all: Vec<_> = accounts.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let used = |limits: &Limits| (limits.windows.iter().map(|it| it.used).max(), limits.in_flight);
        all.iter().map(|it| it.limits()).max_by_key(used).unwrap_or_else(|| self.common.limits())
    }
}

impl Account {
    fn new(company_id: String, settings: &Settings, rate_headers: RateHeaders) -> Self {
        let max_in_flight = Some(settings.max_in_flight).filter(|most| *most > 0);
        let windows = Windows::new(settings.burst, settings.steady).describing(rate_headers);
        let windows = Mutex::new((Instant::now(), windows));
        Self { company_id, in_flight: Semaphore::new(permits(max_in_flight)), max_in_flight, windows }
    }

    /// Uses the windows. The time is read while they are locked, so that it never goes backwards for them.
    pub fn windows<T>(&self, use_them: impl FnOnce(&mut Windows, Duration) -> T) -> T {
        let mut windows = self.lock();
        let (began, windows) = &mut *windows;
        use_them(windows, began.elapsed())
    }

    fn reset(&self) {
        let (began, windows) = &mut *self.lock();
        *began = Instant::now();
        windows.restart();
    }

    fn limits(&self) -> Limits {
        Limits {
            windows: self.windows(Windows::gauges),
            in_flight: permits(self.max_in_flight).saturating_sub(self.in_flight.available_permits()),
            max_in_flight: self.max_in_flight,
        }
    }

    fn lock(&self) -> MutexGuard<'_, (Instant, Windows)> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the id of a token's company: the same for each start of a sandbox, so that a file of its state has no tokens.
fn company_of(token: &str) -> String {
    // A billion and more, so that no example has it. The hash is FNV-1a: that of the library may change.
    const BILLION: u64 = 1_000_000_000;
    let hash = token
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (BILLION + hash % (1_000 * BILLION)).to_string()
}

fn permits(max_in_flight: Option<u32>) -> usize {
    max_in_flight.map_or(Semaphore::MAX_PERMITS, |most| (most as usize).min(Semaphore::MAX_PERMITS))
}
