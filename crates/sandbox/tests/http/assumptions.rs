//! Other answers to what is not known of the API.

use std::time::{Duration, Instant};

use ocamba_sandbox::{Error, Sandbox};
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, PATIENCE, Response, ask, create, examples, named, request};
use crate::list::{PROVIDERS, get, get_at, names};

/// Starts a sandbox that plays these answers, with these integrations.
async fn assuming(all: &[(&str, &str)], existing: &[&str]) -> Result<Sandbox> {
    let builder = all.iter().fold(Sandbox::builder().token("any"), |it, (id, answer)| it.assume(*id, *answer));
    let seed = existing.iter().map(|name| serde_json::from_str(&named(name)));
    Ok(builder.seed(seed.collect::<std::result::Result<_, _>>()?).start().await?)
}

/// Sends a request with a token that is not valid.
fn refused(sandbox: &Sandbox) -> Response {
    ask(sandbox, request(&[&format!("GET {PATH} HTTP/1.1"), "Authorization: Bearer other"], ""))
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_assumption_is_refused_at_the_start() -> Result {
    for (id, answer, says) in [
        ("list_lags", "seconds", "there is no assumption list_lags; choose one of rate_headers"),
        ("list_lag", "second", "the assumption list_lag cannot be \"second\"; choose one of none, seconds"),
    ] {
        let error = Sandbox::builder().assume(id, answer).start().await.err().unwrap();
        assert!(matches!(error, Error::Assumption(_)) && error.to_string().starts_with(says), "{error}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_assumed_form() -> Result {
    let html = assuming(&[("unauthorized_body", "html"), ("unauthorized_status", "403")], &[]).await?;
    let response = refused(&html);
    assert_eq!((response.status, response.header("content-type")), (403, Some("text/html")));
    assert!(text(&response).starts_with("<html>"));
    // Other errors keep theirs.
    get(&html, "/7").refused(404);
    let other = assuming(&[("not_found_status", "410"), ("trace_id", "text")], &[]).await?;
    let body = get(&other, "/7").json();
    assert_eq!(body["code"], 410);
    assert!(body["trace_id"].as_str().unwrap().starts_with("req-"), "{body}");
    let empty = assuming(&[("not_found_body", "empty")], &[]).await?;
    assert_eq!((get(&empty, "/7").status, text(&get(&empty, "/7")).as_str()), (404, ""));
    let bare = assuming(&[("trace_id", "missing")], &[]).await?;
    assert!(refused(&bare).json().get("trace_id").is_none());
    let json = Sandbox::builder().assume("too_many_body", "other_json").burst(0).steady(1).start().await?;
    let responses = [0, 1].map(|_| get(&json, ""));
    let limited = responses.iter().find(|it| it.status == 429).expect("two requests in one minute");
    assert!(limited.header("retry-after").is_some() && limited.json().get("code").is_none(), "{limited:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_describe_the_assumed_window() -> Result {
    let header = |response: &Response, name: &str| response.header(name).map(str::to_owned);
    for (answer, limit) in [("scarcest", Some("10")), ("second", Some("10")), ("minute", Some("150")), ("none", None)] {
        let sandbox = assuming(&[("rate_headers", answer)], &[]).await?;
        assert_eq!(header(&get(&sandbox, ""), "x-ratelimit-limit").as_deref(), limit, "{answer}");
    }
    let unix = assuming(&[("rate_reset", "unix_time")], &[]).await?;
    let reset: u64 = header(&get(&unix, ""), "x-ratelimit-reset").unwrap().parse()?;
    assert!(reset > 1_600_000_000, "{reset}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn created_integration_has_the_assumed_form() -> Result {
    let sandbox =
        assuming(&[("create_status", "200"), ("names", "trimmed"), ("ids", "numbers"), ("duplicates", "refused")], &[])
            .await?;
    let created = ask(&sandbox, create(named(" Some Name ")));
    let body = created.json();
    assert_eq!((created.status, &body["name"]), (200, &json!("Some Name")));
    assert!(body["id"].is_u64() && body["company_id"].is_u64() && body["provider_id"].is_u64(), "{body}");
    assert_eq!(get(&sandbox, &format!("/{}", body["id"])).json()["id"], body["id"]);
    assert!(get_at(&sandbox, PROVIDERS).json()["items"][0]["id"].is_u64());
    assert!(ask(&sandbox, create(named("Some Name"))).refused(409).contains("this name and provider"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_lags_behind_creates_only() -> Result {
    let sandbox = assuming(&[("list_lag", "seconds")], &["old"]).await?;
    let started = Instant::now();
    let created = ask(&sandbox, create(named("new"))).json();
    let path = format!("/{}", created["id"].as_str().unwrap());
    assert_eq!((names(&get(&sandbox, "")), get(&sandbox, &path).status), (vec!["old".to_owned()], 200));
    while names(&get(&sandbox, "?page=1,1&sort=-id")) != ["new"] {
        assert!(started.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert!(started.elapsed() >= Duration::from_secs(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn integrations_are_shown_in_the_assumed_form() -> Result {
    let (example, _) = examples().remove(0);
    let settings = example["settings"].as_object().unwrap();
    let shown = async |id: &str, answer: &str, query: &str| -> Result<Value> {
        let sandbox = assuming(&[(id, answer)], &["n"]).await?;
        Ok(get(&sandbox, query).json()["items"][0].clone())
    };
    let masked = shown("secrets", "masked", "").await?;
    let hidden = settings.keys().filter(|name| masked["settings"][*name] == "********").count();
    let missing = shown("secrets", "missing", "").await?["settings"].as_object().unwrap().len();
    assert!(hidden > 0 && missing + hidden == settings.len(), "{masked}");
    assert!(shown("default_view", "all", "").await?["provider"].is_object());
    assert!(shown("default_view", "plain", "").await?.get("settings").is_none());
    assert_eq!(shown("fields_id", "named", "?fields=name").await?, json!({ "name": "n" }));
    assert!(shown("create_time", "unix", "").await?["create_time"].is_u64());
    let iso = shown("create_time", "iso8601", "").await?;
    assert!(iso["create_time"].as_str().unwrap().ends_with('Z'), "{iso}");
    let (gmt, local) = (shown("create_time", "gmt", "").await?, shown("create_time", "local", "").await?);
    let hour = |it: &Value| it["create_time"].as_str().unwrap()[11..13].parse::<u32>().unwrap();
    // Of two starts, the second may be in the next hour.
    assert!([2, 3].contains(&((hour(&local) + 24 - hour(&gmt)) % 24)), "{gmt} {local}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_the_assumed_pages_order_and_search() -> Result {
    let all: Vec<_> = (0..60).map(|n| format!("Name {n}")).collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    for (id, answer, query, expected) in [
        ("page_size", "10", "", 10),
        ("page_cap", "20", "?page=1,100", 20),
        ("search", "prefix", "?q=ame", 0),
        ("search", "prefix", "?q=name&page=1,100", 60),
        ("search", "exact", "?q=name+1", 1),
        ("search", "case_sensitive", "?q=name", 0),
        ("search_fields", "all", "?q=active&page=1,100", 60),
        ("provider_filter", "ignored", "?provider_id=other&page=1,100", 60),
        ("unknown_parameters", "ignored", "?colour=red", 20),
    ] {
        let sandbox = assuming(&[(id, answer)], &all).await?;
        assert_eq!(names(&get(&sandbox, query)).len(), expected, "{id} {answer} {query}");
    }
    let first = async |id: &str, answer: &str, query: &str| -> Result<String> {
        Ok(names(&get(&assuming(&[(id, answer)], &all).await?, query))[0].clone())
    };
    assert_eq!(first("default_order", "newest", "").await?, "Name 59");
    assert_eq!(first("default_order", "newest", "?sort=id").await?, "Name 0");
    assert_eq!(first("sort", "ignored", "?sort=-id").await?, "Name 0");
    for (id, query) in [
        ("above_page_cap", "?page=1,101"),
        ("sort", "?sort=id"),
        ("provider_filter", "?provider_id=1"),
        ("unknown_view", "?view=other"),
    ] {
        get(&assuming(&[(id, "refused")], &all).await?, query).refused(400);
    }
    let page = get(&assuming(&[("total", "page")], &all).await?, "?page=2,7").json();
    assert_eq!(page["total"], 7);
    assert!(get(&assuming(&[("total", "missing")], &all).await?, "").json().get("total").is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_checks_have_the_assumed_form() -> Result {
    let (example, _) = examples().remove(0);
    let first = example["settings"].as_object().unwrap().keys().next().unwrap().clone();
    let send = |sandbox: &Sandbox, method: &str, rest: &str, body: &Value| {
        let line = format!("{method} {PATH}{rest} HTTP/1.1");
        ask(sandbox, request(&[&line, "Authorization: Bearer any", "Content-Type: application/json"], body.to_string()))
    };
    for (answer, expected) in
        [("stored", Some(Value::Null)), ("removed", None), ("ignored", Some(example["settings"][&first].clone()))]
    {
        let sandbox = assuming(&[("null_setting", answer), ("no_content", "200")], &["n"]).await?;
        let id = get(&sandbox, "").json()["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/{id}");
        let updated = send(&sandbox, "PATCH", &path, &json!({ "settings": { &first: null } }));
        assert_eq!((updated.status, updated.json()), (200, json!({})));
        assert_eq!(get(&sandbox, &path).json()["settings"].get(&first), expected.as_ref(), "{answer}");
    }
    let sandbox = assuming(&[("credentials_status", "422")], &[]).await?;
    let mut wrong = example.clone();
    wrong["settings"].as_object_mut().unwrap().values_mut().for_each(|value| *value = "invalid".into());
    send(&sandbox, "POST", "/validate", &wrong).refused(422);
    Ok(())
}
