//! `ocamba integrations list`, and `ocamba providers --live`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;

use ocamba_hood::{REDACTED, providers};
use serde_json::{Value, json};

use crate::support::{CANARY, Running, Untouched, any_request, examples, file, ocamba, run};

const BAD_INPUT: i32 = 2;
const LIST: [&str; 2] = ["integrations", "list"];

fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[test]
fn pages_are_one_list_in_every_format() {
    let sandbox = Running::start(&["--no-limits"]);
    let list = |more: &[&str]| sandbox.run(&[&LIST, more].concat());
    assert_eq!(list(&[]).stdout, "[]\n");
    assert_eq!(list(&["--output", "yaml"]).stdout, "[]\n");
    assert_eq!(list(&["--output", "jsonl"]).stdout, "");
    assert_eq!(list(&["--output", "table"]).stdout, "no integrations\n");

    let ids = sandbox.create(&["a", "b", "c", "d", "e"]);
    let whole = list(&[]);
    assert_eq!(names(&whole.json()), ["a", "b", "c", "d", "e"]);
    // The output does not depend on the pages.
    assert_eq!(whole.stdout, serde_json::to_string_pretty(&whole.json()).expect("JSON") + "\n");
    assert_eq!(list(&["--page-size", "2"]).stdout, whole.stdout);
    let few = list(&["--page-size", "2", "--fields", "name", "--output", "jsonl"]);
    let lines: Vec<Value> = few.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines[4], json!({ "id": ids[4], "name": "e" }));
    let yaml = list(&["--page-size", "2", "--fields", "id", "--output", "yaml"]);
    assert_eq!(yaml.stdout, ids.iter().map(|id| format!("- id: \"{id}\"\n")).collect::<String>());
    let table = list(&["--page-size", "2", "--fields", "name,id", "--output", "table"]);
    assert!(table.stdout.starts_with(&format!("NAME  ID\na     {}\n", ids[0])), "{table:?}");
    assert!(table.stdout.ends_with("\n\n5 integrations\n"), "{table:?}");
}

#[test]
fn one_page_has_the_total() {
    let sandbox = Running::start(&["--no-limits"]);
    sandbox.create(&["a", "b", "c"]);
    let page = [&LIST[..], &["--page", "2", "--page-size", "2"]].concat();
    let read = sandbox.run(&page).json();
    assert_eq!((&read["total"], names(&read["items"])), (&json!(3), vec!["c"]));
    let table = sandbox.run(&[&page[..], &["--output", "table"]].concat());
    assert!(table.stdout.ends_with("\npage 2: 1 integration of 3\n"), "{table:?}");
    assert_eq!(sandbox.count("listIntegrations"), 2);
}

#[test]
fn only_needed_pages_are_read() {
    let sandbox = Running::start(&["--no-limits"]);
    sandbox.create(&["a", "b", "c", "d", "e"]);
    let limited = sandbox.run(&[&LIST[..], &["--limit", "3", "--page-size", "2"]].concat());
    assert_eq!(names(&limited.json()), ["a", "b", "c"]);
    assert_eq!(sandbox.count("listIntegrations"), 2);

    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let run = run(sandbox.ocamba(&[&LIST[..], &["--page-size", "1"]].concat()).stdout(writer));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(sandbox.count("listIntegrations"), 3);
}

#[test]
fn filters_select_and_sort() {
    let sandbox = Running::start(&["--no-limits"]);
    for example in examples() {
        sandbox.run_with(&["integrations", "create", "-"], &example.request).json();
    }
    let list = |more: &[&str]| sandbox.run(&[&LIST, more].concat()).json();
    for provider in providers() {
        let lower = provider.title.to_lowercase();
        for called in [provider.id, provider.title, provider.type_name, &lower] {
            let found = list(&["--provider", called]);
            assert_eq!((found.as_array().map(Vec::len), &found[0]["provider_id"]), (Some(1), &provider.id.into()));
        }
        let of_type = list(&["--type", provider.channel]);
        assert!(of_type.as_array().expect("a list").iter().all(|item| item["type"] == provider.channel));
    }
    let name = any_request()["name"].as_str().expect("a name").to_owned();
    assert_eq!(names(&list(&["--search", &name])), [name.as_str()]);
    assert_eq!(names(&list(&["--search", &name, "--search-fields", "status"])), [""; 0]);
    let mut sorted = names(&list(&[])).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    sorted.sort();
    assert_eq!(names(&list(&["--sort", "name"])), sorted);
    sorted.reverse();
    assert_eq!(names(&list(&["--sort", "-name"])), sorted);
    assert!(list(&["--view", "full"])[0]["provider"].is_object());
    assert_eq!(list(&["--provider", "99999"]), json!([]));
}

#[test]
fn list_hides_secrets_unless_revealed() {
    let sandbox = Running::start(&[]);
    sandbox.create(&["a"]);
    for format in ["json", "jsonl", "yaml", "table"] {
        let arguments = [&LIST[..], &["--fields", "settings,provider_id", "--output", format]].concat();
        let hidden = sandbox.run(&arguments);
        assert!(hidden.stdout.contains(REDACTED) && !format!("{hidden:?}").contains(CANARY), "{hidden:?}");
        let shown = sandbox.run(&[&arguments[..], &["--reveal"]].concat());
        assert!(shown.stdout.contains(CANARY), "{shown:?}");
    }
}

#[test]
fn table_fits_80_columns_with_long_names() {
    let sandbox = Running::start(&["--no-limits"]);
    sandbox.create(&[&"é".repeat(100), "b"]);
    let mut request = any_request();
    request["name"] = json!("\u{1b}[2J");
    sandbox.run_with(&["api", "POST", "/v1/hood/integrations", "--input", "-"], &request).json();
    let table = sandbox.run(&[&LIST[..], &["--page-size", "1", "--output", "table"]].concat());
    let longest = table.stdout.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(80) && table.stdout.contains("é…  ") && !table.stdout.contains('\u{1b}'), "{table:?}");
}

#[test]
fn invalid_filter_is_refused_before_anything_is_sent() {
    let wrong: [(&[&str], &str); 18] = [
        (&["--page", "0"], "--page must"),
        (&["--page", "-1"], "'-1'"),
        (&["--page", "one"], "--page"),
        (&["--page-size", "0"], "--page-size must"),
        (&["--page-size", "10000"], "--page-size must"),
        (&["--limit", "0"], "--limit"),
        (&["--limit", "1", "--page", "1"], "--limit"),
        (&["--type", "owl"], "sms"),
        (&["--provider", "owl"], providers()[0].title),
        (&["--provider", ""], providers()[0].title),
        (&["--search", ""], "--search must"),
        (&["--search-fields", "name"], "--search"),
        (&["--search", "a", "--search-fields", "na me"], "--search-fields must"),
        (&["--sort", "name,--id"], "--sort must"),
        (&["--fields", "id,,name"], "--fields"),
        (&["--fields", "a/b"], "--fields"),
        (&["--view", "some"], "full"),
        (&["--colour", "red"], "--colour"),
    ];
    for (options, says) in wrong {
        let server = Untouched::new();
        let mut command = ocamba(&[&LIST, options].concat());
        command.env("OCAMBA_TOKEN", CANARY).env("OCAMBA_BASE_URL", server.base_url());
        run(&mut command).assert_fails(BAD_INPUT, &[says]);
    }
}

#[test]
fn interrupted_list_is_reported_as_incomplete() {
    let faults = br#"{"faults": [{"operation": "listIntegrations", "skip": 1, "fault": {"answer": {"status": 403}}}]}"#;
    let sandbox = Running::start(&["--no-limits", "--faults", &file("second-page.json", faults)]);
    sandbox.create(&["a", "b", "c"]);
    let broken = sandbox.run(&[&LIST[..], &["--page-size", "2"]].concat());
    assert_eq!(broken.code, 3, "{broken:?}");
    assert!(broken.stderr.contains("403 ") && broken.stderr.contains("ends after 2 integrations"), "{broken:?}");
    assert!(serde_json::from_str::<Value>(&broken.stdout).is_err(), "{broken:?}");
}

#[test]
fn list_is_printed_page_by_page() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let arguments = [&LIST[..], &["--page-size", "1", "--output", "jsonl", "--base-url", &base_url]].concat();
    let mut child = ocamba(&arguments).env("OCAMBA_TOKEN", "test-token").spawn().expect("the binary starts");
    let mut printed = BufReader::new(child.stdout.take().expect("stdout"));
    let mut streams = Vec::new();
    for id in 1..=2 {
        let (mut stream, _) = listener.accept().expect("a connection");
        read_head(&mut stream);
        let body = format!("{{\"total\": 2, \"items\": [{{\"id\": \"{id}\"}}]}}");
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).expect("the response is sent");
        // The line is printed before the next page arrives.
        let mut line = String::new();
        printed.read_line(&mut line).expect("a line");
        assert_eq!(line, format!("{{\"id\":\"{id}\"}}\n"));
        streams.push(stream);
    }
    assert!(child.wait().expect("an end").success());
}

fn read_head(stream: &mut impl Read) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
}

#[test]
fn live_providers_are_described_by_the_server() {
    let sandbox = Running::start(&[]);
    let listed = sandbox.run(&["providers", "--live"]).json();
    for (listed, provider) in listed.as_array().expect("a list").iter().zip(providers()) {
        assert_eq!((&listed["id"], &listed["type"]), (&provider.id.into(), &provider.channel.into()));
        let settings = listed["settings"].as_array().expect("settings");
        assert!(settings.iter().zip(provider.settings).all(|(listed, known)| listed["name"] == known.name));
    }
    let table = sandbox.run(&["providers", "--live", "--output", "table"]);
    assert!(table.stdout.starts_with("ID ") && table.stdout.contains("DEPRECATED"), "{table:?}");
    assert!(table.stdout.lines().all(|line| line.chars().count() <= 80), "{table:?}");
    // Without --live nothing is sent.
    let server = Untouched::new();
    run(ocamba(&["providers"]).env("OCAMBA_BASE_URL", server.base_url())).json();
    run(&mut ocamba(&["providers", "--live"])).assert_fails(BAD_INPUT, &["token", "auth login"]);
}
