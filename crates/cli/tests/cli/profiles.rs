//! `ocamba auth`, and the profiles of commands.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::{CANARY, Run, Running, Untouched, file, ocamba, run, run_with_input, server_answering};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;

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
        assert_eq!(sandbox.count("listIntegrations"), 2, "{profile}");
    }
    // An option overrides the environment.
    run(home.ocamba(&["--profile", "one", "integrations", "list"]).env("OCAMBA_PROFILE", "two")).json();
    assert_eq!(one.count("listIntegrations"), 3);
    // Neither of them is the default.
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["no token"]);

    let list = home.run(&["auth", "list"]).json();
    let expected = json!({ "profile": "two", "base_url": two.base_url, "token": "file", "rate_limit": "off", "rate_limit_tier": "3/60" });
    assert_eq!((list.as_array().map(Vec::len), &list[1]), (Some(2), &expected));
    let table = home.run(&["auth", "list", "--output", "table"]);
    assert!(table.stdout.contains("\none ") && table.stdout.contains("3/60"), "{table:?}");

    // Settings that are not given again stay.
    home.login(&["--profile", "two"], "other").json();
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
    assert_eq!(listed(), [1, 0, 0]);
    // A token of the environment goes where the environment says, and that of a profile does not.
    let mut from_environment = list(&[]);
    from_environment.env("OCAMBA_BASE_URL", &environment.base_url).env("OCAMBA_TOKEN", "right");
    run(&mut from_environment).json();
    assert_eq!(listed(), [1, 1, 0]);
    let mut command = list(&["--base-url", &option.base_url]);
    run(command.env("OCAMBA_BASE_URL", &environment.base_url)).json();
    assert_eq!(listed(), [1, 1, 1]);
    // The token of the environment is sent; an empty one counts as unset.
    run(list(&[]).env("OCAMBA_TOKEN", "wrong")).assert_fails(REJECTED, &["401 "]);
    run(list(&[]).env("OCAMBA_TOKEN", "")).json();
    let noted = run(home.ocamba(&["--profile", "default", "integrations", "list"]).env("OCAMBA_TOKEN", "right"));
    assert!(noted.code == 0 && noted.stderr.starts_with("note: OCAMBA_TOKEN is set"), "{noted:?}");
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
        &["--profile", "default", "integrations", "list"],
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

    // A login without an address is one to the API itself, whatever the environment says.
    let login = run_with_input(
        home.ocamba(&["auth", "login", "--profile", "plain"]).env("OCAMBA_BASE_URL", &sandbox.base_url),
        CANARY.as_bytes(),
    );
    assert_eq!(login.json()["base_url"], "https://api.ocamba.com");
    assert!(login.stderr.contains("OCAMBA_BASE_URL is set and was not stored"), "{login:?}");
    let list = run(home
        .ocamba(&["--profile", "plain", "integrations", "list"])
        .env("OCAMBA_BASE_URL", Untouched::new().base_url()));
    list.assert_fails(BAD_INPUT, &["than https://api.ocamba.com", "token of profile plain"]);
}

#[test]
fn missing_profile_is_reported_before_anything_is_sent() {
    let home = Home::new("missing");
    home.login(&["--profile", "work"], CANARY).json();
    let server = Untouched::new();
    let list = ["integrations", "list", "--base-url", &server.base_url()];
    let named = home.run(&[&list[..], &["--profile", "wrok"]].concat());
    named
        .assert_fails(BAD_INPUT, &["no profile wrok; there are work", "auth login --profile wrok", "nothing was sent"]);
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
    for text in ["{", r#"{"default": {"token": "canary-7f3a"}}"#, r#"{"default": {"colour": "red", "token": "file"}}"#]
    {
        std::fs::write(home.0.join("profiles.json"), text).expect("a file");
        let run = home.run(&["integrations", "list"]);
        run.assert_fails(BAD_INPUT, &["profiles.json is not valid at line 1 column ", "nothing was sent"]);
    }
}

#[test]
fn lost_token_hints_at_a_new_login() {
    let home = Home::new("lost");
    home.login(&[], CANARY).json();
    std::fs::remove_file(home.0.join("default.token")).expect("a file");
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["no token of profile default", "auth login"]);
    let stored = json!({ "default": { "token": "keyring" } });
    std::fs::write(home.0.join("profiles.json"), stored.to_string()).expect("a file");
    home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["OCAMBA_KEYRING is off", "auth login"]);
}

#[cfg(unix)]
#[test]
fn profiles_and_tokens_are_readable_by_their_user_only() {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new("private");
    home.login(&["--base-url", &Untouched::new().base_url()], CANARY).json();
    let mode = |path: &Path| std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let token = home.0.join("default.token");
    assert_eq!((mode(&home.0), mode(&token), mode(&home.0.join("profiles.json"))), (0o700, 0o600, 0o600));
    for open in [0o644, 0o640, 0o602] {
        std::fs::set_permissions(&token, PermissionsExt::from_mode(open)).expect("a mode");
        let fix = format!("chmod 600 {}", token.display());
        home.run(&["integrations", "list"]).assert_fails(BAD_INPUT, &["others can read it", &fix, "nothing was sent"]);
    }
    // A login writes a new file, which is private again.
    home.login(&[], CANARY).json();
    assert_eq!(mode(&token), 0o600);
}

#[test]
fn token_quoted_by_the_server_is_redacted() {
    let home = Home::new("quoted");
    let response = json!({ "code": 401, "title": "Unauthorized.", "message": format!("no such token: {CANARY}") });
    let base_url = server_answering("401 Unauthorized", response.to_string());
    home.login(&["--base-url", &base_url], CANARY).json();
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
