//! Tests of the selection of faults.
#![allow(clippy::unwrap_used)]

use crate::contract::document::Document;
use crate::contract::operations::Operations;
use crate::contract::unknowns::Assumptions;
use crate::faults::selection::{Selection, Subject};

fn operations() -> Operations {
    Operations::new(&Document::bundled().unwrap(), &Assumptions::default()).unwrap()
}

fn selection(text: &str) -> Selection {
    Selection::new(&text.parse().unwrap(), &operations(), false).unwrap()
}

fn seen(name: Option<&str>) -> Subject<'_> {
    Subject { name, ..Subject::of("POST", "/v1/hood/integrations") }
}

fn fired(selection: &Selection, requests: usize) -> String {
    let kind = |_| selection.once_read(seen(Some("n"))).map_or("-", |rule| rule.fault.kind());
    (0..requests).map(kind).map(|kind| &kind[..1]).collect()
}

#[test]
fn fault_is_skipped_then_fires_then_is_removed() {
    let selection = selection(r#"{"faults":[{"skip":2,"times":3,"fault":{"hang":{}}}]}"#);
    assert_eq!(fired(&selection, 3), "--h");
    assert_eq!((selection.remaining(None).faults[0].skip, selection.remaining(None).faults[0].times), (0, Some(2)));
    assert_eq!(fired(&selection, 4), "hh--");
    assert!(selection.remaining(None).faults.is_empty() && !selection.any_once_read());
}

#[test]
fn remaining_faults_are_returned_when_changed_even_to_the_same() {
    let operations = Operations::new(&Document::bundled().unwrap(), &Assumptions::default()).unwrap();
    let selection = selection(r#"{"faults":[]}"#);
    let mut seen = None;
    let mut changed = || selection.changes(&mut seen).map(|faults| faults.faults.len());
    assert_eq!((changed(), changed()), (Some(0), None));
    let once = r#"{"faults":[{"skip":1,"times":1,"fault":{"hang":{}}}]}"#.parse().unwrap();
    selection.replace(None, &once, &operations).unwrap();
    fired(&selection, 2);
    assert_eq!((changed(), changed()), (Some(0), None));
    selection.add(None, &once, &operations).unwrap();
    assert_eq!((changed(), changed()), (Some(1), None));
    fired(&selection, 1);
    assert_eq!((changed(), changed()), (Some(1), None));
    let always = r#"{"faults":[{"fault":{"hang":{}}}]}"#.parse().unwrap();
    selection.replace(None, &always, &operations).unwrap();
    assert_eq!((changed(), fired(&selection, 2).len(), changed()), (Some(1), 2, None));
}

#[test]
fn first_fault_that_fires_hides_the_request_from_others() {
    let selection =
        selection(r#"{"faults":[{"times":2,"fault":{"hang":{}}},{"skip":1,"times":1,"fault":{"drip":{"ms":1}}}]}"#);
    assert_eq!(fired(&selection, 5), "hh-d-");
}

#[test]
fn runs_are_the_same_only_when_the_seed_is() {
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
    // Fixed here: runs must not differ between versions, or bug reports could not be reproduced.
    assert_eq!(&with_seed(1)[..32], "-hd--hhhhd-----dhhddddhdddhh-d-h");
}

#[test]
fn probabilities_of_zero_and_one_are_exact() {
    let never_then_always =
        r#"{"faults":[{"probability":0,"fault":{"hang":{}}},{"probability":1,"fault":{"drip":{"ms":1}}}]}"#;
    assert_eq!(fired(&selection(never_then_always), 100), "d".repeat(100));
}

#[test]
fn rule_matches_only_when_all_of_it_does() {
    let selection =
        selection(r#"{"faults":[{"operation":"createIntegration","name":"a","name_prefix":"a","fault":{"hang":{}}}]}"#);
    assert!(selection.once_read(seen(Some("a"))).is_some());
    for other in [seen(None), seen(Some("ab")), seen(Some("")), Subject { path: "/x", ..seen(Some("a")) }] {
        assert!(selection.once_read(other).is_none());
    }
    assert!(selection.on_arrival(seen(None)).is_none() && !selection.any_on_arrival());
}

#[test]
fn token_works_for_its_requests_or_its_time() {
    let selection = selection(r#"{"faults":[{"operation":"createIntegration","fault":{"expire_token":{"after":2}}}]}"#);
    let expired = |token: &str, count: usize| {
        let fired = |_| if selection.on_token(seen(None), token).is_some() { 'x' } else { '-' };
        (0..count).map(fired).collect::<String>()
    };
    assert_eq!((expired("a", 4), expired("b", 3), expired("a", 1)), ("--xx".into(), "--x".into(), "x".into()));
    assert!(selection.on_token(Subject::of("GET", "/v1/hood/integrations"), "a").is_none());
    assert!(selection.any_on_token() && !selection.any_once_read() && selection.once_read(seen(None)).is_none());
    for (rule, expected) in [
        (r#""times":1,"fault":{"expire_token":{}}"#, "x---"),
        (r#""fault":{"expire_token":{"after":0}}"#, "xxxx"),
        (r#""fault":{"expire_token":{"ms":0}}"#, "xxxx"),
        (r#""fault":{"expire_token":{"ms":3600000}}"#, "----"),
        (r#""fault":{"expire_token":{"ms":3600000,"after":1}}"#, "-xxx"),
        (r#""probability":0,"fault":{"expire_token":{}}"#, "----"),
    ] {
        let faults = format!(r#"{{"faults":[{{{rule}}}]}}"#).parse().unwrap();
        selection.replace(None, &faults, &operations()).unwrap();
        assert_eq!(expired("a", 4), expected, "{rule}");
    }
}

#[test]
fn accounts_have_their_own_faults_before_those_of_all() {
    let operations = operations();
    let selection = selection(r#"{"faults":[{"times":3,"fault":{"hang":{}}}]}"#);
    let own = r#"{"faults":[{"times":1,"fault":{"drip":{"ms":1}}}]}"#.parse().unwrap();
    selection.add(Some("a"), &own, &operations).unwrap();
    let fired = |account| {
        let subject = Subject { account: Some(account), ..seen(None) };
        selection.once_read(subject).map_or("-", |rule| rule.fault.kind())
    };
    assert_eq!(["b", "a", "a", "b", "b"].map(fired), ["hang", "drip", "hang", "hang", "-"]);
    selection.add(Some("a"), &own, &operations).unwrap();
    assert_eq!((selection.remaining(Some("a")).faults.len(), selection.remaining(None).faults.len()), (1, 0));
    selection.clear(Some("a"));
    assert_eq!(fired("a"), "-");
    let early = r#"{"faults":[{"fault":{"close":{"at":"arrival"}}}]}"#.parse().unwrap();
    let error = selection.replace(Some("a"), &early, &operations).err().unwrap();
    assert!(error.to_string().contains("without a token"), "{error}");
}

#[test]
fn operation_is_named_when_unknown() {
    let faults = r#"{"faults":[{"operation":"eatIntegration","fault":{"hang":{}}}]}"#.parse().unwrap();
    let error = Selection::new(&faults, &operations(), false).err().unwrap();
    assert!(error.to_string().starts_with("faults[0].operation eatIntegration does not exist"), "{error}");
    assert!(error.to_string().contains("createIntegration"), "{error}");
}
