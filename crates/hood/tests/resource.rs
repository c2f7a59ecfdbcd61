//! All methods of the client against the sandbox, with lists that change while they are read.

mod support;

use ocamba_hood::{
    Action, Client, Error, ErrorKind, FieldUpdate, NewIntegration, Operation, Outcome, RateLimit, RawValues,
    UpdateIntegration, providers,
};
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};
use support::{Reply, Server, request};

async fn sandbox() -> (Sandbox, Client) {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let client = Client::builder()
        .base_url(sandbox.base_url())
        .token("t")
        .rate_limit(RateLimit::off())
        .build()
        .expect("a client");
    (sandbox, client)
}

fn fault(sandbox: &Sandbox, operation: &str, times: u32, fault: Value) {
    let faults = json!({ "faults": [{ "operation": operation, "times": times, "fault": fault }] });
    sandbox.set_faults(&faults.to_string().parse().expect("a fault")).expect("a fault");
}

fn commits(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.committed).count()
}

#[tokio::test]
async fn growing_list_returns_each_item_once() {
    let (_sandbox, client) = sandbox().await;
    for (sort, number, page_size) in [("-id", 250, 20), ("id", 1_000, 70)] {
        let before: Vec<String> = created(&client, &format!("before {sort}"), number).await;
        let mut list = client.integrations().list().sort(sort).page_size(page_size).items();
        let mut seen = Vec::new();
        while let Some(item) = list.next().await {
            seen.push(item.expect("an item").id);
            if seen.len() % 10 == 0 {
                created(&client, "meanwhile", 3).await;
            }
            assert!(seen.len() < 5_000, "it does not end");
        }
        let mut once = seen.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), seen.len(), "an item was returned twice");
        assert!(before.iter().all(|id| once.binary_search(id).is_ok()), "an item was lost");
    }
}

async fn created(client: &Client, name: &str, number: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..number {
        ids.push(client.integrations().create(request(name)).await.expect("created").id);
    }
    ids
}

#[tokio::test]
async fn list_continues_after_an_error() {
    let (sandbox, client) = sandbox().await;
    created(&client, "x", 15).await;
    fault(&sandbox, "listIntegrations", 1, json!({ "answer": { "status": 400 } }));
    let mut list = client.integrations().list().page_size(10).items();
    assert_eq!(list.next().await.expect("a result").expect_err("refused").kind(), ErrorKind::BadRequest);
    let mut items = 0;
    while let Some(item) = list.next().await {
        item.expect("an item");
        items += 1;
    }
    assert_eq!(items, 15);
}

#[tokio::test]
async fn list_that_changes_each_time_is_read_again_after_its_error() {
    let page = |id: u32, total: u32| {
        let body = json!({ "total": total, "items": [{ "id": id.to_string(), "name": "x", "provider_id": "1004" }] });
        Reply::Bytes(support::response(200, &body.to_string()))
    };
    // Each time the total falls between the pages, the third item may have moved to the page that was read.
    let falling = [page(1, 3), page(2, 2)];
    let settled = [page(1, 3), page(2, 3), page(3, 3)];
    let server = Server::start(Reply::Each(falling.iter().cycle().take(10).chain(&settled).cloned().collect())).await;
    let client = server.client().build().expect("a client");
    let mut list = client.integrations().list().page_size(1).items();
    let mut seen = Vec::new();
    while let Some(item) = list.next().await {
        seen.push(item.map_or_else(|error| error.message().to_owned(), |item| item.id));
    }
    assert!(seen[2].contains("changed each time"), "{seen:?}");
    seen.remove(2);
    assert_eq!(seen, ["1", "2", "3"]);
}

#[tokio::test]
async fn ensure_creates_adopts_updates_and_refuses_duplicates() {
    let (sandbox, client) = sandbox().await;
    let created = client.integrations().ensure(request("a")).await.expect("ensured");
    let adopted = client.integrations().ensure(request("a")).await.expect("ensured");
    let updated = client.integrations().ensure(request("a").status("paused")).await.expect("ensured");
    assert_eq!([created.action, adopted.action, updated.action], [Action::Created, Action::Adopted, Action::Updated]);
    assert_eq!([&created.integration.id; 2], [&adopted.integration.id, &updated.integration.id]);
    assert_eq!(updated.integration.status, Some("paused".into()));
    assert_eq!(commits(&sandbox), 2);

    let second = client.integrations().create(request("a")).await.expect("created").id;
    let error = client.integrations().ensure(request("a")).await.expect_err("two");
    assert_eq!((error.kind(), error.outcome(), error.code()), (ErrorKind::Duplicate, Outcome::NotSent, "duplicate"));
    assert!(error.message().contains(&second) && error.message().contains(&created.integration.id), "{error}");
}

#[tokio::test]
async fn concurrent_ensures_create_one() {
    let (sandbox, client) = sandbox().await;
    let calls = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.integrations().ensure(request("a")).await.map(|ensured| ensured.action) })
    });
    let mut actions = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        actions.push(call.await.expect("no panic").expect("ensured"));
    }
    assert_eq!(actions.iter().filter(|action| **action == Action::Created).count(), 1, "{actions:?}");
    assert_eq!(sandbox.integrations().len(), 1);
}

/// Covers providers that are added later: their examples are found like the others.
#[tokio::test]
async fn each_provider_is_created_listed_updated_and_read() {
    let (_sandbox, client) = sandbox().await;
    let folders = std::fs::read_dir("../../openapi/examples").expect("examples").flatten();
    let examples: Vec<_> = folders.map(|f| f.path().join("request.json")).filter(|f| f.exists()).collect();
    assert_eq!(examples.len(), providers().len());
    for example in examples {
        let text = std::fs::read_to_string(example).expect("a text");
        let request: Value = serde_json::from_str(&text).expect("JSON");
        let provider = request["provider_id"].as_str().expect("a provider");
        let created = client.integrations().create(NewIntegration::from_json(&text).expect("valid")).await;
        let id = created.expect("created").id;

        let listed = client.integrations().list().provider_id(provider).view("full").all().await.expect("a list");
        assert!(matches!(listed.as_slice(), [one] if one.id == id && one.provider.id() == provider));
        assert!(!matches!(listed[0].provider, ocamba_hood::Provider::Unknown { .. }));
        assert!(listed[0].provider_description.is_some() && listed[0].extra.is_empty(), "{listed:?}");

        let (name, value) = request["settings"].as_object().and_then(|all| all.iter().next()).expect("a setting");
        let update = json!({ "provider_id": provider, "settings": { name: value } }).to_string();
        let operation = Operation::from_json("update", Some(&id), &update, false).expect("valid");
        client.call(operation).with_response().await.expect("updated");
        assert_eq!(client.integrations().get(&id).await.expect("there").provider, listed[0].provider);
        for foreign in [json!({ "foreign": 1 }), json!({ name: [] })] {
            let update = json!({ "provider_id": provider, "settings": foreign }).to_string();
            let error = Operation::from_json("update", Some(&id), &update, false).expect_err("refused");
            assert!(error.field_errors()[0].field.starts_with("settings."), "{error}");
        }
    }
}

#[tokio::test]
async fn update_sends_set_fields_and_null() {
    let (sandbox, client) = sandbox().await;
    let id = client.integrations().create(request("a")).await.expect("created").id;
    client.integrations().update(&id, UpdateIntegration::new().name("b")).await.expect("updated");
    assert_eq!(client.integrations().get(&id).await.expect("there").name.as_deref(), Some("b"));

    let name = providers()[0].settings[0].name;
    let settings = RawValues::from_iter([(name, Value::Null)]);
    let update = UpdateIntegration::new().settings(ocamba_hood::SettingsUpdate::Unknown(settings));
    client.integrations().update(&id, update).await.expect("updated");
    assert_eq!(commits(&sandbox), 3);
    assert!(FieldUpdate::<String>::Null != FieldUpdate::Keep);
}

#[tokio::test]
async fn invalid_input_is_refused_before_anything_is_sent() {
    let (sandbox, client) = sandbox().await;
    let integrations = client.integrations();
    let field = |result: Result<(), Error>| {
        let error = result.expect_err("refused");
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Validation, Outcome::NotSent));
        error.field_errors()[0].field.clone()
    };
    assert_eq!(field(integrations.update("1", UpdateIntegration::new()).await), "update");
    for id in ["", "..", "a/b", "1\n2", "1?x"] {
        assert_eq!(field(integrations.get(id).await.map(drop)), "id");
        assert_eq!(field(integrations.update(id, UpdateIntegration::new().name("x")).await), "id");
        assert_eq!(field(integrations.send_test(id).await), "id");
    }
    assert_eq!(field(integrations.list().page(0).await.map(drop)), "page");
    assert_eq!(field(integrations.list().page_size(0).all().await.map(drop)), "page_size");
    assert_eq!(field(integrations.list().sort("name;drop").all().await.map(drop)), "sort");
    assert!(sandbox.journal().is_empty());
    assert_eq!(integrations.get("999999").await.expect_err("unknown").kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn validate_send_test_and_providers_succeed() {
    let (sandbox, client) = sandbox().await;
    client.integrations().validate(request("a")).await.expect("accepted");
    assert!(sandbox.integrations().is_empty());
    let id = client.integrations().create(request("a")).await.expect("created").id;
    client.integrations().send_test(&id).await.expect("sent");
    client.integrations().send_test_with(request("a")).await.expect("sent");
    let described = client.providers().list().all().await.expect("providers");
    assert_eq!(described.len(), providers().len());
    assert!(described.iter().all(|p| p.settings.as_ref().is_some_and(|settings| !settings.is_empty())));
}
