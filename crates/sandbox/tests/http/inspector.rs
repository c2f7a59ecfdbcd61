//! What the inspector's page is told.

use std::time::Duration;

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, PATH, ask, control, create, examples, named, request, right};

const CANARY: &str = "canary-7f3a";

/// A page that listens.
struct Events(Connection);

impl Events {
    fn of(sandbox: &Sandbox) -> Self {
        let mut connection = Connection::open(sandbox);
        connection.send("GET /_sandbox/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(connection.line(), "HTTP/1.1 200 OK");
        Self(connection)
    }

    fn next(&mut self) -> Value {
        loop {
            // The sizes of chunks are lines too.
            if let Some(data) = self.0.line().strip_prefix("data: ") {
                return serde_json::from_str(data).unwrap();
            }
        }
    }

    /// Reads on until there is what is looked for, which `find` gives.
    fn until<T>(&mut self, find: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            if let Some(found) = find(&self.next()) {
                return found;
            }
        }
    }

    /// Reads on until a request is told that is so.
    fn request(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        self.until(|update| update["requests"].as_array()?.iter().find(|it| is_it(it)).cloned())
    }
}

/// What is told of one request, and what of its body.
fn detail(sandbox: &Sandbox, id: &str) -> Value {
    let answer = control(sandbox, "GET", &format!("requests/{id}"), "");
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_told_what_there_is_and_then_what_comes() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(9).max_in_flight(4).start().await?;
    ask(&sandbox, create(named("before")));
    let mut events = Events::of(&sandbox);
    let first = events.next();
    assert_eq!((&first["anew"], &first["requests"][0]["name"]), (&json!(true), &json!("before")));
    let provider = examples()[0].0["provider_id"].clone();
    assert!(first["hello"]["providers"][provider.as_str().unwrap()].is_string());
    let (window, told) = (&first["state"]["windows"][0], &first["state"]);
    assert_eq!((&window["seconds"], &window["limit"], &window["used"]), (&json!(60), &json!(9), &json!(1)));
    assert!((1..=60_000).contains(&window["resets_in_ms"].as_u64().unwrap()));
    assert_eq!((&told["in_flight"], &told["max_in_flight"], &told["requests"]), (&json!(0), &json!(4), &json!(1)));
    assert_eq!(first["integrations"]["total"], 1);
    assert_eq!(first["faults"], json!({ "seed": 0, "faults": [] }));

    let answer = ask(&sandbox, create(named("<b>after</b>"))).json();
    let row = events.request(|it| it["status"] == 201);
    assert_eq!((&row["name"], &row["integration_id"]), (&json!("<b>after</b>"), &answer["id"]));
    assert_eq!((&row["committed"], &row["operation"]), (&json!(true), &json!("createIntegration")));
    let last = events.until(|update| update.pointer("/integrations/last/0").cloned());
    assert_eq!((&last["id"], &last["name"], &last["provider_id"]), (&answer["id"], &row["name"], &provider));
    assert!(last.get("settings").is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_its_field() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let mut events = Events::of(&sandbox);
    ask(&sandbox, create(r#"{"name": 1, "settings": {}}"#));
    let row = events.request(|it| it["status"] == 400);
    let findings = row["told"]["findings"].as_array().unwrap();
    let fields: Vec<_> = findings.iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "provider_id"]);
    assert_eq!(findings[0]["says"], "must be a string, not a number");
    assert_eq!(detail(&sandbox, "1")["row"], row);
    // A page sees the address too.
    ask(&sandbox, request(&[&format!("GET {PATH}?colour=1 HTTP/1.1"), "Authorization: Bearer t"], ""));
    assert_eq!(events.request(|it| it["id"] == 2)["told"]["findings"][0]["field"], "colour");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_told_only_when_they_are_asked_for() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let mut events = Events::of(&sandbox);
    let bundle: Value = serde_json::from_str(include_str!("../../hood.json"))?;
    let schemas = bundle["components"]["schemas"].to_string();
    for (id, (mut body, _)) in (1..).zip(examples()) {
        // All that may be a password, by its name anywhere in the document; and one that is misspelt.
        let mut secrets = vec!["keyy".to_owned()];
        for (name, value) in body["settings"].as_object_mut().unwrap() {
            let schema = schemas.split(&format!("\"{name}\":{{")).nth(1).unwrap().split('}').next().unwrap();
            if schema.contains("password") {
                *value = CANARY.into();
                secrets.push(name.clone());
            }
        }
        body["settings"]["keyy"] = CANARY.into();
        assert!(secrets.len() > 1);
        let post = format!("POST {PATH}?key={CANARY} HTTP/1.1");
        let token = format!("Authorization: Bearer {CANARY}");
        ask(&sandbox, request(&[&post, &token, "Content-Type: application/json"], body.to_string()));
        let row = events.request(|it| it["id"] == id && it["status"] == 400);
        let masked = detail(&sandbox, &id.to_string());
        assert!(![&row, &masked].iter().any(|it| it.to_string().contains(CANARY)), "{masked}");
        let mut places: Vec<_> = secrets.iter().map(|name| format!("/settings/{name}")).collect();
        let mut told: Vec<_> = serde_json::from_value::<Vec<String>>(masked["sent"]["body"]["masked"].clone())?;
        places.sort();
        told.sort();
        assert_eq!(told, places);
        assert_eq!(masked["sent"]["body"]["json"]["name"], body["name"]);

        let shown = detail(&sandbox, &format!("{id}?secrets=shown"));
        assert_eq!((&shown["sent"]["body"]["json"], &shown["sent"]["body"]["masked"]), (&body, &json!([])));
        assert_eq!(shown["sent"]["query"], format!("key={CANARY}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_understood_is_hidden_whole() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let long = json!({ "name": "n".repeat(20_000), "key": CANARY }).to_string();
    for (id, (body, cut)) in
        (1..).zip([(format!("{{{CANARY}"), false), (long, true), (format!("[\"{CANARY}\"]"), false)])
    {
        ask(&sandbox, create(&body));
        let hidden = &detail(&sandbox, &id.to_string())["sent"]["body"];
        assert!(!hidden.to_string().contains(CANARY), "{hidden}");
        assert_eq!(
            (&hidden["size"], &hidden["cut"], &hidden["masked"]),
            (&json!(body.len()), &json!(cut), &json!([""]))
        );
        let shown = &detail(&sandbox, &format!("{id}?secrets=shown"))["sent"]["body"];
        let text = shown["text"].as_str().map_or_else(|| shown["json"].to_string(), str::to_owned);
        assert_eq!(text, body[..body.len().min(16 << 10)]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_is_not_there_and_a_fault_hides_nothing() -> Result {
    let sandbox = Sandbox::builder().no_limits().token("right").start().await?;
    ask(&sandbox, create(right()));
    assert_eq!(detail(&sandbox, "1")["sent"]["body"], Value::Null);
    let sandbox = Sandbox::builder().no_limits().start().await?;
    sandbox.set_faults(&r#"{"faults":[{"fault":{"answer":{"status":500}}}]}"#.parse()?)?;
    ask(&sandbox, create(right()));
    assert_eq!(detail(&sandbox, "1")["sent"]["body"]["size"], right().len());
    let text = request(&[&format!("POST {PATH} HTTP/1.1"), "Authorization: Bearer t", "Content-Type: text/plain"], "x");
    ask(&sandbox, text);
    assert_eq!(detail(&sandbox, "2")["sent"]["content_type"], "text/plain");
    for gone in ["requests/3", "requests/0", "requests/x", "requests/18446744073709551616"] {
        control(&sandbox, "GET", gone, "").refused(404);
    }
    assert_eq!(control(&sandbox, "DELETE", "journal", "").status, 204);
    control(&sandbox, "GET", "requests/1", "").refused(404);
    ask(&sandbox, request(&["GET /x HTTP/1.1", "Authorization: Bearer t"], ""));
    assert_eq!(detail(&sandbox, "1")["sent"]["body"], Value::Null);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_in_flight_is_told_with_its_fault() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(9).max_in_flight(3).start().await?;
    let mut events = Events::of(&sandbox);
    events.next();
    sandbox.set_faults(&r#"{"faults":[{"times":1,"fault":{"hang":{"at":"commit"}}}]}"#.parse()?)?;
    assert_eq!(events.until(|it| it.pointer("/faults/faults/0/times").cloned()), 1);
    let mut connection = Connection::open(&sandbox);
    connection.send(create(named("hangs")));
    let row = events.request(|it| it["committed"] == true);
    assert_eq!((&row["fault"], &row["duration_ms"]), (&json!("hang"), &Value::Null));
    assert_eq!(control(&sandbox, "GET", "requests/1", "").json()["sent"]["body"]["size"], named("hangs").len());
    drop(connection);
    let row = events.request(|it| !it["duration_ms"].is_null());
    assert_eq!((&row["id"], &row["status"]), (&json!(1), &Value::Null));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_flight_are_counted() -> Result {
    let sandbox = Sandbox::builder().no_limits().max_in_flight(3).start().await?;
    sandbox.set_faults(&r#"{"faults":[{"fault":{"hang":{}}}]}"#.parse()?)?;
    let mut held = [Connection::open(&sandbox), Connection::open(&sandbox)];
    for connection in &mut held {
        connection.send(create(right()));
    }
    let mut events = Events::of(&sandbox);
    events.until(|it| (it["state"]["in_flight"] == 2).then_some(()));
    drop(held);
    events.until(|it| (it["state"]["in_flight"] == 0).then_some(()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_requests_the_last_are_told_and_the_others_counted() -> Result {
    let sandbox = Sandbox::builder().no_limits().journal(1_000).start().await?;
    let mut connection = Connection::open(&sandbox);
    for _ in 0..1_200 {
        connection.send(request(&["GET /x HTTP/1.1", "Authorization: Bearer t"], "")).receive();
    }
    let first = Events::of(&sandbox).next();
    let rows = first["requests"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[299]["id"], &first["left_out"]), (300, &json!(1_200), &json!(900)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_reset_all_begins_anew() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(9).start().await?;
    ask(&sandbox, create(right()));
    let mut events = Events::of(&sandbox);
    events.next();
    assert_eq!(control(&sandbox, "POST", "reset", "").status, 204);
    let update = events.until(|it| (it["anew"] == true).then(|| it.clone()));
    assert_eq!((&update["requests"], &update["state"]["windows"][0]["used"]), (&json!([]), &json!(0)));
    ask(&sandbox, create(right()));
    assert_eq!(events.request(|it| it["status"] == 201)["id"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_listens_does_not_keep_the_sandbox() -> Result {
    let sandbox = Sandbox::start().await?;
    let mut events = Events::of(&sandbox);
    events.next();
    drop(sandbox);
    let end = tokio::task::spawn_blocking(move || events.0.rest());
    tokio::time::timeout(Duration::from_secs(20), end).await??;
    Ok(())
}
