//! The look of results and help.

use std::process::Stdio;

use ocamba_hood::{REDACTED, providers};
use serde_json::{Value, json};

use crate::support::{CANARY, Running, any_request, examples, ocamba, run, run_with_input, server_answering};

#[test]
fn providers_are_listed_as_json_in_a_pipe() {
    let listed = run(&mut ocamba(&["providers"])).json();
    let listed = listed.as_array().expect("a list");
    assert_eq!(listed.len(), providers().len());
    for (listed, provider) in listed.iter().zip(providers()) {
        assert_eq!((&listed["id"], &listed["name"]), (&provider.id.into(), &provider.title.into()));
        assert_eq!(listed["type"], provider.channel);
        let settings = listed["settings"].as_array().expect("settings");
        assert_eq!(settings.len(), provider.settings.len());
        for (listed, setting) in settings.iter().zip(provider.settings) {
            assert_eq!((&listed["name"], &listed["type"]), (&setting.name.into(), &"string".into()));
            assert_eq!((&listed["required"], &listed["secret"]), (&setting.required.into(), &setting.secret.into()));
            assert_eq!(listed["description"], setting.description);
        }
    }
}

#[test]
fn providers_are_listed_as_a_table() {
    let run = run(&mut ocamba(&["providers", "--output", "table"]));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let column = run.stdout.find("SETTING").expect("a header");
    for provider in providers() {
        let line = run.stdout.lines().find(|line| line.starts_with(provider.id)).expect("its line");
        assert!(line.contains(provider.title) && line.contains(provider.channel), "{line}");
    }
    let settings = providers().iter().flat_map(|p| p.settings);
    for (line, setting) in run.stdout.lines().skip(1).zip(settings) {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" };
        let cells: Vec<_> = line[column..].split_whitespace().collect();
        assert_eq!(cells, [setting.name, yes_no(setting.required), yes_no(setting.secret)]);
    }
}

#[test]
fn table_of_an_integration_has_all_fields() {
    for example in examples() {
        let arguments = ["integrations", "create", "-", "--sandbox", "--output", "table"];
        let run = run_with_input(&mut ocamba(&arguments), example.request.to_string().as_bytes());
        let has = |name: &str, value: &str| {
            run.stdout.lines().any(|line| {
                line.split_once("  ").is_some_and(|_| {
                    let line = line.trim_start();
                    line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') && rest.trim_start() == value)
                })
            })
        };
        assert!(has("name", example.request["name"].as_str().expect("a name")), "{run:?}");
        assert!(has("provider", &format!("{} ({})", example.provider.title, example.provider.id)), "{run:?}");
        let given = |name: &str| Some(&example.request["settings"][name]).filter(|value| !value.is_null());
        for (setting, value) in example.provider.settings.iter().filter_map(|it| Some((it, given(it.name)?))) {
            let value = &value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert!(has(setting.name, if setting.secret { REDACTED } else { value }), "{} in {run:?}", setting.name);
        }
    }
}

#[test]
fn yaml_quotes_text_that_looks_like_a_number() {
    let mut digits = 0;
    for example in examples() {
        let create = ["integrations", "create", "-", "--sandbox", "--reveal", "--output", "yaml"];
        let run = run_with_input(&mut ocamba(&create), example.request.to_string().as_bytes());
        for (name, value) in example.request["settings"].as_object().expect("settings") {
            if value.as_str().is_some_and(|v| v.parse::<f64>().is_ok()) {
                digits += 1;
                let quoted =
                    ['"', '\''].map(|quote| format!("\n  {name}: {quote}{}{quote}\n", value.as_str().unwrap_or("")));
                assert!(quoted.iter().any(|line| run.stdout.contains(line)), "{name}: {run:?}");
            }
        }
        assert!(!run.stdout.contains(&format!(": {}\n", example.provider.id)), "{run:?}");
        assert!(run.stdout.contains("is_default: false\n"), "{run:?}");
    }
    assert!(digits > 0, "an example has a number in a string");
}

#[test]
fn colours_need_a_terminal_or_force() {
    let table = ["providers", "--output", "table"];
    let error = ["integrations", "create", "nowhere.json"];
    assert!(!run(&mut ocamba(&table)).stdout.contains('\u{1b}'));
    assert!(!run(&mut ocamba(&error)).stderr.contains('\u{1b}'));
    assert!(run(ocamba(&table).env("CLICOLOR_FORCE", "1")).stdout.contains('\u{1b}'));
    assert!(run(ocamba(&error).env("CLICOLOR_FORCE", "1")).stderr.contains('\u{1b}'));
    assert!(!run(ocamba(&table).env("NO_COLOR", "1")).stdout.contains('\u{1b}'));
}

#[test]
fn json_has_no_colours_when_forced() {
    let run = run(ocamba(&["providers"]).env("CLICOLOR_FORCE", "1"));
    assert!(!run.stdout.contains('\u{1b}') && run.json().is_array());
}

#[test]
fn reader_that_goes_away_is_not_an_error() {
    let create = ["integrations", "create", "-", "--sandbox"];
    let commands: [&[&str]; 5] =
        [&create, &["providers"], &["providers", "--output", "table"], &["completions", "zsh"], &["--help"]];
    for arguments in commands {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let run = run_with_input(ocamba(arguments).stdout(writer), any_request().to_string().as_bytes());
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn unwritable_result_still_reports_the_id() {
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
    let mut command = ocamba(&["integrations", "create", "-", "--sandbox"]);
    let run = run_with_input(command.stdout(Stdio::from(full)), any_request().to_string().as_bytes());
    run.assert_fails(1, &["cannot be written", "the integration was created; its ID is "]);
    let sandbox = Running::start(&[]);
    let id = sandbox.create(&["a"]).remove(0);
    let path = format!("/v1/hood/integrations/{id}");
    for (arguments, outcome) in [
        (&["integrations", "test", &id][..], "a test message was sent"),
        (&["api", "PATCH", &path, "--field", "name=b"], "the request took effect"),
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
        let run = crate::support::run(sandbox.ocamba(arguments).stdout(Stdio::from(full)));
        run.assert_fails(1, &["cannot be written", outcome]);
    }
}

#[test]
fn notes_are_lines_of_json_for_programs() {
    let text = run(&mut ocamba(&["fleet", "template", providers()[0].type_name]));
    assert!(text.stderr.starts_with("note: its secrets"), "{text:?}");
    let json = run(&mut ocamba(&["fleet", "template", providers()[0].type_name, "--output", "json"]));
    let line: Value = serde_json::from_str(&json.stderr).expect("a line of JSON");
    assert!(line["note"].as_str().is_some_and(|note| note.starts_with("its secrets")), "{json:?}");
}

#[test]
fn completions_exist_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = run(&mut ocamba(&["completions", shell]));
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{shell}");
        for word in ["integrations", "ensure", "auth", "search-fields", "sandbox", "completions", "profile", "reveal"] {
            assert!(run.stdout.contains(word), "{word} for {shell}");
        }
    }
}

#[test]
fn completions_offer_values_where_files_make_no_sense() {
    let home = crate::support::folder("completions");
    let profiles = json!({ "profiles": { "work": { "token": "file" }, "test": { "token": "file" } } });
    std::fs::write(home.join("profiles.json"), profiles.to_string()).expect("written");
    let script = run(ocamba(&["completions", "bash"]).env("OCAMBA_CONFIG_DIR", &home)).stdout;
    // Asks the completion itself, in the shell.
    let offered = |line: &str| {
        let asked = format!(
            "{script}\nCOMP_WORDS=({line} ''); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _ocamba ocamba '' \"${{COMP_WORDS[COMP_CWORD - 1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let shown = std::process::Command::new("bash").args(["-c", &asked]).current_dir(&home).output().expect("bash");
        let shown = String::from_utf8(shown.stdout).expect("UTF-8");
        shown.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    for line in ["ocamba --profile", "ocamba integrations list --profile", "ocamba auth switch"] {
        let offered = offered(line);
        assert!(["work", "test"].iter().all(|name| offered.iter().any(|it| it == name)), "{line}: {offered:?}");
        assert!(!offered.iter().any(|it| it == "profiles.json"), "{line}: {offered:?}");
    }
    let providers: Vec<_> = providers().iter().map(|provider| provider.type_name.to_lowercase()).collect();
    for line in ["ocamba integrations create --provider", "ocamba fleet template"] {
        let offered = offered(line);
        assert!(providers.iter().all(|name| offered.contains(name)), "{line}: {offered:?}");
    }
    assert!(offered("ocamba sandbox --assume").contains(&"list_lag=seconds".to_owned()));
    assert_eq!(offered("ocamba integrations list --search"), [""; 0]);
}

#[test]
fn manual_has_a_page_for_each_command() {
    let folder = crate::support::folder("man");
    let path = folder.to_str().expect("UTF-8");
    assert_eq!(run(&mut ocamba(&["man", path])).code, 0);
    for page in ["ocamba", "ocamba-auth-login", "ocamba-integrations-create", "ocamba-fleet-apply"] {
        let text = std::fs::read_to_string(folder.join(format!("{page}.1"))).expect("a page");
        assert!(text.contains(".TH") && text.contains("profile"), "{page}: {text}");
    }
    assert!(run(&mut ocamba(&["man"])).stdout.contains(".SH NAME"));
}

#[test]
fn page_of_a_sandbox_is_named() {
    let url = |arguments: &[&str]| run(&mut ocamba(&[&["open", "--print"], arguments].concat()));
    let sandbox = url(&["--base-url", "http://localhost:4010/"]).json();
    assert_eq!(sandbox["url"], "http://localhost:4010/");
    assert_eq!(url(&["reference", "--base-url", "http://[::1]:4010"]).json()["url"], "http://[::1]:4010/docs");
    for other in [&[][..], &["--base-url", "https://localhost.example.com"]] {
        url(other).assert_fails(2, &["is not a sandbox", "ocamba sandbox"]);
    }
}

#[test]
fn help_has_exit_codes_and_environment_within_80_columns() {
    let mut pages: Vec<_> = ["create", "ensure", "get", "list", "test", "update", "validate"]
        .map(|name| vec!["integrations", name, "--help"])
        .into();
    pages.extend([vec!["--help"], vec!["providers", "--help"], vec!["auth", "login", "--help"]]);
    for arguments in &pages {
        let run = run(ocamba(arguments).env("OCAMBA_TOKEN", CANARY).env("OCAMBA_BASE_URL", CANARY));
        assert_eq!(run.code, 0);
        for code in 0..=7 {
            assert!(run.stdout.contains(&format!("\n  {code}  ")), "{code} in {run:?}");
        }
        assert!(run.stdout.contains("OCAMBA_TOKEN") && !run.stdout.contains(CANARY), "{run:?}");
    }
    pages.extend([vec!["sandbox", "--help"], vec!["completions", "--help"], vec!["auth", "--help"]]);
    pages.extend([vec!["fleet", "--help"], vec!["fleet", "template", "--help"], vec!["fleet", "check", "--help"]]);
    pages.extend([vec!["fleet", "plan", "--help"], vec!["fleet", "apply", "--help"], vec!["auth", "list", "--help"]]);
    pages.extend([
        vec!["api", "--help"],
        vec!["open", "--help"],
        vec!["man", "--help"],
        vec!["auth", "switch", "--help"],
    ]);
    pages.extend([vec!["integrations", "--help"], vec!["auth", "status", "--help"], vec!["auth", "logout", "--help"]]);
    for arguments in &pages {
        let run = run(&mut ocamba(arguments));
        let longest = run.stdout.lines().max_by_key(|line| line.chars().count()).expect("a line");
        assert!(longest.chars().count() <= 80, "fits a terminal: {longest:?}");
    }
}

#[test]
fn help_is_printed_without_arguments() {
    let run = run(&mut ocamba(&[]));
    assert!(run.code == 2 && run.stderr.contains("Usage: ocamba"), "{run:?}");
}

#[test]
fn version_matches_the_package() {
    let run = run(&mut ocamba(&["--version"]));
    assert_eq!((run.code, run.stdout), (0, format!("ocamba {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn example_in_the_help_is_a_valid_request() {
    let run = run(&mut ocamba(&["integrations", "create", "--help"]));
    let (start, end) = (run.stdout.find("\n{").expect("a start"), run.stdout.find("\n}").expect("an end"));
    let request: Value = serde_json::from_str(&run.stdout[start..end + 2]).expect("JSON");
    run_with_input(&mut ocamba(&["integrations", "create", "-", "--sandbox"]), request.to_string().as_bytes()).json();
}

#[test]
fn fields_of_an_unknown_kind_are_hidden_unless_revealed() {
    let hidden = json!({
        "id": "7", "name": "Example", "webhook_secret": CANARY, "hooks": [{ "secret": CANARY }], "is_default": false,
        "provider": { "id": "1", "key": CANARY, "settings": [{ "name": "a", "default": CANARY }] },
    });
    for format in ["json", "jsonl", "yaml", "table"] {
        let get = |more: &[&str]| {
            let base_url = server_answering("200 OK", hidden.to_string());
            let arguments = [&["integrations", "get", "7", "--base-url", &base_url, "--output", format], more].concat();
            let run = run(ocamba(&arguments).env("OCAMBA_TOKEN", "token"));
            assert_eq!(run.code, 0, "{run:?}");
            run
        };
        let shown = get(&[]);
        assert!(!format!("{shown:?}").contains(CANARY) && shown.stdout.contains("webhook_secret"), "{shown:?}");
        assert!(shown.stdout.contains("Example") && shown.stdout.contains("[REDACTED]"), "{shown:?}");
        assert!(get(&["--reveal"]).stdout.contains(CANARY));
        let base_url = server_answering("200 OK", json!({ "total": 1, "items": [hidden["provider"]] }).to_string());
        let arguments = ["providers", "--live", "--base-url", &base_url, "--output", format];
        let providers = run(ocamba(&arguments).env("OCAMBA_TOKEN", "token"));
        assert!(providers.code == 0 && !format!("{providers:?}").contains(CANARY), "{providers:?}");
    }
}

#[test]
fn secret_that_the_server_quotes_is_hidden_in_every_encoding() {
    let canary: Value = serde_json::from_str(include_str!("../../../../tests/canary/quotes.json")).expect("JSON");
    let secret = canary["secret"].as_str().expect("a text");
    for (encoding, quote) in canary["quotes"].as_object().expect("quotes") {
        let text = format!("the value '{}' is wrong", quote.as_str().expect("a text"));
        let body = json!({ "title": text, "message": text, "trace_id": quote }).to_string();
        for output in ["json", "table"] {
            let base_url = server_answering("400 Bad Request", body.clone());
            let arguments = ["integrations", "list", "--base-url", &base_url, "--output", output];
            let run = format!("{:?}", run(ocamba(&arguments).env("OCAMBA_TOKEN", secret)));
            let trace =
                canary["traces"].as_array().expect("texts").iter().find(|t| run.contains(t.as_str().expect("a text")));
            assert_eq!(trace, None, "{encoding}: {run}");
            assert!(run.contains("the value '") && run.contains("' is wrong"), "{run}");
        }
    }
}
