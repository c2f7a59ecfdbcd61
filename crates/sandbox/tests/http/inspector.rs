//! The events and details of the inspector.

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{Connection, PATH, PATIENCE, ask, control, create, examples, named, request, right};

const CANARY: &str = "canary-7f3a";

/// An open page.
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

    /// Reads events until `find` finds something.
    fn until<T>(&mut self, find: impl Fn(&Value) -> Option<T>) -> T {
        loop {
            if let Some(found) = find(&self.next()) {
                return found;
            }
        }
    }

    /// Reads events until there is such a request.
    fn request(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        self.until(|update| update["requests"].as_array()?.iter().find(|it| is_it(it)).cloned())
    }
}

/// Returns one request with its content.
fn detail(sandbox: &Sandbox, id: &str) -> Value {
    let response = control(sandbox, "GET", &format!("requests/{id}"), "");
    assert_eq!(response.status, 200);
    response.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_the_state_and_then_the_changes() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(9).max_in_flight(4).start().await?;
    ask(&sandbox, create(named("before")));
    let mut events = Events::of(&sandbox);
    let first = events.next();
    assert_eq!((&first["cleared"], &first["requests"][0]["name"]), (&json!(true), &json!("before")));
    let provider = examples()[0].0["provider_id"].clone();
    assert!(first["hello"]["providers"][provider.as_str().unwrap()].is_string());
    let (window, shown) = (&first["state"]["windows"][0], &first["state"]);
    assert_eq!((&window["seconds"], &window["limit"], &window["used"]), (&json!(60), &json!(9), &json!(1)));
    assert!((1..=60_000).contains(&window["resets_in_ms"].as_u64().unwrap()));
    assert_eq!((&shown["in_flight"], &shown["max_in_flight"], &shown["requests"]), (&json!(0), &json!(4), &json!(1)));
    assert_eq!(first["integrations"]["total"], 1);
    assert_eq!(first["faults"], json!({ "seed": 0, "faults": [] }));

    let response = ask(&sandbox, create(named("<b>after</b>"))).json();
    let row = events.request(|it| it["status"] == 201);
    assert_eq!((&row["name"], &row["integration_id"]), (&json!("<b>after</b>"), &response["id"]));
    assert_eq!((&row["committed"], &row["operation"]), (&json!(true), &json!("createIntegration")));
    let last = events.until(|update| update.pointer("/integrations/last/0").cloned());
    assert_eq!((&last["id"], &last["name"], &last["provider_id"]), (&response["id"], &row["name"], &provider));
    assert!(last.get("settings").is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_the_violations_by_field() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let mut events = Events::of(&sandbox);
    ask(&sandbox, create(r#"{"name": 1, "settings": {}}"#));
    let row = events.request(|it| it["status"] == 400);
    let violations = row["error"]["violations"].as_array().unwrap();
    let fields: Vec<_> = violations.iter().map(|it| it["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["provider_id", "name"]);
    assert_eq!(violations[1]["message"], "must be a string, not a number");
    assert_eq!(detail(&sandbox, "1")["row"], row);
    // The address is checked too.
    ask(&sandbox, request(&[&format!("GET {PATH}?colour=1 HTTP/1.1"), "Authorization: Bearer t"], ""));
    assert_eq!(events.request(|it| it["id"] == 2)["error"]["violations"][0]["field"], "colour");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_masked_unless_requested() -> Result {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    let mut events = Events::of(&sandbox);
    let bundle: Value = serde_json::from_str(include_str!("../../hood.json"))?;
    let schemas = bundle["components"]["schemas"].to_string();
    for (id, (mut body, _)) in (1..).zip(examples()) {
        // Every field that is a password anywhere in the document, and a misspelt one.
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
        let mut shown: Vec<_> = serde_json::from_value::<Vec<String>>(masked["sent"]["body"]["masked"].clone())?;
        places.sort();
        shown.sort();
        assert_eq!(shown, places);
        assert_eq!(masked["sent"]["body"]["json"]["name"], body["name"]);

        let shown = detail(&sandbox, &format!("{id}?secrets=shown"));
        assert_eq!((&shown["sent"]["body"]["json"], &shown["sent"]["body"]["masked"]), (&body, &json!([])));
        assert_eq!(shown["sent"]["query"], format!("key={CANARY}"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn body_is_masked_completely_when_not_json() -> Result {
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
async fn detail_has_the_body_only_when_read() -> Result {
    let sandbox = Sandbox::builder().no_limits().token("right").start().await?;
    ask(&sandbox, create(right()));
    assert_eq!(detail(&sandbox, "1")["sent"]["body"], Value::Null);
    let sandbox = Sandbox::builder().no_limits().start().await?;
    sandbox.set_faults(&r#"{"faults":[{"fault":{"answer":{"status":500}}}]}"#.parse()?)?;
    ask(&sandbox, create(right()));
    assert_eq!(detail(&sandbox, "1")["sent"]["body"]["size"], right().len());
    let text = request(&[&format!("POST {PATH} HTTP/1.1"), "Authorization: Bearer t", "Content-Type: text/plain"], "x");
    ask(&sandbox, text);
    let headers = detail(&sandbox, "2")["sent"]["headers"].clone();
    assert!(headers.as_array().unwrap().contains(&json!(["content-type", "text/plain"])), "{headers}");
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
async fn events_have_requests_in_flight_with_their_fault() -> Result {
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
async fn events_count_requests_in_flight() -> Result {
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
async fn events_have_the_last_requests_and_count_others_when_many() -> Result {
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
async fn events_restart_after_a_reset() -> Result {
    let sandbox = Sandbox::builder().burst(0).steady(9).start().await?;
    ask(&sandbox, create(right()));
    let mut events = Events::of(&sandbox);
    events.next();
    assert_eq!(control(&sandbox, "POST", "reset", "").status, 204);
    let update = events.until(|it| (it["cleared"] == true).then(|| it.clone()));
    assert_eq!((&update["requests"], &update["state"]["windows"][0]["used"]), (&json!([]), &json!(0)));
    ask(&sandbox, create(right()));
    assert_eq!(events.request(|it| it["status"] == 201)["id"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_ends_event_streams() -> Result {
    let sandbox = Sandbox::start().await?;
    let mut events = Events::of(&sandbox);
    events.next();
    drop(sandbox);
    let end = tokio::task::spawn_blocking(move || events.0.rest());
    tokio::time::timeout(PATIENCE, end).await??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn request_has_its_response_with_headers() -> Result {
    let sandbox = Sandbox::builder().steady(9).start().await?;
    let (mut body, _) = examples().remove(0);
    for value in body["settings"].as_object_mut().unwrap().values_mut() {
        *value = if value.is_string() { CANARY.into() } else { value.clone() };
    }
    let token = format!("Authorization: Bearer {CANARY}");
    let lines =
        ["POST /v1/hood/integrations HTTP/1.1", &token, "Content-Type: application/json", "X-Gateway: canary-7f3a"];
    let response = ask(&sandbox, request(&lines, body.to_string()));
    assert_eq!(response.status, 201);
    let masked = detail(&sandbox, "1");
    let header = |place: &Value, name: &str| {
        let all = place["headers"].as_array().unwrap().iter();
        all.filter(|it| it[0] == name).map(|it| it[1].clone()).next()
    };
    assert_eq!(header(&masked["response"], "x-ratelimit-remaining"), Some(json!("8")));
    assert_eq!(header(&masked["sent"], "content-type"), Some(json!("application/json")));
    let mask = json!("••••••••");
    assert_eq!(
        [header(&masked["sent"], "authorization"), header(&masked["sent"], "x-gateway")],
        [Some(mask.clone()), Some(mask)]
    );
    assert_eq!(
        (&masked["response"]["status"], &masked["response"]["body"]["json"]["id"]),
        (&json!(201), &response.json()["id"])
    );
    assert!(!masked["response"]["body"]["masked"].as_array().unwrap().is_empty());
    let shown = detail(&sandbox, "1?secrets=shown");
    assert_eq!((&shown["response"]["body"]["json"], &shown["sent"]["body"]["json"]), (&response.json(), &body));
    assert_eq!(header(&shown["sent"], "authorization"), Some(json!(format!("Bearer {CANARY}"))));

    // What a fault keeps from its client is there too.
    control(&sandbox, "PUT", "faults", r#"{"faults":[{"times":1,"fault":{"close":{"at":"commit"}}}]}"#);
    let mut connection = Connection::open(&sandbox);
    connection.send(create(right()));
    assert!(connection.ended());
    let cut = detail(&sandbox, "2");
    assert_eq!((&cut["row"]["status"], &cut["response"]["status"]), (&Value::Null, &json!(201)));
    // A long one only by its size.
    for _ in 0..60 {
        let lines = ["POST /_sandbox/integrations HTTP/1.1", "Content-Type: application/json"];
        assert_eq!(ask(&sandbox, request(&lines, right())).status, 201);
    }
    let list =
        ask(&sandbox, request(&["GET /v1/hood/integrations?page=1,100 HTTP/1.1", "Authorization: Bearer t"], ""));
    let long = &detail(&sandbox, "3")["response"]["body"];
    assert_eq!((&long["size"], &long["cut"], &long["json"]), (&json!(list.body.len()), &json!(true), &Value::Null));
    Ok(())
}
