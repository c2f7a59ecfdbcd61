//! Each rule with histories that keep it, and with histories that break it.
#![allow(clippy::unwrap_used)]

use ocamba_history::{Rule, check, read};
use serde_json::{Value, json};

const PATH: &str = "/v1/hood/integrations";

/// A history and a journal. Each call takes one millisecond after the one before.
#[derive(Clone, Default)]
struct Trial {
    lines: Vec<Value>,
    arrivals: Vec<Value>,
    entries: Vec<Value>,
}

impl Trial {
    /// Adds a call that returned this.
    fn call(mut self, operation: &str, name: &str, returned: Value) -> Self {
        let at = self.lines.len();
        self.lines.push(json!({
            "event": "invoke", "id": at.to_string(), "process": "p", "operation": operation, "name": name, "at_ms": at
        }));
        let mut line = json!({ "event": "return", "id": at.to_string(), "at_ms": at + 1 });
        line.as_object_mut().unwrap().extend(returned.as_object().unwrap().clone());
        self.lines.push(line);
        self
    }

    fn create(self, name: &str, outcome: &str) -> Self {
        self.call("create", name, json!({ "outcome": outcome }))
    }

    /// Adds a request of which only a part arrived.
    fn part(mut self, method: Option<&str>, name: Option<&str>) -> Self {
        let path = method.map(|_| PATH);
        self.arrivals.push(json!({ "id": self.arrivals.len() + 1, "method": method, "path": path, "name": name }));
        self
    }

    /// Adds a request that was served, and the integration that it had an effect on.
    fn served(mut self, method: &str, name: &str, status: u16, integration: Option<&str>) -> Self {
        let id = self.entries.len() + 1;
        self = self.part(Some(method), Some(name));
        self.arrivals.last_mut().unwrap()["request"] = id.into();
        self.entries.push(json!({
            "id": id, "method": method, "path": PATH, "name": name, "status": status,
            "committed": integration.is_some(), "integration_id": integration,
        }));
        self
    }

    fn committed(self, name: &str, integration: &str) -> Self {
        self.served("POST", name, 201, Some(integration))
    }

    fn broken(&self) -> Vec<Rule> {
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        let journal = json!({ "arrivals": self.arrivals, "journal": self.entries }).to_string();
        let violations = check(&read(&lines).unwrap(), &serde_json::from_str(&journal).unwrap());
        violations.into_iter().map(|violation| violation.rule).collect()
    }
}

fn trial() -> Trial {
    Trial::default()
}

fn none() -> Value {
    json!({ "outcome": "ok", "integration": null })
}

#[track_caller]
fn keeps(trial: Trial) {
    assert_eq!(trial.broken(), []);
}

#[track_caller]
fn breaks(rule: Rule, trial: Trial) {
    assert_eq!(trial.broken(), [rule]);
}

#[test]
fn not_sent_never_arrived() {
    keeps(trial().create("a", "not_sent"));
    breaks(Rule::NotSent, trial().create("a", "not_sent").part(Some("POST"), Some("a")));
    breaks(Rule::NotSent, trial().create("a", "not_sent").committed("a", "7"));
    breaks(Rule::Unclaimed, trial().create("a", "not_sent").part(Some("POST"), None));
    breaks(Rule::Unclaimed, trial().create("a", "not_sent").part(None, None));
    keeps(trial().create("a", "unknown").part(None, None));
    breaks(Rule::Unclaimed, trial().create("a", "unknown").part(None, None).part(Some("POST"), None));
    breaks(Rule::NotSent, trial().call("ensure", "a", json!({ "outcome": "not_sent" })).committed("a", "7"));
}

#[test]
fn cancelled_call_is_what_its_progress_said() {
    let cancelled = |progress| trial().call("create", "a", json!({ "outcome": "cancelled", "progress": progress }));
    keeps(cancelled("not_sent"));
    keeps(cancelled("unknown").committed("a", "7"));
    breaks(Rule::NotSent, cancelled("not_sent").part(Some("POST"), Some("a")));
    keeps(trial().call("create", "a", json!({ "outcome": "cancelled" })).committed("a", "7"));
}

#[test]
fn rejected_took_no_effect() {
    keeps(trial().create("a", "rejected").served("POST", "a", 400, None));
    breaks(Rule::Rejected, trial().create("a", "rejected").served("POST", "a", 408, Some("7")));
    breaks(
        Rule::Rejected,
        trial().call("update", "a", json!({ "outcome": "rejected" })).served("PATCH", "a", 403, Some("7")),
    );
    breaks(Rule::Rejected, trial().call("ensure", "a", json!({ "outcome": "rejected" })).committed("a", "7"));
}

#[test]
fn applied_took_effect() {
    for outcome in ["ok", "applied"] {
        keeps(trial().create("a", outcome).committed("a", "7"));
        breaks(Rule::Applied, trial().create("a", outcome).served("POST", "a", 200, None));
        breaks(Rule::Applied, trial().create("a", outcome));
        breaks(Rule::Applied, trial().call("ensure", "a", json!({ "outcome": outcome })));
    }
    let returned = |id| trial().call("create", "a", json!({ "outcome": "ok", "integration": id })).committed("a", "7");
    keeps(returned("7"));
    breaks(Rule::Applied, returned("8"));
}

#[test]
fn create_is_sent_once_unless_the_api_refuses_it_with_429() {
    let refused = |outcome| trial().create("a", outcome).served("POST", "a", 429, None).served("POST", "a", 429, None);
    keeps(refused("rejected"));
    keeps(refused("ok").committed("a", "7"));
    for outcome in ["unknown", "ok"] {
        let twice = trial().create("a", outcome).part(Some("POST"), Some("a")).committed("a", "7");
        breaks(Rule::SentOnce, twice);
    }
    breaks(Rule::SentOnce, trial().create("a", "ok").served("POST", "a", 429, Some("6")).committed("a", "7"));
    keeps(trial().call("update", "a", json!({ "outcome": "unknown" })).served("PATCH", "a", 500, Some("7")));
}

#[test]
fn ensure_makes_one() {
    let ensures = || {
        let made = |created| json!({ "outcome": "ok", "integration": "7", "created": created });
        let lost = trial().call("ensure", "a", json!({ "outcome": "unknown" }));
        lost.call("ensure", "a", made(true)).call("ensure", "a", made(false)).committed("a", "7")
    };
    keeps(ensures().part(Some("POST"), Some("a")));
    breaks(Rule::Ensure, ensures().committed("a", "8"));
    // Nobody admits that it was created.
    let adopted = json!({ "outcome": "ok", "integration": "7", "created": false });
    let adopted = trial().call("ensure", "a", adopted).committed("a", "7");
    breaks(Rule::Ensure, adopted.clone());
    breaks(Rule::NotSent, adopted.call("ensure", "a", json!({ "outcome": "not_sent" })));
}

#[test]
fn ensure_finds_the_create_before_it() {
    let two = |trial: Trial| trial.committed("a", "7").committed("a", "8");
    let ensured = json!({ "outcome": "ok", "integration": "7" });
    breaks(Rule::Ensure, two(trial().create("a", "unknown").call("ensure", "a", ensured.clone())));
    keeps(trial().create("a", "unknown").call("ensure", "a", ensured.clone()).committed("a", "7"));
    // One that begins later is another integration.
    keeps(two(trial().call("ensure", "a", ensured.clone()).create("a", "ok")));
    keeps(trial().create("a", "not_sent").call("ensure", "a", ensured).committed("a", "7"));
}

#[test]
fn find_created_is_none_only_when_there_is_none() {
    let lost = || trial().create("a", "unknown");
    keeps(lost().call("find_created", "a", none()).part(Some("POST"), Some("a")));
    keeps(lost().call("find_created", "a", json!({ "outcome": "ok", "integration": "7" })).committed("a", "7"));
    keeps(lost().call("find_created", "a", json!({ "outcome": "unknown" })).committed("a", "7"));
    breaks(Rule::FindCreated, lost().call("find_created", "a", none()).committed("a", "7"));
    breaks(
        Rule::Applied,
        lost().call("find_created", "a", json!({ "outcome": "ok", "integration": "6" })).committed("a", "7"),
    );
    // It is created again, as the search allowed.
    keeps(lost().call("find_created", "a", none()).create("a", "ok").committed("a", "7"));
}

#[test]
fn every_request_is_that_of_a_call() {
    breaks(Rule::Unclaimed, trial().part(Some("POST"), Some("b")));
    keeps(trial().call("other", "b", none()).part(Some("GET"), None).part(None, None));
}

#[test]
fn call_of_a_killed_process_may_have_taken_effect() {
    for effect in [trial(), trial().part(Some("POST"), Some("a")), trial().committed("a", "7")] {
        let mut killed = effect.create("a", "ok");
        killed.lines.pop();
        keeps(killed);
    }
    let line = r#"{"event":"invoke","id":"1","process":"p","operation":"other","at_ms":0}"#;
    assert_eq!(read(&format!("{line}\n{}", &line[..40])).unwrap().len(), 1);
    assert!(read(&format!("{}\n{line}\n", &line[..40])).is_err());
}

#[test]
fn unusable_history_or_journal_is_no_success() {
    let fine = || trial().create("a", "ok").committed("a", "7");
    keeps(fine());
    let mut twice = fine();
    twice.lines.push(twice.lines[0].clone());
    assert_eq!(twice.broken()[0], Rule::Usable);
    let mut headless = fine();
    headless.lines.remove(0);
    assert_eq!(headless.broken()[0], Rule::Usable);
    let mut lost = fine();
    lost.entries[0]["id"] = 2.into();
    assert_eq!(lost.broken()[0], Rule::Usable);
    let mut unseen = fine();
    unseen.arrivals.clear();
    assert_eq!(unseen.broken()[0], Rule::Usable);
    let mut nameless = fine();
    nameless.lines[0]["name"] = Value::Null;
    assert_eq!(nameless.broken()[0], Rule::Usable);
}
