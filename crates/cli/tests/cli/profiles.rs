//! `ocamba auth`, and the profiles of commands.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{CANARY, Run, Running, Untouched, file, finish, ocamba, run, run_with_input, server_answering};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;
const NOT_SENT: i32 = 5;

/// A folder of profiles for one test.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("profiles-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn ocamba(&self, arguments: &[&str]) -> Command {
        let mut command = ocamba(arguments);
        command.env("OCAMBA_CONFIG_DIR", &self.0);
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.ocamba(arguments))
    }

    fn login(&self, arguments: &[&str], token: &str) -> Run {
        run_with_input(&mut self.ocamba(&[&["auth", "login"], arguments].concat()), token.as_bytes())
    }
}

#[test]
fn login_replaces_the_token_in_the_environment() {
    let (home, sandbox) = (Home::new("login"), Running::start(&["--token", CANARY]));
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["no token", "auth login", "OCAMBA_TOKEN"]);
    let login = home.login(&["--base-url", &sandbox.base_url], &format!("{CANARY}\n"));
    assert_eq!(login.json()["token"], "file");
    assert!(
        login.stderr.starts_with("note: the keyring cannot be used")
            && login.json()["token_file"].as_str().is_some_and(|file| file.ends_with("default.token"))
    );
    assert!(!format!("{login:?}").contains(CANARY), "{login:?}");
    assert_eq!(home.run(&["integrations", "list"]).json(), json!([]));
    let status = home.run(&["auth", "status", "--live"]);
    assert_eq!(status.json()["token_accepted"], true);
    assert!(!status.stdout.contains(CANARY), "{status:?}");

    assert_eq!(home.run(&["auth", "logout"]).json()["action"], "logged_out");
    assert!(!home.0.join("default.token").exists());
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["no token"]);
    home.run(&["auth", "logout"]).assert_fails(BAD_INPUT, &["no profile default", "none yet"]);
}

#[test]
fn profile_is_chosen_by_name() {
    let (home, one, two) =
        (Home::new("names"), Running::start(&["--token", "one"]), Running::start(&["--token", "two"]));
    home.login(&["--profile", "one", "--base-url", &one.base_url], "one").json();
    home.login(
        &["--profile", "two", "--base-url", &two.base_url, "--rate-limit-tier", "3/60", "--rate-limit", "off"],
        "two\r\n",
    )
    .json();
    for (profile, sandbox) in [("one", &one), ("two", &two)] {
        home.run(&["integrations", "list", "--profile", profile]).json();
        run(home.ocamba(&["integrations", "list"]).env("OCAMBA_PROFILE", profile)).json();
        // The login has tried the token, too.
        assert_eq!(sandbox.count("listIntegrations"), 3, "{profile}");
    }
    // An option overrides the environment.
    run(home.ocamba(&["--profile", "one", "integrations", "list"]).env("OCAMBA_PROFILE", "two")).json();
    assert_eq!(one.count("listIntegrations"), 4);
    // The first one is the default.
    home.run(&["integrations", "list"]).json();
    assert_eq!(one.count("listIntegrations"), 5);

    let list = home.run(&["auth", "list"]).json();
    let expected = json!({ "profile": "two", "default": false, "base_url": two.base_url, "token": "file", "rate_limit": "off", "rate_limit_tier": "3/60" });
    assert_eq!((list.as_array().map(Vec::len), &list[1]), (Some(2), &expected));
    let table = home.run(&["auth", "list", "--output", "table"]);
    assert!(table.stdout.contains("\none ") && table.stdout.contains("3/60"), "{table:?}");

    // Settings that are not given again stay.
    home.login(&["--profile", "two", "--no-check"], "other").json();
    let status = run(home.ocamba(&["--profile", "two", "auth", "status"]).env_remove("OCAMBA_RATE_LIMIT")).json();
    assert_eq!(status["rate_limit_tier"], json!({ "value": "3/60", "from": "profile" }));
    assert_eq!(status["rate_limit"], json!({ "value": "off", "from": "profile" }));
    home.run(&["--profile", "two", "auth", "status", "--live"]).assert_fails(REJECTED, &["401 ", "check the token"]);
}

#[test]
fn options_override_the_environment_and_it_overrides_the_profile() {
    let home = Home::new("precedence");
    let [profile, environment, option] = [(); 3].map(|()| Running::start(&["--token", "right"]));
    home.login(&["--base-url", &profile.base_url], "right").json();
    let listed = || [&profile, &environment, &option].map(|sandbox| sandbox.count("listIntegrations"));
    let list = |more: &[&str]| home.ocamba(&[&["integrations", "list"], more].concat());
    run(&mut list(&[])).json();
    assert_eq!(listed(), [2, 0, 0]);
    // A token of the environment goes where the environment says, and that of a profile does not.
    let mut from_environment = list(&[]);
    from_environment.env("OCAMBA_BASE_URL", &environment.base_url).env("OCAMBA_TOKEN", "right");
    run(&mut from_environment).json();
    assert_eq!(listed(), [2, 1, 0]);
    let mut command = list(&["--base-url", &option.base_url]);
    run(command.env("OCAMBA_BASE_URL", &environment.base_url)).json();
    assert_eq!(listed(), [2, 1, 1]);
    // The token of the environment is sent; an empty one counts as unset.
    run(list(&[]).env("OCAMBA_TOKEN", "wrong")).assert_fails(REJECTED, &["401 "]);
    run(list(&[]).env("OCAMBA_TOKEN", "")).json();
    // A profile that is named is an option: its token and its server come before those of the environment.
    let mut named = home.ocamba(&["--profile", "default", "integrations", "list"]);
    let named = run(named.env("OCAMBA_TOKEN", "wrong").env("OCAMBA_BASE_URL", &environment.base_url));
    let note = "note: --profile default is used in place of OCAMBA_TOKEN and OCAMBA_BASE_URL";
    assert!(named.code == 0 && named.stderr.starts_with(note), "{named:?}");
    assert_eq!(listed()[1], 1);
}

#[test]
fn stored_token_is_bound_to_the_address_of_its_login() {
    let (home, sandbox) = (Home::new("bound"), Running::start(&["--token", CANARY]));
    home.login(&["--base-url", &sandbox.base_url], CANARY).json();
    let says = ["OCAMBA_BASE_URL names another server", &sandbox.base_url, "--base-url", "nothing was sent"];
    for arguments in [
        &["integrations", "list"][..],
        &["integrations", "get", "1"],
        &["integrations", "update", "1", "--name", "x"],
        &["providers", "--live"],
        &["auth", "status", "--live"],
        &["auth", "status"],
    ] {
        let other = Untouched::new();
        run(home.ocamba(arguments).env("OCAMBA_BASE_URL", other.base_url())).assert_fails(BAD_INPUT, &says);
        // Another port or scheme is another server, and a password in the variable is not shown.
        for url in ["http://127.0.0.1:1", "https://127.0.0.1", "https://user:canary-7f3a@example.com"] {
            let run = run(home.ocamba(arguments).env("OCAMBA_BASE_URL", url));
            run.assert_fails(BAD_INPUT, &says);
        }
    }
    for same in [sandbox.base_url.clone(), format!("{}/", sandbox.base_url), sandbox.base_url.replace("http", "HTTP")] {
        run(home.ocamba(&["integrations", "list"]).env("OCAMBA_BASE_URL", same)).json();
    }
    // Doctor checks the network without the token, and says why it cannot be used.
    let doctor = run(home.ocamba(&["doctor", "--output", "json"]).env("OCAMBA_BASE_URL", "http://127.0.0.1:1"));
    assert!(doctor.stdout.contains("names another server") && !format!("{doctor:?}").contains(CANARY), "{doctor:?}");

    // A login is one to the server that the environment names, and says so.
    let other = Running::start(&["--token", CANARY]);
    let login = run_with_input(
        home.ocamba(&["auth", "login", "--profile", "other", "--output", "table"])
            .env("OCAMBA_BASE_URL", &other.base_url),
        CANARY.as_bytes(),
    );
    assert!(login.stdout.contains(&format!("Logged in to {}", other.base_url)), "{login:?}");
    home.run(&["--profile", "other", "integrations", "list"]).json();
    assert_eq!(other.count("listIntegrations"), 2);
    let list = run(home
        .ocamba(&["integrations", "list"])
        .env("OCAMBA_PROFILE", "other")
        .env("OCAMBA_BASE_URL", Untouched::new().base_url()));
    list.assert_fails(BAD_INPUT, &[&format!("than {}", other.base_url), "token of profile other"]);
}

#[test]
fn only_an_accepted_token_is_stored() {
    let (home, sandbox) = (Home::new("tried"), Running::start(&["--token", "right"]));
    let login = home.login(&["--base-url", &sandbox.base_url], CANARY);
    login.assert_fails(REJECTED, &["401 ", "check the token", "profile default was not stored", "--no-check"]);
    let nobody = "http://127.0.0.1:1";
    home.login(&["--base-url", nobody, "--timeout", "1"], CANARY).assert_fails(NOT_SENT, &["was not stored"]);
    assert!(!home.0.exists());
    let unchecked = home.login(&["--base-url", nobody, "--no-check"], CANARY).json();
    assert_eq!((&unchecked["token_accepted"], &unchecked["default"]), (&json!(null), &json!(true)));
    // A token that may not list is accepted all the same.
    let denied = server_answering("403 Forbidden", json!({ "code": 403, "title": "Forbidden." }).to_string());
    let login = home.login(&["--base-url", &denied], CANARY);
    assert_eq!(login.json()["token_accepted"], true);
    assert!(login.stderr.contains("does not let it list"), "{login:?}");
}

#[test]
fn pasted_token_loses_what_surrounds_it() {
    let (home, sandbox) = (Home::new("pasted"), Running::start(&["--token", CANARY]));
    for token in [" {}\n", "\u{feff}{}\r\n\r\n", "\u{a0}{}\u{a0}", "\t{}\u{200b}\n"] {
        let login = home.login(&["--base-url", &sandbox.base_url], &token.replace("{}", CANARY));
        assert_eq!(login.json()["token_accepted"], true, "{token:?}");
    }
    // As PowerShell pipes it in.
    let utf_16: Vec<u8> = format!("\u{feff}{CANARY}\r\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let login = ["auth", "login", "--base-url", &sandbox.base_url];
    assert_eq!(run_with_input(&mut home.ocamba(&login), &utf_16).json()["token_accepted"], true);
    run_with_input(&mut home.ocamba(&login), &utf_16[..5]).assert_fails(BAD_INPUT, &["its line 1 is not valid UTF-16"]);
    for quoted in ["\"{}\"", "'{}'", "“{}”", "Bearer {}"] {
        home.login(&["--base-url", &sandbox.base_url], &quoted.replace("{}", CANARY))
            .assert_fails(BAD_INPUT, &["the token"]);
        let mut list = sandbox.ocamba(&["integrations", "list"]);
        run(list.env("OCAMBA_TOKEN", quoted.replace("{}", CANARY))).assert_fails(BAD_INPUT, &["the token"]);
    }
}

#[test]
fn default_profile_can_be_switched() {
    let home = Home::new("switch");
    let [one, two] = ["one", "two"].map(|name| {
        let sandbox = Running::start(&["--token", name]);
        home.login(&["--profile", name, "--base-url", &sandbox.base_url], name).json();
        sandbox
    });
    let lists = || {
        home.run(&["integrations", "list"]).json();
        [&one, &two].map(|sandbox| sandbox.count("listIntegrations"))
    };
    assert_eq!(lists(), [2, 1]);
    let switched = home.run(&["auth", "switch", "two"]).json();
    assert_eq!((&switched["profile"], &switched["base_url"]), (&json!("two"), &json!(two.base_url)));
    assert_eq!(lists(), [2, 2]);
    let table = home.run(&["auth", "list", "--output", "table"]).stdout;
    let marked: Vec<_> = table.lines().filter(|line| line.contains(" *")).collect();
    assert!(matches!(marked.as_slice(), [line] if line.starts_with("two ")), "{table}");
    home.run(&["auth", "switch", "three"]).assert_fails(BAD_INPUT, &["no profile three; there are one, two"]);
    // The one that remains becomes the default.
    assert_eq!(home.run(&["auth", "logout"]).json()["default"], "one");
    assert_eq!(lists(), [3, 2]);
    home.login(&["--profile", "three", "--no-check"], CANARY).json();
    home.login(&["--profile", "four", "--no-check"], CANARY).json();
    assert_eq!(home.run(&["auth", "logout", "--profile", "one"]).json()["default"], json!(null));
    let none = home.run(&["integrations", "list"]);
    none.assert_fails(BAD_INPUT, &["no profile is the default; there are four, three", "auth switch"]);
}

#[test]
fn logins_at_the_same_time_keep_all_profiles() {
    let home = Home::new("together");
    let names: Vec<_> = (0..8).map(|number| format!("p{number}")).collect();
    let logins = names.iter().map(|name| {
        let mut login = home.ocamba(&["auth", "login", "--no-check", "--profile", name]);
        let mut child = login.stdin(std::process::Stdio::piped()).spawn().expect("the binary starts");
        child.stdin.take().expect("stdin").write_all(CANARY.as_bytes()).expect("written");
        child
    });
    for login in logins.collect::<Vec<_>>() {
        finish(login).json();
    }
    let listed = home.run(&["auth", "list"]).json();
    let listed: Vec<_> = listed.as_array().expect("a list").iter().map(|profile| profile["profile"].clone()).collect();
    assert_eq!(listed, names);
}

/// A keyring whose user does not unlock it: a bus that never answers.
#[cfg(target_os = "linux")]
#[test]
fn locked_keyring_is_not_waited_for_past_the_timeout() {
    let home = Home::new("locked");
    std::fs::create_dir_all(&home.0).expect("a folder");
    let socket = tempfile::tempdir().expect("a folder");
    let path = socket.path().join("bus");
    let _bus = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    let stored = json!({ "default": "work", "profiles": { "work": { "token": "keyring" } } });
    std::fs::write(home.0.join("profiles.json"), stored.to_string()).expect("a file");
    let mut list = home.ocamba(&["integrations", "list", "--timeout", "0.5"]);
    list.env_remove("OCAMBA_KEYRING").env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", path.display()));
    run(&mut list).assert_fails(BAD_INPUT, &["token of profile work", "within 0.5 s", "OCAMBA_KEYRING=off"]);
}

#[test]
fn missing_profile_is_reported_before_anything_is_sent() {
    let home = Home::new("missing");
    home.login(&["--profile", "work", "--no-check"], CANARY).json();
    let server = Untouched::new();
    let list = ["integrations", "list", "--base-url", &server.base_url()];
    let named = home.run(&[&list[..], &["--profile", "wrok"]].concat());
    named.assert_fails(BAD_INPUT, &["no profile wrok; there is work", "auth login --profile wrok", "nothing was sent"]);
    let in_environment = run(home.ocamba(&list).env("OCAMBA_PROFILE", "wrok").env("OCAMBA_TOKEN", CANARY));
    in_environment.assert_fails(BAD_INPUT, &["no profile wrok"]);
    for name in ["../work", "a b", "", "a.b", "a\nb", "-a", &"a".repeat(65)] {
        home.run(&["auth", "login", &format!("--profile={name}")]).assert_fails(BAD_INPUT, &["--profile"]);
        if !name.is_empty() {
            let run = run(home.ocamba(&["auth", "login"]).env("OCAMBA_PROFILE", name));
            run.assert_fails(BAD_INPUT, &["profile's name"]);
        }
    }
    // A sandbox has no account.
    let create = ["integrations", "create", "-", "--sandbox", "--profile", "work"];
    home.run(&create).assert_fails(BAD_INPUT, &["--sandbox", "--profile"]);
}

#[test]
fn invalid_login_is_not_stored() {
    let home = Home::new("refused");
    let wrong: [(&[&str], &str, &str); 8] = [
        (&[], "", "no token"),
        (&[], "\n", "no token"),
        (&[], "canary-7f3a canary-7f3a", "no spaces"),
        (&[], "canary-7f3a\ncanary-7f3a", "line break"),
        (&["--base-url", "http://192.0.2.1"], CANARY, "base URL"),
        (&["--rate-limit-tier", "fast"], CANARY, "tier"),
        (&["--rate-limit", "fast"], CANARY, "rate limit"),
        (&["--rate-limit", "redis://user:canary-7f3a@localhost"], CANARY, "password"),
    ];
    for (options, token, says) in wrong {
        home.login(options, token).assert_fails(BAD_INPUT, &[says]);
        assert!(!home.0.exists(), "{options:?}");
    }
}

#[test]
fn malformed_profiles_report_their_position() {
    let home = Home::new("malformed");
    std::fs::create_dir_all(&home.0).expect("a folder");
    for text in [
        "{",
        r#"{"profiles": {"work": {"token": "canary-7f3a"}}}"#,
        r#"{"profiles": {"work": {"colour": "red", "token": "file"}}}"#,
    ] {
        std::fs::write(home.0.join("profiles.json"), text).expect("a file");
        let refused = home.run(&["integrations", "list"]);
        refused.assert_fails(BAD_INPUT, &["profiles.json is not valid at line 1 column ", "nothing was sent"]);
        // They do not matter where everything comes from elsewhere.
        let sandbox = Running::start(&["--token", CANARY]);
        let mut list = home.ocamba(&["integrations", "list"]);
        list.env("OCAMBA_TOKEN", CANARY);
        run(&mut list).assert_fails(BAD_INPUT, &["profiles.json is not valid"]);
        let listed = run(list.env("OCAMBA_BASE_URL", &sandbox.base_url));
        assert!(listed.code == 0 && listed.stderr.starts_with("note: no profile is used: "), "{listed:?}");
    }
}

#[test]
fn profiles_differ_in_more_than_their_case() {
    let home = Home::new("case");
    home.login(&["--profile", "Work", "--no-check"], CANARY).json();
    assert_eq!(home.login(&["--profile", "work", "--no-check"], "other").json()["profile"], "Work");
    assert_eq!(home.run(&["auth", "switch", "WORK"]).json()["profile"], "Work");
    let unknown = home.run(&["auth", "logout", "--profile", "other"]);
    unknown.assert_fails(BAD_INPUT, &["no profile other; there is Work", "auth list"]);
    assert!(!unknown.stderr.contains("login"), "{unknown:?}");
    assert_eq!(home.run(&["auth", "logout", "--profile", "work"]).json()["profile"], "Work");
    for device in ["nul", "CON", "com1", "LPT9"] {
        home.login(&["--profile", device, "--no-check"], CANARY).assert_fails(BAD_INPUT, &["device on Windows"]);
    }
}

#[test]
fn lost_token_hints_at_a_new_login() {
    let home = Home::new("lost");
    home.login(&["--no-check"], CANARY).json();
    std::fs::remove_file(home.0.join("default.token")).expect("a file");
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["no token of profile default", "auth login"]);
    let stored = json!({ "default": "default", "profiles": { "default": { "token": "keyring" } } });
    std::fs::write(home.0.join("profiles.json"), stored.to_string()).expect("a file");
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["OCAMBA_KEYRING is off", "auth login"]);
}

#[cfg(unix)]
#[test]
fn profiles_and_tokens_are_readable_by_their_user_only() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new("private");
    home.login(&["--base-url", &Untouched::new().base_url(), "--no-check"], CANARY).json();
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let token = home.0.join("default.token");
    assert_eq!((mode(&home.0), mode(&token), mode(&home.0.join("profiles.json"))), (0o700, 0o600, 0o600));
    for open in [0o644, 0o640, 0o602] {
        std::fs::set_permissions(&token, PermissionsExt::from_mode(open)).expect("a mode");
        let fix = format!("chmod 600 {}", token.display());
        home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["others can read it", &fix, "nothing was sent"]);
    }
    // A login writes a new file, which is private again.
    home.login(&["--no-check"], CANARY).json();
    assert_eq!(mode(&token), 0o600);
}

#[test]
fn token_quoted_by_the_server_is_redacted() {
    let home = Home::new("quoted");
    let response = json!({ "code": 401, "title": "Unauthorized.", "message": format!("no such token: {CANARY}") });
    let base_url = server_answering("401 Unauthorized", response.to_string());
    home.login(&["--base-url", &base_url, "--no-check"], CANARY).json();
    home.run(&["integrations", "list"]).assert_fails(REJECTED, &["401 ", "check the token"]);
    let stored: Value =
        serde_json::from_slice(&std::fs::read(home.0.join("profiles.json")).expect("a file")).expect("JSON");
    assert!(!stored.to_string().contains(CANARY), "{stored}");
}

#[test]
fn rate_limit_that_cannot_be_shared_is_a_warning() {
    let (sandbox, folder) = (Running::start(&[]), file("not-a-folder", b""));
    let shared = |arguments: &[&str]| {
        run(sandbox.ocamba(arguments).env("OCAMBA_RATE_LIMIT", "shared").env("OCAMBA_RATE_LIMIT_DIR", &folder))
    };
    let list = shared(&["integrations", "list", "--output", "table"]);
    assert_eq!(list.code, 0, "{list:?}");
    assert!(list.stderr.starts_with("warning: the file of the rate limit could not be used ("), "{list:?}");
    assert_eq!(list.stderr.lines().count(), 1, "{list:?}");
    let status = shared(&["auth", "status", "--output", "json"]);
    let expected = status.json()["rate_limit_status"].clone();
    assert_eq!(expected["storage"], "memory");
    let warning: Value = serde_json::from_str(&status.stderr).expect("a line of JSON");
    let reason = expected["fallback_reason"].as_str().expect("a reason");
    assert!(warning["warning"].as_str().is_some_and(|warning| warning.starts_with(reason)), "{status:?}");
}
