//! `ocamba doctor`: what it checks, and what it says to do.

use serde_json::Value;

use super::support::{CANARY, Run, Running, ocamba, run};

/// Returns the status of each check, by its name.
fn statuses(run: &Run) -> Vec<(String, String)> {
    assert!(!format!("{run:?}").contains(CANARY), "{run:?}");
    let checks: Value = serde_json::from_str(&run.stdout).expect("JSON on stdout");
    let text = |check: &Value, name: &str| check[name].as_str().expect("a text").to_owned();
    checks.as_array().expect("a list").iter().map(|check| (text(check, "check"), text(check, "status"))).collect()
}

fn has(run: &Run, check: &str, status: &str) {
    let statuses = statuses(run);
    assert!(statuses.contains(&(check.to_owned(), status.to_owned())), "{check} {status}: {statuses:?}");
}

#[test]
fn all_is_well_in_a_sandbox() {
    let run = run(&mut ocamba(&["doctor", "--sandbox"]));
    assert_eq!(run.code, 0, "{run:?}");
    assert!(statuses(&run).iter().all(|(_, status)| status == "ok"), "{run:?}");
}

#[test]
fn versions_of_packages_are_shown() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let package = folder.join("node_modules/ocamba-hood");
    let python = folder.join("environment/lib/python3.12/site-packages/ocamba_hood-0.0.9.dist-info");
    let below = folder.join("source/deep");
    for folder in [&package, &python, &below] {
        std::fs::create_dir_all(folder).expect("a folder");
    }
    let version = env!("CARGO_PKG_VERSION");
    std::fs::write(package.join("package.json"), format!(r#"{{ "version": "{version}" }}"#)).expect("a file");
    let mut doctor = ocamba(&["doctor", "--sandbox"]);
    let run = run(doctor.env("VIRTUAL_ENV", folder.join("environment")).current_dir(below));
    has(&run, "Python", "warning");
    has(&run, "Node", "ok");
    let parts = ["ocamba-hood 0.0.9 in", &format!("install the version of this program, {version}")];
    assert!(run.code == 0 && parts.iter().all(|part| run.stdout.contains(part)), "{run:?}");
}

#[test]
fn each_stage_of_a_tls_connection_is_shown() {
    let sandbox = Running::start(&["--tls"]);
    let authority = sandbox.authority.as_deref().expect("an authority");
    let trusted = run(sandbox.ocamba(&["doctor"]).args(["--root-certificates", authority]));
    for check in ["TCP", "TLS", "API", "clock", "limit state"] {
        has(&trusted, check, "ok");
    }
    assert!(trusted.code == 0 && trusted.stdout.contains("TLS 1.3, certificate"), "{trusted:?}");
    let unknown = run(sandbox.ocamba(&["doctor"]).env_remove("OCAMBA_ROOT_CERTIFICATES"));
    has(&unknown, "TLS", "failed");
    has(&unknown, "API", "skipped");
    assert!(unknown.code == 1 && unknown.stdout.contains("OCAMBA_ROOT_CERTIFICATES"), "{unknown:?}");
}

#[test]
fn what_fails_is_named_with_what_to_do() {
    let doctor = |variables: &[(&str, &str)]| {
        let mut command = ocamba(&["doctor", "--base-url", "https://127.0.0.1:1"]);
        run(command.envs(variables.iter().copied()))
    };
    let refused = doctor(&[("OCAMBA_TOKEN", CANARY)]);
    has(&refused, "TCP", "failed");
    let no_token = doctor(&[]);
    has(&no_token, "configuration", "failed");
    has(&no_token, "TCP", "failed");
    let proxy = format!("http://user:{CANARY}@127.0.0.1:1");
    has(&doctor(&[("OCAMBA_TOKEN", CANARY), ("HTTPS_PROXY", &proxy)]), "proxy", "failed");
    has(&doctor(&[("OCAMBA_TOKEN", CANARY), ("HTTPS_PROXY", "ftp://x")]), "configuration", "failed");
    let mistyped = format!("valkey://user:{CANARY}@redis");
    has(&doctor(&[("OCAMBA_TOKEN", CANARY), ("OCAMBA_RATE_LIMIT", &mistyped)]), "configuration", "failed");
}

#[test]
fn rejected_token_is_named() {
    let sandbox = Running::start(&["--token", "right"]);
    let run = run(sandbox.ocamba(&["doctor"]).env("OCAMBA_TOKEN", CANARY));
    has(&run, "TCP", "ok");
    has(&run, "API", "failed");
    assert!(run.code == 1 && run.stdout.contains("ocamba auth login"), "{run:?}");
}
