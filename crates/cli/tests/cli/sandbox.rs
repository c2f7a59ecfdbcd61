//! `ocamba sandbox`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::redis::unused_port;
use crate::support::{CANARY, Running, any_request, create_at, file, ocamba, run, run_with_input};

fn create(sandbox: &Running, token: &str) -> crate::support::Run {
    let mut command = sandbox.ocamba(&["integrations", "create", "-"]);
    run_with_input(command.env("OCAMBA_TOKEN", token), any_request().to_string().as_bytes())
}

#[test]
fn any_token_is_accepted_and_ids_differ() {
    let sandbox = Running::start(&[]);
    let ids = ["one", "two"].map(|token| create(&sandbox, token).json()["id"].clone());
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn only_the_given_token_is_accepted() {
    let sandbox = Running::start(&["--token", "right"]);
    let refused = create(&sandbox, CANARY);
    refused.assert_fails(3, &["401 ", "trace id: ", "nothing was created", "OCAMBA_TOKEN"]);
    create(&sandbox, "right").json();
}

#[test]
fn limits_can_be_set() {
    // Without limits, more requests pass than the default allows.
    let sandbox = Running::start(&["--no-limits"]);
    for _ in 0..12 {
        create(&sandbox, "test-token").json();
    }
    let sandbox = Running::start(&["--burst", "0", "--steady", "1"]);
    create(&sandbox, "test-token").json();
    let mut command = ocamba(&["integrations", "create", "-", "--timeout", "30", "--base-url", &sandbox.base_url]);
    let refused = run_with_input(command.env("OCAMBA_TOKEN", "test-token"), any_request().to_string().as_bytes());
    assert!([3, 5].contains(&refused.code), "{refused:?}");
}

#[test]
fn faults_come_from_a_file() {
    let faults = file("faults.json", br#"{"faults": [{"times": 1, "fault": {"close": {"at": "commit"}}}]}"#);
    let sandbox = Running::start(&["--no-limits", "--journal", "2", "--faults", &faults]);
    create(&sandbox, "test-token").assert_fails(4, &[]);
    for _ in 0..2 {
        create(&sandbox, "test-token").json();
    }
    let journal = sandbox.get("/_sandbox/journal");
    let entries = journal.as_array().expect("a list").iter().map(|it| (it["id"].clone(), it["status"].clone()));
    assert_eq!(entries.collect::<Vec<_>>(), [(2.into(), 201.into()), (3.into(), 201.into())]);
    assert_eq!(sandbox.get("/_sandbox/integrations").as_array().map(Vec::len), Some(3));
}

#[test]
fn invalid_fault_reports_its_position() {
    for (name, content, says) in [
        ("none.json", "", "EOF while parsing a value at line 1 column 0"),
        ("unknown.json", "{\"faults\": [\n{\"fault\": {\"eat\": 1}}]}", "unknown variant `eat`"),
        ("line.json", "{\"faults\": [\n{\"fault\": {\"eat\": 1}}]}", "at line 2 column "),
        ("never.json", r#"{"faults":[{"times":0,"fault":{"hang":{}}}]}"#, "faults[0].times must be at least 1"),
        (
            "operation.json",
            r#"{"faults":[{"operation":"eat","fault":{"hang":{}}}]}"#,
            "faults[0].operation eat does not",
        ),
    ] {
        let path = file(&format!("faults-{name}"), content.as_bytes());
        let refused = run(&mut ocamba(&["sandbox", "--listen", "127.0.0.1:0", "--faults", &path]));
        refused.assert_fails(2, &[&format!("{path}: "), says, "hint: "]);
    }
    // As PowerShell writes it, they are read up to their mistake.
    let utf_16: Vec<u8> = "\u{feff}{\"faults\": []}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, content, says) in [
        ("utf-16.json", utf_16, "trailing characters at line 1 column 15"),
        ("mark.json", b"\xef\xbb\xbf{\"faults\": []}]".to_vec(), "trailing characters at line 1 column 15"),
        ("list.json", b"[]".to_vec(), "must be an object with a list of faults"),
    ] {
        let path = file(&format!("faults-{name}"), &content);
        let refused = run(&mut ocamba(&["sandbox", "--listen", "127.0.0.1:0", "--faults", &path]));
        refused.assert_fails(2, &[&format!("{path}: {says}"), "hint: "]);
    }
    let refused = run(&mut ocamba(&["sandbox", "--listen", "127.0.0.1:0", "--faults", "no/such.json"]));
    refused.assert_fails(2, &["no/such.json: "]);
}

#[test]
fn value_that_no_request_can_match_is_refused() {
    for (option, value, says) in [
        ("--allow-host", "http://x", "--allow-host \"http://x\" is no name of a host"),
        ("--token", "canary-7f3a b", "--token has a text that no client can send"),
        ("--cors", "http://*.example.com", "--cors http://*.example.com was not understood"),
    ] {
        let refused = run(&mut ocamba(&["sandbox", "--listen", "127.0.0.1:0", option, value]));
        refused.assert_fails(2, &[says]);
    }
    let both = ["--assume", "names=exact", "--assume", "names=lower"];
    let refused = run(&mut ocamba(&[&["sandbox", "--listen", "127.0.0.1:0"], &both[..]].concat()));
    refused.assert_fails(2, &["the assumption names cannot be both \"exact\" and \"lower\""]);
}

#[cfg(unix)]
#[test]
fn signal_ends_the_sandbox_with_success() {
    // A program that starts with ignored hangups, as below `nohup`, keeps ignoring them; where that cannot be known, the system decides.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let hangup = ignored.filter(|mask| mask & 1 == 0).map(|_| "-HUP");
    for signal in ["-TERM", "-INT"].into_iter().chain(hangup) {
        let mut sandbox = Running::start(&[]);
        create_at(&sandbox.base_url, &any_request()).json();
        let killed = Command::new("kill").args([signal, &sandbox.child.id().to_string()]).status();
        assert!(killed.expect("a signal").success());
        assert_eq!(sandbox.child.wait().expect("an end").code(), Some(0), "{signal}");
        let mut rest = String::new();
        sandbox.stdout.read_to_string(&mut rest).expect("the rest");
        assert_eq!(rest, "", "one line is all");
    }
}

#[test]
fn other_machines_are_accepted_only_with_public_and_token() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let refused = run(&mut ocamba(&["sandbox", "--token", "right", "--listen", address]));
        refused.assert_fails(2, &[address, "other machines", "--public", "--token"]);
        let refused = run(&mut ocamba(&["sandbox", "--public", "--listen", address]));
        refused.assert_fails(2, &["--token"]);
    }
    let sandbox = Running::start(&["--public", "--token", "right"]);
    create(&sandbox, "right").json();
    let mut child =
        ocamba(&["sandbox", "--public", "--token", "right", "--listen", "0.0.0.0:0"]).spawn().expect("a start");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    child.kill().expect("an end");
    child.wait().expect("an end");
    assert!(line.starts_with("listening on http://127.0.0.1:"), "{line}");
}

#[test]
fn requests_are_refused_unless_their_host_is_allowed() {
    let sandbox = Running::start(&["--allow-host", "host.docker.internal", "--allow-host", "203.0.113.7"]);
    for path in ["/v1/hood/integrations", "/_sandbox/none"] {
        for host in ["evil.example", "sandbox", "203.0.113.8"] {
            let refused = sandbox.get_as(host, path);
            assert_eq!(refused["code"], 403, "{host} {path}");
            assert!(refused["message"].as_str().is_some_and(|it| it.contains("--allow-host")), "{refused}");
        }
        for host in ["host.docker.internal:4010", "203.0.113.7", "localhost"] {
            assert_ne!(sandbox.get_as(host, path)["code"], 403, "{host} {path}");
        }
    }
}

#[cfg(unix)]
#[test]
fn tls_certificate_is_printed_and_removed_at_the_end() {
    let mut child = ocamba(&["sandbox", "--tls", "--listen", "127.0.0.1:0"]).spawn().expect("a start");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines().map_while(Result::ok);
    let mut after =
        |start: &str| lines.next().and_then(|line| Some(line.strip_prefix(start)?.to_owned())).expect("a line");
    let (certificate, base_url) = (after("certificate authority "), after("listening on "));
    assert!(base_url.starts_with("https://127.0.0.1:"), "{base_url}");
    let pem = std::fs::read_to_string(&certificate).expect("a certificate");
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----\n"), "{pem}");

    let mut command = ocamba(&["integrations", "create", "-", "--base-url", &base_url]);
    command.env("OCAMBA_TOKEN", "any").env("OCAMBA_ROOT_CERTIFICATES", &certificate);
    run_with_input(&mut command, any_request().to_string().as_bytes()).json();
    let stranger = run_with_input(command.env_remove("OCAMBA_ROOT_CERTIFICATES"), any_request().to_string().as_bytes());
    stranger.assert_fails(5, &["certificate"]);

    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(killed.expect("a signal").success());
    assert_eq!(child.wait().expect("an end").code(), Some(0));
    assert!(!std::path::Path::new(&certificate).exists());
}

#[test]
fn address_in_use_is_reported() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let refused = run(&mut ocamba(&["sandbox", "--listen", &address]));
    refused.assert_fails(1, &[&address, "used by another program", "127.0.0.1:0 takes any free port"]);
    let sandbox = Running::start(&[]);
    let address = sandbox.base_url.replace("http://", "");
    run(&mut ocamba(&["sandbox", "--listen", &address])).assert_fails(1, &[&address, "used by a sandbox of version "]);
}

#[test]
fn address_may_be_localhost_or_a_port() {
    for address in ["localhost:0", "0", ":0", "[::1]:0"] {
        if address.contains("::1") && TcpListener::bind("[::1]:0").is_err() {
            continue;
        }
        // The closed input ends it.
        let started = run(&mut ocamba(&["sandbox", "--listen", address, "--until-input-ends"]));
        assert_eq!(started.code, 0, "{started:?}");
        let host = if address.contains("::1") { "[::1]" } else { "127.0.0.1" };
        assert!(started.stdout.starts_with(&format!("listening on http://{host}:")), "{started:?}");
    }
    for (address, says) in [("http://localhost:1", "without http://"), ("elsewhere:1", "as localhost:4010")] {
        let refused = run(&mut ocamba(&["sandbox", "--listen", address]));
        assert!(refused.code == 2 && refused.stderr.contains(says), "{refused:?}");
    }
}

#[test]
fn wait_ends_when_a_sandbox_is_up() {
    let address = format!("127.0.0.1:{}", unused_port());
    let wait = |timeout: &str| ocamba(&["sandbox", "--wait", &address, "--timeout", timeout]);
    run(&mut wait("0.1")).assert_fails(5, &[&address, "within 0.1 s", "ocamba sandbox", "--timeout"]);
    let waiting = wait("60").spawn().expect("a start");
    let sandbox = Running::start_at(&address, &["--token", "right"]);
    let waited = crate::support::finish(waiting);
    assert_eq!((waited.code, waited.stdout.as_str()), (0, format!("listening on http://{address}\n").as_str()));
    assert_eq!(run(&mut ocamba(&["sandbox", "--wait", "--listen", &address])).code, 0);
    drop(sandbox);
    let other = crate::support::server_answering("200 OK", "{}");
    run(&mut ocamba(&["sandbox", "--wait", &other, "--timeout", "0.1"])).assert_fails(5, &["within 0.1 s: "]);
    for (url, says) in [("ftp://here", "expected the URL"), ("", "")] {
        let refused = run(&mut ocamba(&["sandbox", "--wait", url, "--timeout", "0.01", "--listen", &address]));
        assert!(refused.code >= 2 && refused.stderr.contains(says), "{refused:?}");
    }
}

/// Sends a request without reading more of its response than the head.
fn send(sandbox: &Running, line: &str, body: &str) {
    let mut stream = TcpStream::connect(sandbox.base_url.trim_start_matches("http://")).expect("a connection");
    let head = "Host: localhost\r\nAuthorization: Bearer canary-7f3a\r\nContent-Type: application/json";
    write!(stream, "{line} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .expect("a request");
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
}

#[test]
fn each_request_has_a_line_in_the_log() {
    let faults = file("log-faults.json", br#"{"faults": [{"name": "lost", "fault": {"close": {"at": "commit"}}}]}"#);
    let lines = |format: &str| {
        let options = ["--log", format, "--faults", &faults, "--journal", "0", "--no-limits"];
        let mut sandbox = Running::start(&options);
        let stderr = sandbox.child.stderr.take().expect("stderr");
        let mut body = any_request();
        send(&sandbox, "POST /v1/hood/integrations", &body.to_string());
        body["name"] = "lost".into();
        send(&sandbox, "POST /v1/hood/integrations", &body.to_string());
        send(&sandbox, "GET /v1/hood/integrations?view=full&auth_tokne=canary-7f3a", "");
        send(&sandbox, "GET /\u{1b}]0;x\u{7}\u{202e}/canary", "");
        // Local routes are not in it.
        sandbox.get("/_sandbox/journal");
        sandbox.get("/health");
        send(&sandbox, "GET /v1/hood/integrations/1", "");
        let number = if format == "none" { 0 } else { 4 };
        let lines: Vec<String> = BufReader::new(stderr).lines().take(number).map(|line| line.expect("UTF-8")).collect();
        (body["provider_id"].as_str().expect("a provider").to_owned(), lines)
    };
    let (provider, text) = lines("text");
    let all = text.join("\n");
    assert!(!all.contains(CANARY) && !all.contains('\u{1b}') && !all.contains('\u{202e}'), "{all}");
    for (line, says) in text.iter().zip([
        vec!["201 POST /v1/hood/integrations  ", &provider, " ms"],
        vec!["--- POST /v1/hood/integrations  ", &provider, "fault close after it took effect", " ms"],
        vec!["400 GET /v1/hood/integrations?view=full&auth_tokne=", " ms"],
        vec!["404 GET /v1/hood/integrations/1", " ms"],
    ]) {
        assert!(line.starts_with(says[0]) && says.iter().all(|text| line.contains(text)), "{says:?} in {line}");
    }
    let (_, json) = lines("json");
    let json: Vec<serde_json::Value> =
        json.iter().map(|line| serde_json::from_str(line).expect("an object a line")).collect();
    let facts = |it: &serde_json::Value| (it["id"].clone(), it["status"].clone(), it["committed"].clone());
    assert_eq!(facts(&json[0]), (1.into(), 201.into(), true.into()));
    assert_eq!((&json[1]["fault"], &json[1]["provider_id"]), (&"close".into(), &provider.as_str().into()));
    assert!(
        json[2]["query"].as_str().is_some_and(|it| it.starts_with("view=full&auth_tokne=") && !it.contains(CANARY))
    );
    assert!(json[0]["time"].as_str().is_some_and(|it| it.len() == 24 && it.ends_with('Z')), "{}", json[0]);
    lines("none");
}

#[test]
fn sheet_is_the_seed_and_a_file_keeps_the_state() {
    let folder = crate::support::folder("sandbox-state");
    let state = folder.join("state.json");
    let state = state.to_str().expect("UTF-8");
    let mut rows = any_request();
    let all = ["first", "second"].map(|name| {
        rows["name"] = name.into();
        rows.clone()
    });
    let yaml = serde_saphyr::to_string(&all).expect("YAML");
    let lines = all.iter().map(|row| format!("{row}\n")).collect::<String>();
    let json = serde_json::to_string(&all).expect("JSON");
    let provider = all[0]["provider_id"].as_str().expect("a provider");
    let settings = all[0]["settings"].as_object().expect("settings");
    let header: Vec<_> = settings.keys().map(|name| format!("settings.{name}")).collect();
    // A reference stays a text: nothing is sent, so nothing is read.
    let values: Vec<_> = settings.values().map(|it| it.as_str().map_or(it.to_string(), str::to_owned)).collect();
    let row = |name: &str| format!("{name},{provider},{}\n", values.join(","));
    let csv = format!("name,provider,{}\n{}{}", header.join(","), row("first"), row("second"));
    for (ending, content) in [("yaml", yaml), ("jsonl", lines), ("json", json), ("csv", csv)] {
        let seed = file(&format!("seed.{ending}"), content.as_bytes());
        let sandbox = Running::start(&["--seed", &seed]);
        let names = sandbox.run(&["integrations", "list", "--output", "json"]).json();
        let names: Vec<_> = names.as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["first", "second"], "{ending}");
    }
    let seed = file("seed.jsonl", format!("{}\n", all[0]).as_bytes());
    let sandbox = Running::start(&["--state", state, "--seed", &seed]);
    sandbox.create(&["third"]);
    let refused = run(&mut ocamba(&["sandbox", "--listen", "127.0.0.1:0", "--state", state]));
    refused.assert_fails(2, &["state.json", "another sandbox uses it"]);
    // Killed, and not stopped in order.
    drop(sandbox);
    let sandbox = Running::start(&["--state", state, "--seed", &seed]);
    let names = sandbox.get("/_sandbox/integrations");
    let names: Vec<_> = names.as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
    assert_eq!(names, ["first", "third"]);

    let mut wrong = all[0].clone();
    wrong["provider_id"] = "999999".into();
    let wrong = file("seed-wrong.jsonl", format!("{}\n{wrong}\n", all[0]).as_bytes());
    run(&mut ocamba(&["sandbox", "--seed", &wrong])).assert_fails(2, &["seed-wrong.jsonl:2", "provider_id"]);
    run(&mut ocamba(&["sandbox", "--seed", "no/such.csv"])).assert_fails(2, &["no/such.csv"]);
    let damaged = file("state-damaged.json", b"{");
    run(&mut ocamba(&["sandbox", "--state", &damaged])).assert_fails(2, &["state-damaged.json", "another file"]);
}

#[test]
fn tokens_may_be_several_and_have_their_own_accounts() {
    let sandbox = Running::start(&["--token", "one", "--token", "two", "--account-per-token"]);
    let ids = ["one", "two"].map(|token| create(&sandbox, token).json()["company_id"].clone());
    assert_ne!(ids[0], ids[1]);
    create(&sandbox, "three").assert_fails(3, &["401 "]);
}

#[test]
fn pages_of_an_origin_are_admitted_by_an_option() {
    let sandbox = Running::start(&["--cors", "http://localhost:5173/"]);
    for (page, status) in [("http://localhost:5173", 401), ("http://localhost:5174", 403)] {
        // Without a token, but not refused as a page.
        let refused = sandbox.get_as(&format!("localhost\r\nOrigin: {page}"), "/v1/hood/integrations");
        assert_eq!(refused["code"], status, "{refused}");
    }
    run(&mut ocamba(&["sandbox", "--cors", "*"])).assert_fails(2, &["--cors *", "http://localhost:5173"]);
}

#[cfg(unix)]
#[test]
fn sandbox_ends_with_its_parent_even_if_a_fork_keeps_the_input_open() {
    // The shell is killed, and the program that it leaves behind holds the pipe's other end.
    let script = r#"mkfifo "$1/in"; sleep 60 >"$1/in" & echo $! >"$1/sleep"
        "$2" sandbox --listen 127.0.0.1:0 --until-input-ends <"$1/in" >"$1/out" & kill -STOP $$"#;
    let folder = crate::support::folder("parent");
    let shown = folder.to_str().expect("UTF-8").to_owned();
    let arguments = ["-c", script, "sh", &shown, env!("CARGO_BIN_EXE_ocamba")];
    let mut shell = Command::new("sh").args(arguments).spawn().expect("a shell");
    let deadline = Instant::now() + Duration::from_secs(60);
    let url = loop {
        let output = std::fs::read_to_string(folder.join("out")).unwrap_or_default();
        if let Some(url) = output.strip_prefix("listening on ").and_then(|rest| rest.strip_suffix('\n')) {
            break url.to_owned();
        }
        assert!(Instant::now() < deadline, "{output}");
        std::thread::yield_now();
    };
    shell.kill().expect("killed");
    shell.wait().expect("an end");
    while TcpStream::connect(url.trim_start_matches("http://")).is_ok() {
        assert!(Instant::now() < deadline, "it outlives its parent");
        std::thread::yield_now();
    }
    let keeper = std::fs::read_to_string(folder.join("sleep")).expect("a number");
    assert!(Command::new("kill").arg(keeper.trim()).status().expect("kill").success(), "the input was open until now");
}
