//! Selects the fault that fires for a request.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::contract::operations::{Operations, Target};
use crate::faults::fault::{ExpireToken, Fault, Faults, Rule, Stage, TlsFault};
use crate::faults::validation::{InvalidFaults, check};

/// The remaining faults of all accounts.
pub struct Selection {
    /// Whether there are faults of each kind, so that requests lock nothing while there are none.
    on_arrival: AtomicBool,
    on_token: AtomicBool,
    once_read: AtomicBool,
    is_tls: bool,
    active: Mutex<Active>,
}

/// The parts of a request that rules match.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub name: Option<&'a str>,
    /// None before the token is known.
    pub account: Option<&'a str>,
}

#[derive(Default)]
struct Active {
    /// Counts the changes of the remaining faults.
    changes: u64,
    /// The faults of each account, before those of all, whose key is none.
    sets: BTreeMap<Option<String>, Set>,
}

/// Faults with their random generator, so that accounts do not change each other's runs.
struct Set {
    seed: u64,
    random: Rng,
    rules: Vec<ActiveRule>,
}

struct ActiveRule {
    rule: Arc<Rule>,
    target: Option<Target>,
    skip: u64,
    times: Option<u64>,
    /// Of each token, by its hash: the requests that it worked for, and the time of the first one.
    tokens: HashMap<u64, (u64, Instant)>,
}

/// Maximum number of accounts with faults of their own.
const MOST_ACCOUNTS: usize = 1_000;

impl<'a> Subject<'a> {
    /// Returns what the first line of a request says.
    pub fn of(method: &'a str, path: &'a str) -> Self {
        Self { method, path, name: None, account: None }
    }
}

impl Selection {
    /// `is_tls` is whether the server speaks TLS: without it, the faults of TLS are invalid.
    pub fn new(faults: &Faults, operations: &Operations, is_tls: bool) -> Result<Self, InvalidFaults> {
        let selection = Self {
            on_arrival: AtomicBool::default(),
            on_token: AtomicBool::default(),
            once_read: AtomicBool::default(),
            is_tls,
            active: Mutex::default(),
        };
        selection.replace(None, faults, operations)?;
        Ok(selection)
    }

    /// Replaces the faults and the seed of an account, or those of all.
    pub fn replace(
        &self,
        account: Option<&str>,
        faults: &Faults,
        operations: &Operations,
    ) -> Result<(), InvalidFaults> {
        let rules = self.compile(account, faults, operations)?;
        let mut active = self.active();
        let account = account.map(str::to_owned);
        if active.sets.len() > MOST_ACCOUNTS && !active.sets.contains_key(&account) {
            return Err(InvalidFaults(format!(
                "faults of {MOST_ACCOUNTS} accounts are there already; reset the sandbox"
            )));
        }
        active.sets.insert(account, Set::new(faults.seed, rules));
        self.changed(&mut active);
        Ok(())
    }

    /// Adds faults below the others of an account, or below those of all. Their seed is ignored.
    pub fn add(&self, account: Option<&str>, faults: &Faults, operations: &Operations) -> Result<(), InvalidFaults> {
        if !self.active().sets.contains_key(&account.map(str::to_owned)) {
            return self.replace(account, &Faults { seed: 0, ..faults.clone() }, operations);
        }
        let rules = self.compile(account, faults, operations)?;
        let mut active = self.active();
        active.sets.entry(account.map(str::to_owned)).or_insert_with(|| Set::new(0, Vec::new())).rules.extend(rules);
        self.changed(&mut active);
        Ok(())
    }

    /// Removes the faults of an account, or the faults of all accounts with those of each.
    pub fn clear(&self, account: Option<&str>) {
        let mut active = self.active();
        match account {
            None => active.sets.clear(),
            Some(account) => _ = active.sets.remove(&Some(account.to_owned())),
        }
        self.changed(&mut active);
    }

    /// Returns the remaining faults of an account, or those of all, with `skip` and `times` counted down.
    pub fn remaining(&self, account: Option<&str>) -> Faults {
        self.active().remaining(account)
    }

    /// Returns the remaining faults of all accounts, unless faults have not changed since `seen`.
    pub fn changes(&self, seen: &mut Option<u64>) -> Option<Faults> {
        let active = self.active();
        let is_new = *seen != Some(active.changes);
        *seen = Some(active.changes);
        is_new.then(|| active.remaining(None))
    }

    pub fn any_on_arrival(&self) -> bool {
        self.on_arrival.load(Ordering::Acquire)
    }

    pub fn any_on_token(&self) -> bool {
        self.on_token.load(Ordering::Acquire)
    }

    pub fn any_once_read(&self) -> bool {
        self.once_read.load(Ordering::Acquire)
    }

    /// Selects a fault of a connection, of which only the `ClientHello` is known.
    pub fn on_hello(&self) -> Option<TlsFault> {
        let rule = self.select(Stage::Hello, Subject::of("", ""), None)?;
        if let Fault::Tls(fault) = rule.fault { Some(fault) } else { None }
    }

    /// Selects a fault that fires when only the first line of the request is known.
    pub fn on_arrival(&self, seen: Subject<'_>) -> Option<Arc<Rule>> {
        self.select(Stage::Arrival, seen, None)
    }

    /// Selects a fault by which this token has expired.
    pub fn on_token(&self, seen: Subject<'_>, token: &str) -> Option<Arc<Rule>> {
        self.select(Stage::Token, seen, Some(token))
    }

    /// Selects a fault that fires once the request has been read.
    pub fn once_read(&self, seen: Subject<'_>) -> Option<Arc<Rule>> {
        self.select(Stage::Read, seen, None)
    }

    fn select(&self, stage: Stage, seen: Subject<'_>, token: Option<&str>) -> Option<Arc<Rule>> {
        let mut active = self.active();
        let Active { changes, sets } = &mut *active;
        let own = seen.account.map(|account| Some(account.to_owned()));
        let rule = own.into_iter().chain([None]).find_map(|account| {
            let Set { random, rules, .. } = sets.get_mut(&account)?;
            let index = rules.iter_mut().position(|it| {
                it.rule.fault.stage() == stage
                    && it.matches(seen)
                    && token.is_none_or(|token| it.has_expired(token))
                    && it.fires(random, changes)
            })?;
            let rule = rules[index].rule.clone();
            if rules[index].times == Some(0) {
                rules.remove(index);
            }
            Some(rule)
        })?;
        self.update_flags(&active);
        Some(rule)
    }

    fn changed(&self, active: &mut Active) {
        active.changes += 1;
        self.update_flags(active);
    }

    fn update_flags(&self, active: &Active) {
        let rules = || active.sets.values().flat_map(|set| &set.rules);
        let any = |stage| rules().any(|it| it.rule.fault.stage() == stage);
        self.on_arrival.store(any(Stage::Arrival), Ordering::Release);
        self.on_token.store(any(Stage::Token), Ordering::Release);
        self.once_read.store(any(Stage::Read), Ordering::Release);
    }

    fn active(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn compile(
        &self,
        account: Option<&str>,
        faults: &Faults,
        operations: &Operations,
    ) -> Result<Vec<ActiveRule>, InvalidFaults> {
        check(faults)?;
        let compile = |(index, rule): (usize, &Rule)| {
            if matches!(rule.fault, Fault::Tls(_)) && !self.is_tls {
                return Err(InvalidFaults(format!("faults[{index}].fault.tls requires a sandbox that speaks TLS")));
            }
            if account.is_some() && matches!(rule.fault.stage(), Stage::Hello | Stage::Arrival) {
                let what = "fault comes before the token is read, so its account is not known; send it without a token";
                return Err(InvalidFaults(format!("faults[{index}].{what}")));
            }
            let target = rule.operation.as_deref().map(|text| operations.target(text)).transpose();
            let target = target.map_err(|what| InvalidFaults(format!("faults[{index}].operation {what}")))?;
            let (skip, times) = (rule.skip, rule.times);
            Ok(ActiveRule { rule: Arc::new(rule.clone()), target, skip, times, tokens: HashMap::new() })
        };
        faults.faults.iter().enumerate().map(compile).collect()
    }
}

impl Active {
    fn remaining(&self, account: Option<&str>) -> Faults {
        self.sets.get(&account.map(str::to_owned)).map_or_else(Faults::default, |set| {
            let rest = |it: &ActiveRule| Rule { skip: it.skip, times: it.times, ..(*it.rule).clone() };
            Faults { seed: set.seed, faults: set.rules.iter().map(rest).collect() }
        })
    }
}

impl Set {
    fn new(seed: u64, rules: Vec<ActiveRule>) -> Self {
        Self { seed, random: Rng::with_seed(seed), rules }
    }
}

impl ActiveRule {
    fn matches(&self, seen: Subject<'_>) -> bool {
        let named = |fits: &dyn Fn(&str) -> bool| seen.name.is_some_and(fits);
        self.target.as_ref().is_none_or(|target| target.matches(seen.method, seen.path))
            && self.rule.name.as_ref().is_none_or(|name| named(&|seen| seen == name))
            && self.rule.name_prefix.as_ref().is_none_or(|prefix| named(&|seen| seen.starts_with(prefix)))
    }

    /// Counts a matching request of a token, and returns whether it works no more.
    fn has_expired(&mut self, token: &str) -> bool {
        /// Maximum number of tokens that are remembered. With more, all work as long again.
        const MOST_TOKENS: usize = 10_000;
        let Fault::ExpireToken(ExpireToken { after, ms }) = self.rule.fault else { return false };
        let mut hasher = DefaultHasher::new();
        token.hash(&mut hasher);
        if self.tokens.len() >= MOST_TOKENS {
            self.tokens.clear();
        }
        let (used, first) = self.tokens.entry(hasher.finish()).or_insert_with(|| (0, Instant::now()));
        let is_used_up = after.is_some_and(|after| *used >= after);
        let is_late = ms.is_some_and(|ms| first.elapsed() >= Duration::from_millis(ms));
        *used += 1;
        is_used_up || is_late || after.is_none() && ms.is_none()
    }

    /// Counts a matching request.
    fn fires(&mut self, random: &mut Rng, changes: &mut u64) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            *changes += 1;
            return false;
        }
        if self.rule.probability.is_some_and(|chance| random.f64() >= chance) {
            return false;
        }
        if let Some(times) = &mut self.times {
            *times = times.saturating_sub(1);
            *changes += 1;
        }
        true
    }
}
