//! `ocamba integrations get`, `update`, `ensure`, `validate` and `test`.

use ocamba_hood::{REDACTED, providers};
use serde_json::{Value, json};

use crate::support::{
    CANARY, Running, Untouched, any_request, create_at, examples, file, folder, ocamba, redacted, run, run_with_input,
    server, server_answering,
};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;
const OUTCOME_UNKNOWN: i32 = 4;
const DUPLICATE: i32 = 7;

fn get(sandbox: &Running, id: &str) -> Value {
    sandbox.run(&["integrations", "get", id, "--reveal"]).json()
}

/// The provider of [`any_request`], and names of two of its settings: a secret, and another.
fn settings() -> (&'static str, &'static str) {
    let request = any_request();
    let provider = providers().iter().find(|p| request["provider_id"] == p.id).expect("a provider");
    let named = |secret| provider.settings.iter().find(|s| s.secret == secret).expect("a setting").name;
    (named(true), named(false))
}

#[test]
fn get_hides_secrets_unless_revealed() {
    let sandbox = Running::start(&["--no-limits"]);
    for example in examples() {
        let created = sandbox.run_with(&["integrations", "create", "-"], &example.with_canary()).json();
        let id = created["id"].as_str().expect("an id");
        let shown = sandbox.run(&["integrations", "get", id]);
        assert_eq!(shown.json()["settings"], redacted(example.provider, &example.request["settings"]));
        assert!(!shown.stdout.contains(CANARY) && shown.json()["create_time"].is_string(), "{shown:?}");
        assert_eq!(get(&sandbox, id)["settings"], example.with_canary()["settings"]);
        let table = sandbox.run(&["integrations", "get", id, "--output", "table"]);
        assert!(table.stdout.contains(REDACTED) && table.stdout.lines().all(|line| line.chars().count() <= 80));

        let some = sandbox.run(&["integrations", "get", id, "--fields", "status,name"]);
        let expected = json!({ "status": "active", "name": example.request["name"] });
        assert_eq!(some.stdout, serde_json::to_string_pretty(&expected).expect("JSON") + "\n");
        let none = sandbox.run(&["integrations", "get", id, "--fields", "name,nothing"]);
        none.assert_fails(BAD_INPUT, &["no nothing", "effective_status"]);
    }
    sandbox.run(&["integrations", "get", "99999"]).assert_fails(REJECTED, &["404 ", "integrations list"]);
}

#[test]
fn invalid_id_is_refused_before_anything_is_sent() {
    let path = file("change-name.json", br#"{"name": "a"}"#);
    for id in ["", &"1".repeat(65)] {
        let commands: [&[&str]; 4] =
            [&["get", id], &["update", id, "--name", "a"], &["update", id, &path], &["test", id]];
        for command in commands {
            let server = Untouched::new();
            let mut command = ocamba(&[&["integrations", "--base-url", &server.base_url()], command].concat());
            let run = run(command.env("OCAMBA_TOKEN", CANARY));
            run.assert_fails(BAD_INPUT, &["error: id must", "integrations list", "nothing was sent"]);
        }
    }
    // Any other text is a name, which is compared and never part of a path.
    let sandbox = Running::start(&["--no-limits"]);
    let names = ["../providers", "..", ".", "a/b", "1\n2", "1 2", "%2e", "1?x=1"];
    for name in names {
        sandbox.run(&["integrations", "get", name]).assert_fails(BAD_INPUT, &["no integration has the name"]);
    }
    let requests = sandbox.get("/_sandbox/journal").as_array().map(Vec::len);
    assert_eq!((requests, sandbox.count("listIntegrations")), (Some(names.len()), names.len()));
}

#[test]
fn update_changes_only_the_given_fields() {
    let sandbox = Running::start(&["--no-limits"]);
    let id = sandbox.create(&["before"]).remove(0);
    let (secret, other) = settings();
    let before = get(&sandbox, &id);
    let update = |more: &[&str]| sandbox.run(&[&["integrations", "update", &id], more].concat());
    assert_eq!(update(&["--name", "after"]).json(), json!({ "action": "updated", "id": id }));
    assert_eq!(get(&sandbox, &id)["settings"], before["settings"]);
    assert_eq!(get(&sandbox, &id)["name"], "after");

    // From a file with a byte order mark, from the command line, and from standard input.
    let path = file("secret.txt", "\u{feff}from-file\r\n".as_bytes());
    update(&["--set", &format!("{secret}=@{path}"), "--set", &format!("{other}=1=2")]).json();
    let now = get(&sandbox, &id)["settings"].clone();
    assert_eq!((&now[secret], &now[other]), (&json!("from-file"), &json!("1=2")));
    let mut piped = sandbox.ocamba(&["integrations", "update", &id, "--set", &format!("{secret}=-")]);
    run_with_input(&mut piped, b"from-stdin\n").json();
    assert_eq!(get(&sandbox, &id)["settings"][secret], "from-stdin");
    update(&["--unset", other, "--output", "table"]);
    assert_eq!(get(&sandbox, &id)["settings"][other], Value::Null);

    // From a file, which options override.
    let changes = json!({ "name": "file", "settings": { secret: "in-file", other: "in-file" } });
    let path = file("changes.json", changes.to_string().as_bytes());
    update(&[&path, "--name", "option", "--set", &format!("{other}=option")]).json();
    let now = get(&sandbox, &id);
    let expected = (&json!("option"), &json!("in-file"), &json!("option"));
    assert_eq!((&now["name"], &now["settings"][secret], &now["settings"][other]), expected);
    sandbox.run_with(&["integrations", "update", &id, "-"], &json!({ "name": "piped" })).json();
    assert_eq!(get(&sandbox, &id)["name"], "piped");

    // By its name, which may have what no ID has.
    update(&["--name", "with a blank"]).json();
    let by_name = sandbox.run(&["integrations", "update", "with a blank", "--name", "renamed"]);
    assert_eq!((by_name.json()["id"].as_str(), &get(&sandbox, &id)["name"]), (Some(&*id), &json!("renamed")));
}

#[test]
fn invalid_update_is_refused_before_it_is_sent() {
    let (secret, other) = settings();
    let (set, twice) = (format!("{secret}={CANARY}"), format!("{secret}=-"));
    let object = file("object.json", format!("{{\"settings\": {{\"{secret}\": {{\"{CANARY}\": 1}}}}}}").as_bytes());
    let empty = file("no-settings.json", br#"{"settings": {}}"#);
    let array = file("array.json", br#"["canary-7f3a"]"#);
    let wrong: [(&[&str], &str); 14] = [
        (&[], "--set KEY=VALUE"),
        (&["--name", ""], "name must have 1 to 100"),
        (&["--status", ""], "status must"),
        (&["--set", CANARY], "--set has no ="),
        (&["--set", "=canary-7f3a"], "--set has no setting before the ="),
        (&["--set", "x=@"], "no file after the @"),
        (&["--set", "x=@no/such.txt"], "no/such.txt cannot be read"),
        (&["--set", &set, "--unset", secret], "is changed twice"),
        (&["--set", &twice, "--set", "x=-"], "standard input can be read only once"),
        (&["-", "--set", &twice], "standard input can be read only once"),
        (&["no/such.json"], "no/such.json cannot be read"),
        (&[&empty], "settings change nothing"),
        (&[&array], "one object with the fields"),
        (&["--unset", other, &empty, "--colour"], "--colour"),
    ];
    for (options, says) in wrong {
        let server = Untouched::new();
        let mut command =
            ocamba(&[&["integrations", "update", "1", "--base-url", &server.base_url()], options].concat());
        run(command.env("OCAMBA_TOKEN", CANARY)).assert_fails(BAD_INPUT, &[says]);
    }
    // The settings are validated by the provider that is read first, and still before the update.
    let sandbox = Running::start(&["--no-limits"]);
    let id = sandbox.create(&["a"]).remove(0);
    let update = |more: &[&str]| sandbox.run(&[&["integrations", "update", &id], more].concat());
    let foreign = format!("foreign={CANARY}");
    update(&["--set", &foreign]).assert_fails(BAD_INPUT, &["settings.foreign ", secret, "nothing was changed"]);
    update(&[&object]).assert_fails(BAD_INPUT, &[&format!("settings.{secret} "), "not an object"]);
    let redacted = format!("{secret}={REDACTED}");
    update(&["--set", &redacted]).assert_fails(BAD_INPUT, &[&format!("settings.{secret} ")]);
    assert_eq!(sandbox.count("updateIntegration"), 0);
    sandbox.run(&["integrations", "update", "99999", "--set", &set]).assert_fails(REJECTED, &["404 "]);
}

#[test]
fn settings_of_unknown_provider_are_validated_by_its_description() {
    let described = json!([{ "name": "bot_token", "required": true }]);
    let response = json!({
        "id": "7", "provider_id": "99999", "settings": { "bot_token": CANARY },
        "provider": { "id": "99999", "settings": described },
    });
    let base_url = server_answering("200 OK", response.to_string());
    let mut command = ocamba(&["integrations", "update", "7", "--set", "token=1", "--base-url", &base_url]);
    run(command.env("OCAMBA_TOKEN", "test-token")).assert_fails(BAD_INPUT, &["settings.token ", "it has bot_token"]);
}

#[test]
fn update_reports_an_unknown_outcome() {
    let (base_url, requests) = server();
    std::thread::spawn(move || drop(requests.recv()));
    let mut command = ocamba(&["integrations", "update", "7", "--name", "a", "--base-url", &base_url]);
    let run = run(command.env("OCAMBA_TOKEN", CANARY));
    let look = format!("ocamba --base-url {base_url} integrations get 7");
    run.assert_fails(OUTCOME_UNKNOWN, &["may have been changed", &look, "it is safe to run the command again"]);
}

#[test]
fn ensure_creates_adopts_and_updates() {
    let sandbox = Running::start(&["--no-limits"]);
    let request = any_request();
    let ensure = |request: &Value| sandbox.run_with(&["integrations", "ensure", "-"], request);
    let created = ensure(&request).json();
    assert_eq!((&created["action"], &created["integration"]["name"]), (&json!("created"), &request["name"]));
    let adopted = ensure(&request);
    assert_eq!(adopted.json()["action"], "adopted");
    assert!(!adopted.stdout.contains(CANARY), "{adopted:?}");
    let mut other = request.clone();
    other["settings"][settings().1] = json!("other");
    let updated = ensure(&other).json();
    assert_eq!(updated["action"], "updated");
    assert_eq!(updated["integration"]["id"], created["integration"]["id"]);
    assert_eq!(updated["integration"]["settings"][settings().1], "other");
    let table = sandbox.run_with(&["integrations", "ensure", "-", "--output", "table"], &other);
    assert!(table.stdout.starts_with("Adopted integration "), "{table:?}");
    assert_eq!(sandbox.get("/_sandbox/integrations").as_array().map(Vec::len), Some(1));
}

#[test]
fn ensure_creates_only_one_when_the_response_is_lost() {
    let faults =
        br#"{"faults": [{"operation": "createIntegration", "times": 1, "fault": {"close": {"at": "commit"}}}]}"#;
    let sandbox = Running::start(&["--no-limits", "--faults", &file("lost.json", faults)]);
    let ensured = sandbox.run_with(&["integrations", "ensure", "-"], &any_request());
    assert_eq!(ensured.json()["action"], "created");
    assert_eq!(sandbox.get("/_sandbox/integrations").as_array().map(Vec::len), Some(1));
}

#[test]
fn ensure_reports_the_ids_of_duplicates() {
    let sandbox = Running::start(&["--no-limits"]);
    let ids = sandbox.create(&["twice", "twice"]);
    let mut request = any_request();
    request["name"] = json!("twice");
    let refused = sandbox.run_with(&["integrations", "ensure", "-"], &request);
    refused.assert_fails(DUPLICATE, &[&ids[0], &ids[1], "nothing was changed", "integrations update ID --name"]);
}

#[test]
fn invalid_request_is_refused_by_every_command_that_reads_one() {
    let mut request = any_request();
    request["settings"]["foreign"] = json!(CANARY);
    let commands: [&[&str]; 3] = [&["validate", "-"], &["ensure", "-"], &["test", "--file", "-"]];
    for command in commands {
        let server = Untouched::new();
        let mut command = ocamba(&[&["integrations", "--base-url", &server.base_url()], command].concat());
        let run = run_with_input(command.env("OCAMBA_TOKEN", CANARY), request.to_string().as_bytes());
        run.assert_fails(BAD_INPUT, &["settings.foreign ", "nothing was sent"]);
    }
}

#[test]
fn validate_checks_credentials_and_creates_nothing() {
    let sandbox = Running::start(&["--no-limits"]);
    let valid = sandbox.run_with(&["integrations", "validate", "-"], &any_request());
    assert_eq!(valid.json(), json!({ "action": "validated", "name": any_request()["name"] }));
    assert_eq!(sandbox.get("/_sandbox/integrations"), json!([]));
    let response = json!({ "code": 400, "title": "Bad request.", "message": "no such account" });
    let base_url = server_answering("400 Bad Request", response.to_string());
    let mut command = ocamba(&["integrations", "validate", "-", "--base-url", &base_url]);
    let refused = run_with_input(command.env("OCAMBA_TOKEN", CANARY), any_request().to_string().as_bytes());
    refused.assert_fails(REJECTED, &["400 Bad request: no such account", "fix standard input"]);
}

#[test]
fn test_message_is_sent_for_an_id_or_a_request() {
    let sandbox = Running::start(&["--no-limits"]);
    let id = sandbox.create(&["a"]).remove(0);
    for named in [&id, "a"] {
        assert_eq!(sandbox.run(&["integrations", "test", named]).json(), json!({ "action": "test_sent", "id": id }));
    }
    let sent = sandbox.run_with(&["integrations", "test", "--file", "-"], &any_request());
    assert_eq!(sent.json()["id"], Value::Null);
    sandbox.run(&["integrations", "test", "99999"]).assert_fails(REJECTED, &["404 "]);
    let would_send = |id: Value| json!({ "action": "would_send_test", "id": id });
    assert_eq!(sandbox.run(&["integrations", "test", "a", "--dry-run"]).json(), would_send(json!(id)));
    let dry_run = sandbox.run_with(&["integrations", "test", "--dry-run", "--file", "-"], &any_request());
    assert_eq!(dry_run.json(), would_send(Value::Null));
    sandbox.run(&["integrations", "test", "99999", "--dry-run"]).assert_fails(REJECTED, &["404 "]);
    sandbox.run(&["integrations", "test"]).assert_fails(BAD_INPUT, &["<ID|NAME>"]);
    sandbox.run(&["integrations", "test", &id, "--file", "-"]).assert_fails(BAD_INPUT, &["--file"]);
    assert_eq!(sandbox.count("sendTestNotification"), 4);
}

#[test]
fn unknown_create_hints_at_commands_that_find_it() {
    let mut request = any_request();
    request["name"] = json!("it's new");
    let run = create_at(&server_answering("503 Service Unavailable", ""), &request);
    let look = r"integrations list --search='it'\''s new'";
    let same = "integrations ensure with the same FILE and options, which checks";
    run.assert_fails(OUTCOME_UNKNOWN, &["may have been created", look, same]);
}

/// A saved request has references in place of secrets, which must not become the secrets themselves.
#[test]
fn unknown_create_hints_at_the_same_request() {
    let (secret, _) = settings();
    let home = folder("hints");
    let set = format!("{secret}={CANARY}");
    let prefix = format!("env:{}_", examples()[0].provider.type_name.to_uppercase());
    let mut request = any_request();
    request["settings"][secret] = json!("env:REFERRED_KEY");
    std::fs::write(home.join("r.json"), any_request().to_string()).expect("written");
    std::fs::write(home.join("referring.json"), request.to_string()).expect("written");
    let own = ["--references", "env:REFERRED_"];
    for (arguments, hint) in [
        (vec!["r.json"], "ensure r.json".to_owned()),
        (vec!["r.json", "--set", &set], "ensure with the same FILE and options".to_owned()),
        (vec!["r.json", "--set", &set, "--save", "a b.yaml"], format!("ensure 'a b.yaml' --references {prefix}")),
        ([&["referring.json"], &own[..]].concat(), "ensure referring.json --references env:REFERRED_".to_owned()),
        (
            [&["referring.json", "--save", "new.json"], &own[..]].concat(),
            "ensure new.json --references env:REFERRED_".to_owned(),
        ),
    ] {
        let base_url = server_answering("503 Service Unavailable", "");
        let mut create = ocamba(&[&["integrations", "create", "--base-url", &base_url], &arguments[..]].concat());
        create.current_dir(&home).env("OCAMBA_TOKEN", "any").env("REFERRED_KEY", CANARY);
        let run = run(&mut create);
        assert_eq!(run.code, OUTCOME_UNKNOWN, "{run:?}");
        assert!(run.stderr.contains(&format!("integrations {hint}, which checks")), "{hint}: {run:?}");
    }
    // A name may begin as an option does.
    let sandbox = Running::start(&[]);
    sandbox.create(&["-x"]);
    let found = sandbox.run(&["integrations", "list", "--search", "-x"]).json();
    assert_eq!(found[0]["name"], "-x");
}

#[test]
fn failed_read_reports_that_nothing_was_changed() {
    let mut command = ocamba(&["integrations", "get", "7", "--timeout", "30"]);
    command.env("OCAMBA_BASE_URL", server_answering("200 OK", "<html>")).env("OCAMBA_TOKEN", CANARY);
    run(&mut command).assert_fails(1, &["could not be read", "nothing was changed"]);
}
