//! The rules.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::event::{Event, Operation, Outcome};
use crate::journal::{Arrival, Entry, Journal, Write};
use crate::violation::{Rule, Violation};

/// Returns the rules that a history of all calls to a server, and its journal after all of them, break.
pub fn check(history: &[Event], journal: &Journal) -> Vec<Violation> {
    let mut violations = Vec::new();
    let calls = calls(history, &mut violations);
    check_completeness(journal, &mut violations);
    let mut all: BTreeMap<(Write, &str), Named> = BTreeMap::new();
    for call in &calls {
        let (kind, name) = match (call.operation, call.name) {
            (Operation::Other, _) => continue,
            (operation, Some(name)) => {
                (if operation == Operation::Update { Write::Update } else { Write::Create }, name)
            }
            (_, None) => {
                let what = format!("call {} is {} without a name", call.id, call.operation);
                violations.push(Violation { rule: Rule::Usable, name: None, what });
                continue;
            }
        };
        all.entry((kind, name)).or_default().calls.push(call);
    }
    let entries: HashMap<u64, &Entry> = journal.entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut nameless = Vec::new();
    for arrival in &journal.arrivals {
        let entry = arrival.request.and_then(|id| entries.get(&id));
        // The API says that it did nothing, so that the request may be sent again.
        if entry.is_some_and(|entry| entry.status == Some(429) && !entry.committed) {
            continue;
        }
        match (arrival.write(), &arrival.name) {
            (Some(write), Some(name)) => all.entry((write, name)).or_default().arrivals += 1,
            (Some(_), None) => nameless.push(arrival),
            (None, _) if arrival.path.is_none() => nameless.push(arrival),
            (None, _) => {}
        }
    }
    for entry in journal.entries.iter().filter(|entry| entry.committed) {
        if let (Some(write), Some(name)) = (Write::of(&entry.method, &entry.path), &entry.name) {
            all.entry((write, name)).or_default().commits.push(entry.integration_id.as_deref());
        }
    }
    for ((_, name), named) in &all {
        let broken = named.check();
        violations.extend(broken.map(|(rule, what)| Violation { rule, name: Some((*name).to_owned()), what }));
    }
    violations.extend(check_nameless(&nameless, &calls, all.values()));
    violations
}

/// A call, from its invoke to its return.
struct Call<'a> {
    id: &'a str,
    operation: Operation,
    name: Option<&'a str>,
    began: f64,
    /// `Unknown` if it did not return; of a cancelled call, what its progress said.
    outcome: Outcome,
    integration: Option<&'a str>,
    created: Option<bool>,
    ended: f64,
}

/// Pairs invokes and returns.
fn calls<'a>(history: &'a [Event], violations: &mut Vec<Violation>) -> Vec<Call<'a>> {
    let mut unusable = |what| violations.push(Violation { rule: Rule::Usable, name: None, what });
    let mut returns = HashMap::new();
    let mut invoked = HashSet::new();
    for event in history {
        let is_new = match event {
            Event::Invoke { id, .. } => invoked.insert(id),
            Event::Return { id, .. } => returns.insert(id, event).is_none(),
        };
        if !is_new {
            unusable(format!("two lines are the same: {event:?}"));
        }
    }
    for id in returns.keys().filter(|id| !invoked.contains(*id)) {
        unusable(format!("call {id} returned, and was not invoked"));
    }
    let mut calls = Vec::new();
    for event in history {
        let Event::Invoke { id, operation, name, at_ms, .. } = event else { continue };
        let mut call = Call {
            id,
            operation: *operation,
            name: name.as_deref(),
            began: *at_ms,
            outcome: Outcome::Unknown,
            integration: None,
            created: None,
            ended: f64::INFINITY,
        };
        if let Some(Event::Return { outcome, progress, integration, created, at_ms, .. }) = returns.get(id) {
            call.outcome = match (outcome, progress) {
                (Outcome::Cancelled, progress) => progress.unwrap_or(Outcome::Unknown),
                (outcome, _) => *outcome,
            };
            call.integration = integration.as_deref();
            call.created = *created;
            call.ended = *at_ms;
        }
        calls.push(call);
    }
    calls
}

fn check_completeness(journal: &Journal, violations: &mut Vec<Violation>) {
    let linked: HashSet<_> = journal.arrivals.iter().filter_map(|arrival| arrival.request).collect();
    let lost = journal.entries.iter().zip(1..).find(|(entry, id)| entry.id != *id || !linked.contains(id));
    if let Some((entry, _)) = lost {
        let what = format!("the journal has lost requests or arrivals, at the request {}", entry.id);
        violations.push(Violation { rule: Rule::Usable, name: None, what });
    }
}

/// All calls and requests of one name.
#[derive(Default)]
struct Named<'a> {
    calls: Vec<&'a Call<'a>>,
    /// Number of requests that arrived, except those that the API refused with 429.
    arrivals: usize,
    /// The integrations that requests were committed on.
    commits: Vec<Option<&'a str>>,
}

impl Named<'_> {
    fn check(&self) -> impl Iterator<Item = (Rule, String)> {
        let mut broken = Vec::new();
        let (arrivals, commits) = (self.arrivals, self.commits.len());
        let most_arrivals = self.most_arrivals();
        if arrivals > most_arrivals {
            let rule = match self.calls.is_empty() {
                true => Rule::Unclaimed,
                false if self.any(|call| call.claims(Outcome::NotSent)) => Rule::NotSent,
                false => Rule::SentOnce,
            };
            let verb = if arrivals == 1 { "request" } else { "requests" };
            broken.push((rule, format!("{arrivals} {verb} arrived, and its calls admit {most_arrivals}")));
        }
        let most_commits = self.most_commits();
        if commits > most_commits {
            let rule = match () {
                () if self.any(|call| call.is_write() && self.is_disclaimed(call)) => Some(Rule::FindCreated),
                () if self.any(|call| call.claims(Outcome::Rejected)) => Some(Rule::Rejected),
                () if most_commits == 0 && self.any(|call| call.claims(Outcome::NotSent)) => Some(Rule::NotSent),
                () if self.any(|call| call.operation == Operation::Ensure) => Some(Rule::Ensure),
                // More arrived than the calls admit, which is reported.
                () => None,
            };
            if let Some(rule) = rule.filter(|rule| broken.iter().all(|(other, _)| other != rule)) {
                broken.push((rule, format!("{commits} took effect, and its calls admit {most_commits}")));
            }
        }
        let least_commits = self.least_commits();
        if commits < least_commits {
            broken.push((Rule::Applied, format!("{commits} took effect, and its calls say {least_commits}")));
        }
        let returned = self.calls.iter().filter_map(|call| call.integration);
        for id in returned.filter(|id| !self.commits.contains(&Some(id))) {
            broken.push((Rule::Applied, format!("a call returned integration {id}, and the commits are of others")));
        }
        let calls: Vec<_> = self.calls.iter().map(|call| format!("{} {}", call.operation, call.outcome)).collect();
        broken.into_iter().map(move |(rule, what)| (rule, format!("{what}: {}", counted(&calls))))
    }

    fn most_arrivals(&self) -> usize {
        let may_have_been_sent = |call: &&&Call<'_>| call.outcome != Outcome::NotSent;
        let repeats = |call: &Call<'_>| call.operation == Operation::Ensure && call.outcome != Outcome::NotSent;
        if self.any(repeats) {
            return usize::MAX;
        }
        self.calls.iter().filter(|call| call.is_write()).filter(may_have_been_sent).count()
    }

    fn most_commits(&self) -> usize {
        let possible: Vec<_> =
            self.calls.iter().filter(|call| call.is_write() && self.may_have_committed(call)).collect();
        let ensures = || self.calls.iter().filter(|call| call.operation == Operation::Ensure);
        match ensures().any(|call| self.may_have_committed(call)) {
            false => possible.len(),
            // A create before all of them is one that they must find.
            true if possible.iter().any(|create| ensures().all(|ensure| create.ended <= ensure.began)) => {
                possible.len()
            }
            true => possible.len() + 1,
        }
    }

    fn least_commits(&self) -> usize {
        let is_sure = |call: &&&Call<'_>| matches!(call.outcome, Outcome::Ok | Outcome::Applied);
        let sure = self.calls.iter().filter(|call| call.is_write()).filter(is_sure).count();
        let is_ensured = self.calls.iter().filter(is_sure).any(|call| call.operation == Operation::Ensure);
        sure.max(usize::from(is_ensured))
    }

    fn may_have_committed(&self, call: &Call<'_>) -> bool {
        let denies = matches!(call.outcome, Outcome::NotSent | Outcome::Rejected) || call.created == Some(false);
        !denies && !self.is_disclaimed(call)
    }

    /// Returns whether a later search said that a call took no effect.
    fn is_disclaimed(&self, call: &Call<'_>) -> bool {
        self.any(|search| {
            let is_none = search.outcome == Outcome::Ok && search.integration.is_none();
            search.operation == Operation::FindCreated && is_none && call.ended <= search.began
        })
    }

    fn any(&self, is_one: impl Fn(&Call<'_>) -> bool) -> bool {
        self.calls.iter().any(|call| is_one(call))
    }
}

/// Checks that there are as many calls as requests whose names did not arrive.
fn check_nameless<'a>(
    nameless: &[&Arrival],
    calls: &[Call<'_>],
    all: impl Iterator<Item = &'a Named<'a>>,
) -> Option<Violation> {
    let reads = |call: &Call<'_>| match call.operation {
        // One that ended `not_sent` has changed nothing, and may have searched.
        Operation::Ensure => true,
        Operation::FindCreated | Operation::Other => call.outcome != Outcome::NotSent,
        Operation::Create | Operation::Update => false,
    };
    if calls.iter().any(reads) {
        // Their requests have no names.
        return None;
    }
    let admitted: usize = all.map(|named| named.most_arrivals().saturating_sub(named.arrivals)).sum();
    (nameless.len() > admitted).then(|| Violation {
        rule: Rule::Unclaimed,
        name: None,
        what: format!("{} requests arrived without a name, and the calls admit {admitted}", nameless.len()),
    })
}

impl Call<'_> {
    /// Returns whether it is a write that has a name of its own.
    fn is_write(&self) -> bool {
        matches!(self.operation, Operation::Create | Operation::Update)
    }

    fn claims(&self, outcome: Outcome) -> bool {
        self.operation != Operation::FindCreated && self.outcome == outcome
    }
}

impl Arrival {
    fn write(&self) -> Option<Write> {
        Write::of(self.method.as_deref()?, self.path.as_deref()?)
    }
}

/// Counts equal texts: `2 create ok, 1 create unknown`.
fn counted(texts: &[String]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.iter().for_each(|text| *counts.entry(text).or_default() += 1);
    counts.iter().map(|(text, count)| format!("{count} {text}")).collect::<Vec<_>>().join(", ")
}
