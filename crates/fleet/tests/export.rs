//! Sheets of an account, applied to it again.

use std::collections::HashMap;

use ocamba_fleet::{Action, Export, Format, Ledger, References, RowReader};
use ocamba_hood::{Client, RateLimit, SettingInfo, View, providers, reveal};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};

const CANARY: &str = "canary";
const FORMATS: [Format; 3] = [Format::Csv, Format::JsonLines, Format::Yaml];

fn client(sandbox: &Sandbox) -> Client {
    let builder = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::off());
    builder.build().expect("a client")
}

/// Returns characters and texts that have a meaning in some format.
fn odd(index: usize) -> String {
    let words = [
        "=1+1",
        "'=1",
        "''x",
        "+12",
        "-1",
        "@x",
        "#1",
        "# x",
        "\"",
        "\"\"",
        "a\"b",
        ",",
        ";",
        "\t",
        "a\tb",
        " a",
        "a ",
        " ",
        "\u{a0}x\u{a0}",
        "a\nb",
        "a\r\nb",
        "\r",
        "\\",
        "\\n",
        "{}",
        "[x]",
        "- x",
        ": x",
        "a: b",
        "~",
        "null",
        "true",
        "yes",
        "1",
        "1.0",
        "0587",
        "1e5",
        "1.2E+10",
        "#N/A",
        "##",
        "env:X",
        "text:env:X",
        "file:x",
        "$x",
        "%",
        "&amp;",
        "<b>",
        "é",
        "e\u{301}",
        "日本",
        "😀",
        "\u{200b}",
        "\u{202e}x",
        "\u{feff}",
        "\u{2028}",
        "\u{85}",
        "\u{7f}",
        "\u{1}",
        "\u{fffd}",
        "|",
        "sep=;",
        "NaN",
    ];
    let name = words[index % words.len()];
    // Codes of further characters, so that each name is another.
    let character = char::from_u32(u32::try_from(index * 67 % 0xd7ff).expect("small")).unwrap_or('x');
    if index < words.len() { name.to_owned() } else { format!("{name}{character}{index}") }
}

#[tokio::test(flavor = "multi_thread")]
async fn exported_sheet_changes_nothing_when_it_is_applied() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let client = client(&sandbox);
    let rows = (0..1_000).map(|index| {
        let provider = &providers()[index % providers().len()];
        let value = |setting: &SettingInfo| match (setting.secret, setting.one_of.first()) {
            // Of each provider, whatever their number.
            (true, _) => format!("{CANARY}-{}", index / providers().len() % 7),
            (false, Some(one)) => (*one).to_owned(),
            // The only texts that must have a certain form.
            (false, None) if setting.name.contains("email") => "shop@example.com".to_owned(),
            (false, None) => format!("x{}", odd(index)).chars().take(setting.max_length).collect(),
        };
        let settings = provider.settings.iter().map(|setting| (setting.name.to_owned(), json!(value(setting))));
        let settings: Map<String, Value> = settings.collect();
        json!({"name": odd(index), "provider_id": provider.id, "settings": settings, "status": "active"}).to_string()
    });
    let fleet = RowReader::from_requests(rows, "rows").check().expect("valid rows");
    let made =
        fleet.apply(&client, &Ledger::in_memory().expect("a ledger")).in_flight(64).run().await.expect("applied");
    assert_eq!(made.summary(), "1000 created", "{:?}", made.rows.iter().find(|row| !row.outcome.is_done()));

    let export = Export::read(&client).await.expect("an account");
    assert_eq!((export.len(), export.left_out()), (1_000, &[][..]));
    // Equal secrets of a setting have one variable.
    let secrets: usize = providers().iter().flat_map(|provider| provider.settings).filter(|s| s.secret).count();
    assert_eq!(export.variables().len(), secrets * 7);
    let revealed = Export::read_with_secrets(&client).await.expect("an account");
    let mut items = client.integrations().list().view(View::Full).items();
    let mut account = Vec::new();
    while let Some(item) = items.next().await {
        account.push(reveal(|| serde_json::to_value(item.expect("an integration"))).expect("JSON"));
    }
    for format in FORMATS {
        let (mut hidden, mut clear) = (Vec::new(), Vec::new());
        export.write(format, &mut hidden).expect("written");
        revealed.write(format, &mut clear).expect("written");
        assert!(!String::from_utf8_lossy(&hidden).contains(CANARY), "{format:?}");
        // The keyring of a test has what the environment would have, which tests cannot set.
        let hidden = export.variables().iter().fold(String::from_utf8(hidden).expect("UTF-8"), |text, variable| {
            text.replace(&format!("env:{variable}"), &format!("keyring:{variable}"))
        });
        let keyring = {
            let secrets = secrets_of(&account);
            move |name: &str| secrets.get(name).map(|secret| secret.as_str().into()).ok_or_else(|| "none".to_owned())
        };
        let clear = (clear, References::new());
        let hidden = (hidden.into_bytes(), References::new().keyring(keyring));
        // Both have the same form, so that one format shows it.
        let sheets = if format == Format::Csv { vec![clear, hidden] } else { vec![hidden] };
        for (text, references) in sheets {
            let rows = RowReader::from_reader(text.as_slice(), format, "sheet").references(references);
            let fleet = rows.check().unwrap_or_else(|error| panic!("{format:?}: {error}"));
            let plan = fleet.plan(&client, None).await.expect("a plan");
            let other: Vec<_> = plan.steps.iter().filter(|step| step.action != Action::Adopt).take(5).collect();
            assert_eq!((other.as_slice(), plan.steps.len()), (&[][..], 1_000), "{format:?}");
        }
    }
}

/// Returns the secrets of an account by the names of their variables.
fn secrets_of(account: &[Value]) -> HashMap<String, String> {
    let mut secrets = HashMap::new();
    for integration in account {
        let provider = providers().iter().find(|it| integration["provider_id"] == it.id).expect("a provider");
        for setting in provider.settings.iter().filter(|setting| setting.secret) {
            let id = integration["id"].as_str().expect("an id");
            let variable = format!("{}_{}_{id}", provider.type_name, setting.name).to_ascii_uppercase();
            secrets.insert(variable, integration["settings"][setting.name].as_str().expect("a text").to_owned());
        }
    }
    secrets
}

#[tokio::test]
async fn integration_that_cannot_be_a_row_is_named() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let client = client(&sandbox);
    let settings: Map<String, Value> =
        providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
    let request = json!({"name": "twice", "provider_id": providers()[0].id, "settings": settings}).to_string();
    for _ in 0..2 {
        let operation = ocamba_hood::Operation::from_json("create", None, &request, false).expect("a request");
        client.call(operation).with_response().await.expect("created");
    }
    let export = Export::read(&client).await.expect("an account");
    assert_eq!((export.len(), export.left_out().len()), (1, 1));
    assert!(export.left_out()[0].contains("another one has its name and provider"), "{:?}", export.left_out());
    let mut text = Vec::new();
    export.write(Format::JsonLines, &mut text).expect("written");
    let prefix = providers()[0].type_name.to_uppercase();
    let references = References::new().variables(&prefix).expect("a prefix");
    let rows = RowReader::from_reader(text.as_slice(), Format::JsonLines, "sheet").references(references);
    assert!(rows.check().expect_err("not set").to_string().contains("set the variable"));
}

#[tokio::test]
async fn recorded_row_can_be_renamed_and_a_doubt_stays() {
    let sandbox = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let client = client(&sandbox);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("account.ledger");
    let fleet = |names: &[&str]| {
        let settings: Map<String, Value> =
            providers()[0].settings.iter().map(|s| (s.name.to_owned(), json!("x"))).collect();
        let row =
            |name: &&str| json!({"name": name, "provider_id": providers()[0].id, "settings": settings}).to_string();
        RowReader::from_requests(names.iter().map(row).collect::<Vec<_>>(), "rows").check().expect("valid rows")
    };
    let made = Ledger::in_memory().expect("a ledger");
    let report = fleet(&["a", "b"]).apply(&client, &made).run().await.expect("applied");
    assert_eq!(report.summary(), "2 created");

    let export = Export::read(&client).await.expect("an account");
    let mut ledger = Ledger::open(&path).expect("a ledger");
    export.record(&client, &mut ledger).await.expect("recorded");
    let plan = fleet(&["a2", "b"]).plan(&client, Some(&ledger)).await.expect("a plan");
    let actions: Vec<_> = plan.steps.iter().map(|step| step.action).collect();
    assert_eq!((actions, plan.steps[0].renames()), (vec![Action::Update, Action::Unchanged], Some("a")));
    // On disk too.
    drop(ledger);
    let ledger = Ledger::open(&path).expect("a ledger");
    assert!(ledger.rows().iter().all(|row| row.state == "done" && row.action == "adopt" && row.id.is_some()));
    let plan = fleet(&["a"]).plan(&client, Some(&ledger)).await.expect("a plan");
    assert_eq!((plan.steps[0].action, plan.orphans[0].name.as_str()), (Action::Unchanged, "b"));
    drop(ledger);

    // What a run may have sent is looked for by the next run.
    let connection = rusqlite::Connection::open(&path).expect("a database");
    connection.execute("UPDATE rows SET state = 'intent', id = NULL WHERE name = 'a'", []).expect("changed");
    drop(connection);
    let mut ledger = Ledger::open(&path).expect("a ledger");
    export.record(&client, &mut ledger).await.expect("recorded");
    let states: Vec<_> = ledger.rows().into_iter().map(|row| (row.name, row.state)).collect();
    assert_eq!(states, [("a".to_owned(), "intent"), ("b".to_owned(), "done")]);

    // Another account's ledger is refused, and keeps what it has.
    let other = Sandbox::builder().no_limits().start().await.expect("a sandbox");
    let refused = export.record(&self::client(&other), &mut ledger).await.expect_err("another account");
    assert!(matches!(refused, ocamba_fleet::Error::OtherAccount { .. }), "{refused}");
}

#[tokio::test]
async fn sheet_of_a_list_with_holes_says_so() {
    let hole = json!({"operation": "listIntegrations", "fault": {"change": {"set": {"/total": 5}}}});
    let faults = json!({ "faults": [hole] }).to_string().parse().expect("faults");
    let sandbox = Sandbox::builder().no_limits().faults(faults).start().await.expect("a sandbox");
    let export = Export::read(&client(&sandbox)).await.expect("read");
    assert!(export.left_out().concat().contains("fewer items than its total"), "{:?}", export.left_out());
}
