//! Listing integrations, getting one, and listing providers.

use std::collections::BTreeSet;

use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::Result;
use crate::client::{PATH, Response, ask, create, examples, named, request, right};

pub const PROVIDERS: &str = "/v1/hood/providers";

/// Sends a GET below the path of integrations.
pub fn get(sandbox: &Sandbox, rest: &str) -> Response {
    get_at(sandbox, &format!("{PATH}{rest}"))
}

pub fn get_at(sandbox: &Sandbox, target: &str) -> Response {
    ask(sandbox, request(&[&format!("GET {target} HTTP/1.1"), "Authorization: Bearer any"], ""))
}

/// Returns the names of a list's items.
pub fn names(response: &Response) -> Vec<String> {
    assert_eq!(response.status, 200, "{response:?}");
    let body = response.json();
    body["items"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect()
}

/// Starts a sandbox with these integrations.
pub async fn with(all: &[&str]) -> Result<Sandbox> {
    let sandbox = Sandbox::builder().no_limits().start().await?;
    for name in all {
        assert_eq!(ask(&sandbox, create(named(name))).status, 201);
    }
    Ok(sandbox)
}

/// Starts a sandbox with an integration of each provider.
async fn with_examples() -> Result<Sandbox> {
    let sandbox = with(&[]).await?;
    for (body, _) in examples() {
        assert_eq!(ask(&sandbox, create(body.to_string())).status, 201);
    }
    Ok(sandbox)
}

#[tokio::test(flavor = "multi_thread")]
async fn get_returns_the_created_integration_and_more() -> Result {
    let sandbox = with(&[]).await?;
    assert_eq!(get(&sandbox, "").json(), json!({ "total": 0, "items": [] }));
    let providers = get_at(&sandbox, PROVIDERS).json();
    for (body, _) in examples() {
        let mut expected = ask(&sandbox, create(body.to_string())).json();
        let id = expected["id"].as_str().unwrap().to_owned();
        let shown = get(&sandbox, &format!("/{id}")).json();
        expected["effective_status"] = json!("untested");
        expected["create_time"] = shown["create_time"].clone();
        // As text, so that the order of the fields counts.
        assert_eq!(shown.to_string(), expected.to_string());
        let time = shown["create_time"].as_str().unwrap();
        let form: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        assert!(form == "0000-00-00 00:00:00" && time > "2025", "{time}");

        let provider = providers["items"].as_array().unwrap().iter().find(|it| it["id"] == body["provider_id"]);
        expected["provider"] = provider.unwrap().clone();
        assert_eq!(get(&sandbox, &format!("/{id}?view=full")).json().to_string(), expected.to_string());
        let list = get(&sandbox, "?view=full&page=1,100").json();
        assert_eq!(list["items"].as_array().unwrap().last(), Some(&expected));
        assert_eq!(list["total"], list["items"].as_array().unwrap().len());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_all_integrations_by_id() -> Result {
    let all: Vec<_> = (0..105).map(|n| format!("n{n}")).collect();
    let sandbox = with(&all.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    for (page, expected) in [
        ("", &all[..20]),
        ("?page=1", &all[..20]),
        ("?page=2", &all[20..40]),
        ("?page=6", &all[100..]),
        ("?page=2,50", &all[50..100]),
        ("?page=2,3", &all[3..6]),
        ("?page=2,100", &all[100..]),
        // Larger sizes are reduced to the maximum.
        ("?page=1,9999", &all[..100]),
        ("?page=2,9999", &all[100..]),
        ("?page=7", &[]),
        ("?page=999999999,9999", &[]),
    ] {
        let response = get(&sandbox, page);
        assert_eq!(names(&response), expected, "{page}");
        assert_eq!(response.json()["total"], 105);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_search_and_order_combine() -> Result {
    let sandbox = with(&["b", "A", "c", "ab"]).await?;
    for (query, expected) in [
        ("q=a", &["A", "ab"][..]),
        ("q=%61&sort=-id", &["ab", "A"]),
        ("q=active&q_fields=name,status&sort=name", &["A", "ab", "b", "c"]),
        ("sort=-name", &["c", "b", "ab", "A"]),
        ("sort=status,-create_time&page=1,2", &["ab", "c"]),
        ("q=nothing", &[]),
        ("type=nothing", &[]),
        ("provider_id=nothing", &[]),
        // Empty pairs are ignored.
        ("&&sort=name&", &["A", "ab", "b", "c"]),
    ] {
        let response = get(&sandbox, &format!("?{query}"));
        assert_eq!(names(&response), expected, "{query}");
    }
    assert_eq!(get(&sandbox, "?q=a&page=2,1").json()["total"], 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_distinguish_types_and_providers() -> Result {
    let sandbox = with_examples().await?;
    let all = get(&sandbox, "").json()["items"].as_array().unwrap().clone();
    for field in ["type", "provider_id"] {
        for value in all.iter().map(|it| &it[field]) {
            let expected: Vec<_> = all.iter().filter(|it| it[field] == *value).cloned().collect();
            let list = get(&sandbox, &format!("?{field}={}", value.as_str().unwrap())).json();
            assert_eq!(list, json!({ "total": expected.len(), "items": expected }));
            assert!(expected.len() < all.len());
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn response_has_only_the_requested_fields() -> Result {
    let sandbox = with(&["n"]).await?;
    let id = sandbox.integrations()[0].id.clone();
    for (query, expected) in [
        ("fields=name", &["id", "name"][..]),
        ("fields=id", &["id"]),
        ("fields=name,id,name", &["id", "name"]),
        ("fields=provider,status", &["id", "status", "provider"]),
        // `fields` overrides `view`.
        ("fields=name&view=full", &["id", "name"]),
    ] {
        for item in [
            get(&sandbox, &format!("/{id}?{query}")).json(),
            get(&sandbox, &format!("?{query}")).json()["items"][0].clone(),
        ] {
            assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), expected, "{query}");
        }
    }
    let default = get(&sandbox, &format!("/{id}")).json();
    for view in ["default", "other"] {
        assert_eq!(get(&sandbox, &format!("/{id}?view={view}")).json(), default);
        assert_eq!(get(&sandbox, &format!("?view={view}")).json()["items"][0], default);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_have_their_settings() -> Result {
    let sandbox = with(&[]).await?;
    let all = get_at(&sandbox, PROVIDERS).json();
    let items = all["items"].as_array().unwrap();
    assert_eq!((items.len(), &all["total"]), (examples().len(), &json!(items.len())));
    for (request, response) in examples() {
        let provider = items.iter().find(|it| it["id"] == request["provider_id"]).unwrap();
        assert_eq!(provider["type"], response["type"]);
        let shown: BTreeSet<_> =
            provider["settings"].as_array().unwrap().iter().map(|it| it["name"].as_str()).collect();
        assert!(request["settings"].as_object().unwrap().keys().all(|name| shown.contains(&Some(name.as_str()))));
    }
    let page = |page: &str| get_at(&sandbox, &format!("{PROVIDERS}?page={page}")).json()["items"].clone();
    assert_eq!([page("1,2"), page("2,2")].map(|it| it[0].clone()), [items[0].clone(), items[2].clone()]);
    assert_eq!(page("99"), json!([]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn list_is_a_snapshot_while_others_create() -> Result {
    let sandbox = with(&[]).await?;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| assert_eq!(ask(&sandbox, create(right())).status, 201)));
        }
        scope.spawn(|| {
            let mut last = 0;
            while last < 100 {
                let list = get(&sandbox, "?page=1,100").json();
                let (total, items) = (list["total"].as_u64().unwrap(), list["items"].as_array().unwrap());
                assert_eq!(total.min(100), items.len() as u64);
                assert!(total >= last, "{total} after {last}");
                last = total;
            }
        });
    });
    let ids: Vec<Value> = (1..=2)
        .flat_map(|page| {
            get(&sandbox, &format!("?fields=id&page={page},100")).json()["items"].as_array().unwrap().clone()
        })
        .collect();
    let distinct: BTreeSet<_> = ids.iter().map(Value::to_string).collect();
    assert_eq!((ids.len(), distinct.len()), (200, 200));
    Ok(())
}
