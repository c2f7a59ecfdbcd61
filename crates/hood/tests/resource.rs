//! The whole resource against the sandbox: lists that change while they are read, `ensure`, and creates of unknown outcome.

use std::time::Duration;

use ocamba_hood::{
    Action, Client, Error, ErrorKind, FieldUpdate, NewIntegration, Operation, Outcome, RateLimit, RawSettings,
    UpdateIntegration, providers,
};
use ocamba_sandbox::Sandbox;
use serde_json::{Value, json};

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

/// The example of some provider, by another name.
fn request(name: &str) -> NewIntegration {
    let folders = std::fs::read_dir("../../openapi/examples").expect("examples").flatten();
    let file = folders.map(|f| f.path().join("request.json")).find(|f| f.exists()).expect("an example");
    let mut request = NewIntegration::from_json(&std::fs::read_to_string(file).expect("a text")).expect("valid");
    request.name = name.to_owned();
    request
}

fn fault(sandbox: &Sandbox, operation: &str, times: u32, fault: Value) {
    let faults = json!({ "faults": [{ "operation": operation, "times": times, "fault": fault }] });
    sandbox.set_faults(&faults.to_string().parse().expect("a fault")).expect("a fault");
}

fn commits(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.committed).count()
}

#[tokio::test]
async fn a_list_that_grows_while_it_is_read_loses_nothing_and_tells_nothing_twice() {
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
        assert_eq!(once.len(), seen.len(), "an item was told twice");
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
async fn an_item_that_moves_to_a_page_that_was_read_is_told_all_the_same() {
    let (_sandbox, client) = sandbox().await;
    let mut last = String::new();
    for number in 10..40 {
        last = client.integrations().create(request(&format!("n{number}"))).await.expect("created").id;
    }
    let mut list = client.integrations().list().sort("name").page_size(10).items();
    let mut seen = Vec::new();
    while let Some(item) = list.next().await {
        seen.push(item.expect("an item").id);
        if seen.len() == 10 {
            client.integrations().update(&last, UpdateIntegration::new().name("a")).await.expect("renamed");
        }
    }
    assert!(seen.contains(&last), "it was missed");
    assert_eq!(seen.len(), 30);
}

#[tokio::test]
async fn a_list_that_is_left_early_fetches_no_more() {
    let (sandbox, client) = sandbox().await;
    created(&client, "x", 30).await;
    let before = sandbox.journal().len();
    let mut list = client.integrations().list().page_size(10).items();
    for _ in 0..10 {
        list.next().await.expect("an item").expect("an item");
    }
    drop(list);
    assert_eq!(sandbox.journal().len() - before, 1);
}

#[tokio::test]
async fn an_error_in_the_midst_of_a_list_can_be_got_over() {
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
async fn ensure_creates_then_adopts_then_updates_and_refuses_two() {
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
async fn ensure_makes_one_whatever_becomes_of_its_create() {
    for (kind, expected) in [
        (json!({ "close": { "at": "commit" } }), 1),
        (json!({ "close": { "at": "read" } }), 1),
        (json!({ "answer": { "status": 500, "at": "commit" } }), 1),
        (json!({ "answer": { "status": 201, "at": "commit", "body": { "text": "{" } } }), 1),
        (json!({ "answer": { "status": 400 } }), 0),
    ] {
        let (sandbox, client) = sandbox().await;
        fault(&sandbox, "createIntegration", 1, kind.clone());
        let ensured = client.integrations().ensure(request("a")).reconcile_timeout(Duration::from_millis(50)).await;
        assert_eq!(ensured.is_ok(), expected == 1, "{kind} {ensured:?}");
        assert_eq!(sandbox.integrations().len(), expected, "{kind}");
    }
}

#[tokio::test]
async fn ensure_waits_for_a_commit_that_comes_late() {
    let (sandbox, client) = sandbox().await;
    // The client gives up on the attempt, and the server commits after that.
    fault(&sandbox, "createIntegration", 1, json!({ "delay": { "ms": 600, "at": "read" } }));
    let error = client.integrations().create(request("a")).timeout(Duration::from_millis(100)).await.expect_err("late");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let found =
        client.integrations().find_created(&error).reconcile_timeout(Duration::from_secs(5)).await.expect("looked");
    assert_eq!(found.expect("it came to be").id, sandbox.integrations()[0].id);
}

#[tokio::test]
async fn eight_at_once_make_one() {
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

#[tokio::test]
async fn a_create_of_unknown_outcome_is_found_or_not() {
    let (sandbox, client) = sandbox().await;
    // One of the same name from before is not it.
    client.integrations().create(request("a")).await.expect("created");
    tokio::time::sleep(Duration::from_millis(3_100)).await;
    for (kind, came_to_be) in
        [(json!({ "close": { "at": "read" } }), false), (json!({ "close": { "at": "commit" } }), true)]
    {
        fault(&sandbox, "createIntegration", 1, kind);
        let error = client.integrations().create(request("a")).await.expect_err("closed");
        let found = client
            .integrations()
            .find_created(&error)
            .reconcile_timeout(Duration::from_millis(100))
            .await
            .expect("looked");
        assert_eq!(found.is_some(), came_to_be);
    }
    fault(&sandbox, "createIntegration", 1, json!({ "answer": { "status": 400 } }));
    let refused = client.integrations().create(request("a")).await.expect_err("refused");
    let error = client.integrations().find_created(&refused).await.expect_err("nothing to look for");
    assert_eq!(error.kind(), ErrorKind::Validation);
}

/// Also of one that is not there yet: its example is found like the others.
#[tokio::test]
async fn each_provider_is_created_listed_updated_and_read_with_its_own_settings() {
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
        let operation = Operation::from_json("update", Some(&id), &update, false).expect("sound");
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
async fn an_update_sends_what_is_set_and_null_where_it_is_meant() {
    let (sandbox, client) = sandbox().await;
    let id = client.integrations().create(request("a")).await.expect("created").id;
    client.integrations().update(&id, UpdateIntegration::new().name("b")).await.expect("updated");
    assert_eq!(client.integrations().get(&id).await.expect("there").name.as_deref(), Some("b"));

    let name = providers()[0].settings[0].name;
    let settings = RawSettings::from_iter([(name, Value::Null)]);
    let update = UpdateIntegration::new().settings(ocamba_hood::SettingsUpdate::Unknown(settings));
    client.integrations().update(&id, update).await.expect("updated");
    assert_eq!(commits(&sandbox), 3);
    assert!(FieldUpdate::<String>::Null != FieldUpdate::Keep);
}

#[tokio::test]
async fn what_cannot_be_is_refused_before_anything_is_sent() {
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
async fn validate_test_and_providers_answer() {
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
