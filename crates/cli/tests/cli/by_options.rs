//! Requests from options, from YAML, and from answers at prompts.

use std::process::Command;

use serde_json::{Value, json};

#[cfg(target_os = "linux")]
use crate::support::Terminal;
use crate::support::{
    CANARY, Example, Running, Untouched, any_request, examples, file, folder, ocamba, run, run_with_input,
};

const BAD_INPUT: i32 = 2;
const DUPLICATE: i32 = 7;

/// Returns the options for the request of an example.
fn options(example: &Example) -> Vec<String> {
    let request = example.with_canary();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut options = vec!["--provider".to_owned(), example.provider.type_name.to_lowercase()];
    options.extend(["--name".to_owned(), text(&request["name"])]);
    for (name, value) in request["settings"].as_object().expect("settings") {
        options.extend(["--set".to_owned(), format!("{name}={}", text(value))]);
    }
    options
}

fn integrations<'a>(command: &'a str, options: &'a [String], more: &[&'a str]) -> Vec<&'a str> {
    [&["integrations", command], options.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), more].concat()
}

#[test]
fn options_make_the_same_request_as_a_file() {
    let sandbox = Running::start(&[]);
    for example in examples() {
        let options = options(&example);
        let dry = sandbox.run(&integrations("create", &options, &["--dry-run", "--reveal"])).json();
        assert_eq!(dry["request"], example.with_canary(), "{options:?}");
        let hidden = sandbox.run(&integrations("create", &options, &["--dry-run"]));
        assert!(hidden.code == 0 && !hidden.stdout.contains(CANARY), "{hidden:?}");
        sandbox.run(&integrations("validate", &options, &[])).json();
    }
    assert_eq!(sandbox.count("createIntegration"), 0);
    let options = options(&examples()[0]);
    let created = sandbox.run(&integrations("create", &options, &[])).json();
    assert_eq!(created["name"], examples()[0].request["name"]);
    let ensured = sandbox.run(&integrations("ensure", &options, &["--dry-run"])).json();
    assert_eq!((&ensured["id"], sandbox.count("createIntegration")), (&created["id"], 1), "{ensured}");
    // A file gives the rest.
    let base = file("by-options.json", any_request().to_string().as_bytes());
    let renamed = sandbox.run(&["integrations", "create", &base, "--name", "renamed", "--status", "inactive"]).json();
    assert_eq!((&renamed["name"], &renamed["status"]), (&json!("renamed"), &json!("inactive")));
}

#[test]
fn yaml_utf16_and_names_of_providers_are_read_as_fleets_read_them() {
    let example = &examples()[0];
    let mut request = example.with_canary();
    request.as_object_mut().expect("fields").remove("provider_id");
    request["provider"] = json!(example.provider.title);
    let json = request.to_string();
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(json.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    // JSON is YAML, too.
    let mut yaml = format!(
        "# a comment\nname: {}\nprovider: {}\nstatus: active\nsettings:\n",
        request["name"], request["provider"]
    );
    for (name, value) in request["settings"].as_object().expect("settings") {
        yaml += &format!("  {name}: {value}\n");
    }
    let files = [
        file("named.json", json.as_bytes()),
        file("named.txt", json.as_bytes()),
        file("utf16.json", &utf16),
        file("named.yaml", yaml.as_bytes()),
        file("named.yml", json.as_bytes()),
    ];
    for path in files {
        let dry = run(&mut ocamba(&["integrations", "create", &path, "--dry-run", "--reveal"])).json();
        assert_eq!(dry["request"]["provider_id"], example.provider.id, "{path}");
        assert_eq!(dry["request"]["settings"], example.with_canary()["settings"], "{path}");
    }
    let piped = run_with_input(&mut ocamba(&["integrations", "create", "-", "--dry-run"]), yaml.as_bytes());
    assert_eq!(piped.json()["request"]["name"], request["name"]);
    for (text, says) in [("name: a\n  b: [canary-7f3a\n", "YAML at line "), ("name: a\nname: b\n", "repeated fields")] {
        let run = run(&mut ocamba(&["integrations", "create", &file("bad.yaml", text.as_bytes())]));
        run.assert_fails(BAD_INPUT, &[says, "nothing was sent"]);
    }
}

#[test]
fn file_below_a_tilde_is_found_without_a_shell() {
    let home = folder("tilde-home");
    std::fs::write(home.join("request.json"), any_request().to_string()).expect("written");
    std::fs::write(home.join("secret.txt"), format!("{CANARY}\n")).expect("written");
    let create = |arguments: &[&str]| {
        let arguments = [&["integrations", "create", "~/request.json", "--dry-run", "--reveal"], arguments].concat();
        run(ocamba(&arguments).env("HOME", &home)).json()
    };
    assert_eq!(create(&[])["request"], any_request());
    let secret = examples()[0].provider.settings.iter().find(|setting| setting.secret).expect("a secret").name;
    let set = format!("{secret}=@~/secret.txt");
    assert_eq!(create(&["--set", &set])["request"]["settings"][secret], CANARY);
    create(&["--save=~/saved.json"]);
    assert!(home.join("saved.json").exists());
    let mut plan = ocamba(&["fleet", "check", "~/request.json", "--output", "json"]);
    assert_eq!(run(plan.env("HOME", &home)).json()["rows"], 1);
}

#[test]
fn text_that_looks_like_another_type_and_a_control_character_in_a_name_are_refused() {
    let server = Untouched::new();
    let examples = examples();
    let secret = examples[0].provider.settings.iter().find(|setting| setting.secret).expect("a secret").name;
    let with = |path: &str, name: Value, key: Value| {
        let mut request = examples[0].with_canary();
        request["name"] = name;
        request["settings"][secret] = key;
        let id = request.as_object_mut().and_then(|fields| fields.remove("provider_id"));
        request["provider"] = id.expect("an id");
        file(path, request.to_string().as_bytes())
    };
    let boolean = with("boolean.yaml", json!(false), json!("x"));
    let number = with("number.yaml", json!("a"), json!(12345));
    let control = with("control.yaml", json!("a\tb"), json!("x"));
    for command in [&["create"][..], &["ensure"], &["update", "1165"]] {
        for (path, says) in
            [(&boolean, "quotation marks"), (&number, "quotation marks"), (&control, "name has a character that does")]
        {
            let base_url = server.base_url();
            let arguments = [&["integrations", "--base-url", &base_url], command, &[path.as_str()]].concat();
            run(ocamba(&arguments).env("OCAMBA_TOKEN", CANARY)).assert_fails(BAD_INPUT, &[says]);
            let as_json = run(ocamba(&arguments).args(["--output", "json"]).env("OCAMBA_TOKEN", CANARY));
            let error: Value = serde_json::from_str(&as_json.stderr).expect("a line of JSON");
            assert_eq!(error["error"]["message"], format!("1 error in {path}"), "{as_json:?}");
        }
    }
}

#[test]
fn what_a_paste_brings_along_is_refused_and_not_shown() {
    let example = &examples()[0];
    let secret = example.provider.settings.iter().find(|setting| setting.secret).expect("a secret").name;
    let request = file("pasted.json", example.with_canary().to_string().as_bytes());
    let server = Untouched::new();
    for (value, says) in [
        (" {}", "begins with a space"),
        ("{}\u{a0}", "ends with a space"),
        ("\u{200b}{}", "begins with a space"),
        ("{}\n{}", "line break"),
        ("{}\t{}", "does not show"),
        ("\"{}\"", "quotation marks"),
        ("“{}”", "quotation marks"),
    ] {
        let value = value.replace("{}", CANARY);
        let by_file = format!("{secret}=@{}", file("pasted.txt", format!("{value}\n").as_bytes()));
        for set in [&format!("{secret}={value}"), &by_file, &format!("{secret}=-")] {
            let mut create =
                ocamba(&["integrations", "create", &request, "--base-url", &server.base_url(), "--set", set]);
            let run = run_with_input(create.env("OCAMBA_TOKEN", "any"), value.as_bytes());
            run.assert_fails(BAD_INPUT, &[says, secret, "nothing was sent"]);
        }
    }
}

#[test]
fn saved_request_has_references_in_place_of_secrets() {
    let home = folder("saved");
    for (example, ending) in examples().iter().zip(["json", "yaml", "yml", "JSON", "txt", "json"]) {
        let path = home.join(format!("{}.{ending}", example.provider.type_name));
        let path = path.to_str().expect("UTF-8");
        let options = options(example);
        let created = run(&mut ocamba(&integrations("create", &options, &["--sandbox", "--save", path])));
        assert_eq!(created.json()["name"], example.request["name"]);
        let text = std::fs::read_to_string(path).expect("saved");
        assert!(!text.contains(CANARY) && text.contains("env:"), "{text}");
        // It is complete with its variables.
        let prefix = format!("{}_", example.provider.type_name.to_uppercase());
        let mut again = ocamba(&[
            "integrations",
            "create",
            path,
            "--references",
            &format!("env:{prefix}"),
            "--dry-run",
            "--reveal",
        ]);
        for setting in example.provider.settings.iter().filter(|setting| setting.secret) {
            again.env(format!("{prefix}{}", setting.name.to_uppercase()), CANARY);
        }
        assert_eq!(run(&mut again).json()["request"], example.with_canary(), "{text}");
        // The same request can be sent again, and another one is not written over it.
        let save = |more: &[&str]| run(&mut ocamba(&integrations("create", &options, more)));
        save(&["--sandbox", "--save", path]).json();
        save(&["--sandbox", "--save", path, "--status", "inactive"]).assert_fails(BAD_INPUT, &["cannot be saved"]);
    }
    for path in ["-", "no-such-folder/r.json"] {
        let create = ["integrations", "create", "--save", path, "no-such-request.json"];
        run(&mut ocamba(&create)).assert_fails(BAD_INPUT, &["cannot be saved", "nothing was sent"]);
    }
    // Any setting of an unknown provider may be a secret, and every shell can export its variable.
    let request = json!({ "name": "a", "provider_id": "99999", "status": "active", "settings": { "a-b c": CANARY } });
    let (request, path) = (file("saved-unknown.json", request.to_string().as_bytes()), home.join("unknown.json"));
    let unknown = ["--allow-unknown-provider", "--dry-run", "--save", path.to_str().expect("UTF-8")];
    let saved = run(&mut ocamba(&[&["integrations", "create", &request], &unknown[..]].concat()));
    assert!(saved.code == 0 && saved.stderr.contains("set SECRET_A_B_C and"), "{saved:?}");
}

#[test]
fn saved_request_has_no_secret_that_looks_like_a_reference() {
    let (home, example) = (folder("saved-look"), &examples()[0]);
    let path = home.join("request.json");
    let path = path.to_str().expect("UTF-8");
    let secret = example.provider.settings.iter().find(|setting| setting.secret).expect("a secret").name;
    let request = file("saved-look.json", any_request().to_string().as_bytes());
    let set = format!("{secret}=@{}", file("saved-look.txt", format!("env:{CANARY}\n").as_bytes()));
    run(&mut ocamba(&["integrations", "create", &request, "--set", &set, "--sandbox", "--save", path])).json();
    let text = std::fs::read_to_string(path).expect("saved");
    assert!(!text.contains(CANARY) && text.contains("env:"), "{text}");
}

#[test]
fn integration_is_found_by_its_name() {
    let sandbox = Running::start(&[]);
    let ids = sandbox.create(&["plain", "two words é", "twice", "twice"]);
    for name in ["plain", "two words é"] {
        assert_eq!(sandbox.run(&["integrations", "get", name]).json()["name"], name);
    }
    let several = sandbox.run(&["integrations", "get", "twice"]);
    several.assert_fails(DUPLICATE, &["2 integrations have the name twice", &ids[2], &ids[3]]);
    sandbox
        .run(&["integrations", "get", "Plain"])
        .assert_fails(BAD_INPUT, &["no integration has the name Plain", "list"]);
    let update = ["integrations", "update", "plain", "--name", "other"];
    let dry = sandbox.run(&[&update[..], &["--dry-run"]].concat()).json();
    assert_eq!(dry, json!({ "action": "would_update", "id": ids[0], "changes": { "name": "other" } }));
    assert_eq!(sandbox.run(&update).json()["id"], ids[0]);
    assert_eq!(sandbox.run(&["integrations", "test", "other"]).json()["action"], "test_sent");
    assert_eq!(sandbox.count("updateIntegration"), 1);
}

#[test]
fn options_say_what_lacks() {
    let provider = &examples()[0].provider;
    let name = provider.type_name;
    let run = |arguments: &[&str]| run(&mut ocamba(&[&["integrations", "create"], arguments].concat()));
    run(&[]).assert_fails(BAD_INPUT, &["--name is required", "--provider is required", "a FILE", "nothing was sent"]);
    run(&["--provider", "nobody"])
        .assert_fails(BAD_INPUT, &["expected the ID of a provider, or a name", provider.title]);
    let without_settings = run(&["--provider", name, "--name", "a", "--set", "x=y"]);
    for setting in provider.settings.iter().filter(|setting| setting.required) {
        without_settings.assert_fails(BAD_INPUT, &[&format!("--set {}= is required", setting.name)]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn terminal_prompts_for_what_lacks() {
    let sandbox = Running::start(&[]);
    let example = &examples()[0];
    let request = example.with_canary();
    let (name, title) = (request["name"].as_str().expect("a name"), example.provider.title.to_lowercase());
    let mut answers =
        vec![("provider", "nobody"), ("provider", "0"), ("provider", &title), ("name", " "), ("name", name)];
    for setting in example.provider.settings.iter().filter(|setting| setting.required) {
        answers.push((setting.name, request["settings"][setting.name].as_str().expect("a text")));
    }
    let mut terminal = Terminal::start(&sandbox.ocamba(&["integrations", "create", "--output", "json"]));
    for (question, answer) in answers {
        terminal.answer(question, &format!("{answer}\n"));
    }
    let (code, shown) = terminal.end();
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.matches("no provider has this number or name").count() == 2
            && shown.contains("name is required")
            && shown.contains(&format!("\"name\": \"{name}\"")),
        "{shown}"
    );
    assert_eq!(sandbox.count("createIntegration"), 1);
    // A value that is typed leaves the other questions.
    let set = |setting: &&ocamba_hood::SettingInfo| format!("{}=-", setting.name);
    let set = example.provider.settings.iter().find(|setting| setting.secret).as_ref().map(set).expect("a secret");
    let create = ["integrations", "create", "--provider", example.provider.type_name, "--set", &set, "--dry-run"];
    let mut terminal = Terminal::start(&sandbox.ocamba(&create));
    terminal.answer("hidden while you type", &format!("{CANARY}\n"));
    terminal.answer("name", "a\n");
    terminal.end();
}

/// Whatever ends a hidden prompt, the terminal shows again what is typed.
#[cfg(target_os = "linux")]
#[test]
fn terminal_is_restored_after_a_hidden_prompt() {
    let pid = folder("restored").join("pid");
    for (signal, code) in [(None, 130), (Some("-INT"), 130), (Some("-TERM"), 143)] {
        let (program, pid) = (env!("CARGO_BIN_EXE_ocamba"), pid.to_str().expect("UTF-8"));
        let login = format!("echo \\$\\$ >{pid}; exec {program} auth login --base-url http://127.0.0.1:1");
        let mut shell = Command::new("sh");
        // Ctrl-C is for all processes of the terminal.
        shell.args(["-c", &format!("trap : INT; sh -c \"{login}\"; echo code $?; stty -a")]);
        shell.envs(ocamba(&[]).get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))));
        let mut terminal = Terminal::start(&shell);
        terminal.answer("hidden while you type", if signal.is_none() { "\u{3}" } else { "" });
        if let Some(signal) = signal {
            let login = std::fs::read_to_string(pid).expect("a process");
            assert!(Command::new("kill").args([signal, login.trim()]).status().expect("kill").success());
        }
        // The end of its input would be a key of its own.
        terminal.wait_for("the exit code", |shown| shown.contains("code "));
        let (_, shown) = terminal.end();
        assert!(shown.contains(&format!("code {code}")), "{signal:?}: {shown}");
        assert!(shown.contains("isig icanon iexten echo "), "{signal:?}: {shown}");
    }
}
