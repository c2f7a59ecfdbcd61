//! Which fault fires for a request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

use crate::contract::operations::{Operations, Target};
use crate::faults::fault::{Faults, Rule};
use crate::faults::validation::{InvalidFaults, check, is_on_arrival};

/// The faults that are left.
pub struct Selection {
    /// Whether there are any of each, so that requests lock nothing while there are none.
    on_arrival: AtomicBool,
    once_read: AtomicBool,
    live: Mutex<Live>,
}

/// What a request looks like to a rule.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub name: Option<&'a str>,
}

struct Live {
    /// How often what is left has changed.
    changes: u64,
    seed: u64,
    random: Rng,
    rules: Vec<LiveRule>,
}

struct LiveRule {
    rule: Arc<Rule>,
    target: Option<Target>,
    skip: u64,
    times: Option<u64>,
}

impl Selection {
    pub fn new(faults: &Faults, operations: &Operations) -> Result<Self, InvalidFaults> {
        let live = Live::new(faults, compile(faults, operations)?);
        let selection =
            Self { on_arrival: AtomicBool::new(false), once_read: AtomicBool::new(false), live: Mutex::new(live) };
        selection.tell(&selection.live());
        Ok(selection)
    }

    /// Begins anew with these faults, and their seed.
    pub fn replace(&self, faults: &Faults, operations: &Operations) -> Result<(), InvalidFaults> {
        let rules = compile(faults, operations)?;
        let mut live = self.live();
        *live = Live { changes: live.changes + 1, ..Live::new(faults, rules) };
        self.tell(&live);
        Ok(())
    }

    /// Puts these below the others. Their seed is not used: the chances go on.
    pub fn add(&self, faults: &Faults, operations: &Operations) -> Result<(), InvalidFaults> {
        let rules = compile(faults, operations)?;
        let mut live = self.live();
        live.rules.extend(rules);
        live.changes += 1;
        self.tell(&live);
        Ok(())
    }

    /// What is left, with `skip` and `times` counted down.
    pub fn remaining(&self) -> Faults {
        self.live().remaining()
    }

    /// What is left, unless it is as it was when `seen`.
    pub fn news(&self, seen: &mut Option<u64>) -> Option<Faults> {
        let live = self.live();
        let is_new = *seen != Some(live.changes);
        *seen = Some(live.changes);
        is_new.then(|| live.remaining())
    }

    pub fn any_on_arrival(&self) -> bool {
        self.on_arrival.load(Ordering::Acquire)
    }

    pub fn any_once_read(&self) -> bool {
        self.once_read.load(Ordering::Acquire)
    }

    /// The fault on the way in that fires for this request, of which only the first line is known.
    pub fn on_arrival(&self, seen: Subject<'_>) -> Option<Arc<Rule>> {
        self.select(true, seen)
    }

    /// The other fault that fires for this request.
    pub fn once_read(&self, seen: Subject<'_>) -> Option<Arc<Rule>> {
        self.select(false, seen)
    }

    fn select(&self, on_arrival: bool, seen: Subject<'_>) -> Option<Arc<Rule>> {
        let mut live = self.live();
        let Live { random, rules, changes, .. } = &mut *live;
        let index = rules.iter_mut().position(|it| {
            is_on_arrival(&it.rule.fault) == on_arrival && it.is_for(seen) && it.fires(random, changes)
        })?;
        let rule = rules[index].rule.clone();
        if rules[index].times == Some(0) {
            rules.remove(index);
            self.tell(&live);
        }
        Some(rule)
    }

    fn tell(&self, live: &Live) {
        let any = |on_arrival| live.rules.iter().any(|it| is_on_arrival(&it.rule.fault) == on_arrival);
        self.on_arrival.store(any(true), Ordering::Release);
        self.once_read.store(any(false), Ordering::Release);
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn new(faults: &Faults, rules: Vec<LiveRule>) -> Self {
        Self { changes: 0, seed: faults.seed, random: Rng::with_seed(faults.seed), rules }
    }

    fn remaining(&self) -> Faults {
        let rest = |it: &LiveRule| Rule { skip: it.skip, times: it.times, ..(*it.rule).clone() };
        Faults { seed: self.seed, faults: self.rules.iter().map(rest).collect() }
    }
}

impl LiveRule {
    fn is_for(&self, seen: Subject<'_>) -> bool {
        let named = |fits: &dyn Fn(&str) -> bool| seen.name.is_some_and(fits);
        self.target.as_ref().is_none_or(|target| target.is(seen.method, seen.path))
            && self.rule.name.as_ref().is_none_or(|name| named(&|seen| seen == name))
            && self.rule.name_prefix.as_ref().is_none_or(|prefix| named(&|seen| seen.starts_with(prefix)))
    }

    /// Counts a request that it is for.
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

fn compile(faults: &Faults, operations: &Operations) -> Result<Vec<LiveRule>, InvalidFaults> {
    check(faults)?;
    let compile = |(index, rule): (usize, &Rule)| {
        let target = rule.operation.as_deref().map(|text| operations.target(text)).transpose();
        let target = target.map_err(|what| InvalidFaults(format!("faults[{index}].operation {what}")))?;
        Ok(LiveRule { rule: Arc::new(rule.clone()), target, skip: rule.skip, times: rule.times })
    };
    faults.faults.iter().enumerate().map(compile).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::contract::document::Document;

    fn selection(text: &str) -> Selection {
        Selection::new(&text.parse().unwrap(), &Operations::new(&Document::bundled().unwrap()).unwrap()).unwrap()
    }

    fn seen(name: Option<&str>) -> Subject<'_> {
        Subject { method: "POST", path: "/v1/hood/integrations", name }
    }

    fn fired(selection: &Selection, requests: usize) -> String {
        let kind = |_| selection.once_read(seen(Some("n"))).map_or("-", |rule| rule.fault.kind());
        (0..requests).map(kind).map(|kind| &kind[..1]).collect()
    }

    #[test]
    fn some_are_skipped_some_fire_and_then_it_is_gone() {
        let selection = selection(r#"{"faults":[{"skip":2,"times":3,"fault":{"hang":{}}}]}"#);
        assert_eq!(fired(&selection, 3), "--h");
        assert_eq!((selection.remaining().faults[0].skip, selection.remaining().faults[0].times), (0, Some(2)));
        assert_eq!(fired(&selection, 4), "hh--");
        assert!(selection.remaining().faults.is_empty() && !selection.any_once_read());
    }

    #[test]
    fn what_is_left_is_news_when_it_has_changed_even_if_it_is_as_before() {
        let operations = Operations::new(&Document::bundled().unwrap()).unwrap();
        let selection = selection(r#"{"faults":[]}"#);
        let mut seen = None;
        let mut news = || selection.news(&mut seen).map(|faults| faults.faults.len());
        assert_eq!((news(), news()), (Some(0), None));
        let once = r#"{"faults":[{"skip":1,"times":1,"fault":{"hang":{}}}]}"#.parse().unwrap();
        selection.replace(&once, &operations).unwrap();
        fired(&selection, 2);
        assert_eq!((news(), news()), (Some(0), None));
        selection.add(&once, &operations).unwrap();
        assert_eq!((news(), news()), (Some(1), None));
        fired(&selection, 1);
        assert_eq!((news(), news()), (Some(1), None));
        let always = r#"{"faults":[{"fault":{"hang":{}}}]}"#.parse().unwrap();
        selection.replace(&always, &operations).unwrap();
        assert_eq!((news(), fired(&selection, 2).len(), news()), (Some(1), 2, None));
    }

    #[test]
    fn the_first_that_fires_hides_the_request_from_the_others() {
        let selection =
            selection(r#"{"faults":[{"times":2,"fault":{"hang":{}}},{"skip":1,"times":1,"fault":{"drip":{"ms":1}}}]}"#);
        assert_eq!(fired(&selection, 5), "hh-d-");
    }

    #[test]
    fn the_same_seed_gives_the_same_run_and_another_one_another() {
        let with_seed = |seed: u64| {
            let text = format!(
                r#"{{"seed":{seed},"faults":[{{"probability":0.3,"fault":{{"hang":{{}}}}}},{{"probability":0.5,"fault":{{"drip":{{"ms":1}}}}}}]}}"#
            );
            fired(&selection(&text), 400)
        };
        assert_eq!(with_seed(1), with_seed(1));
        assert_ne!(with_seed(1), with_seed(2));
        let hangs = with_seed(1).matches('h').count();
        assert!((80..160).contains(&hangs), "{hangs}");
        // Written down, since a run that differs from version to version could not be reported.
        assert_eq!(&with_seed(1)[..32], "-hd--hhhhd-----dhhddddhdddhh-d-h");
    }

    #[test]
    fn chances_of_none_and_of_all_are_just_that() {
        let never_then_always =
            r#"{"faults":[{"probability":0,"fault":{"hang":{}}},{"probability":1,"fault":{"drip":{"ms":1}}}]}"#;
        assert_eq!(fired(&selection(never_then_always), 100), "d".repeat(100));
    }

    #[test]
    fn a_rule_is_for_requests_that_fit_all_of_it() {
        let selection = selection(
            r#"{"faults":[{"operation":"createIntegration","name":"a","name_prefix":"a","fault":{"hang":{}}}]}"#,
        );
        assert!(selection.once_read(seen(Some("a"))).is_some());
        for other in [seen(None), seen(Some("ab")), seen(Some("")), Subject { path: "/x", ..seen(Some("a")) }] {
            assert!(selection.once_read(other).is_none());
        }
        assert!(selection.on_arrival(seen(None)).is_none() && !selection.any_on_arrival());
    }

    #[test]
    fn an_operation_that_does_not_exist_is_named() {
        let faults = r#"{"faults":[{"operation":"eatIntegration","fault":{"hang":{}}}]}"#.parse().unwrap();
        let error = Selection::new(&faults, &Operations::new(&Document::bundled().unwrap()).unwrap()).err().unwrap();
        assert!(error.to_string().starts_with("faults[0].operation eatIntegration does not exist"), "{error}");
        assert!(error.to_string().contains("createIntegration"), "{error}");
    }
}
