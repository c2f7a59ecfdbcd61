//! The files of `ocamba fleet`: none replaces another one, and a path that is no ledger is named before anything is sent.

use std::fs;

use crate::fleet::Sheet;
use crate::support::{Running, ocamba, run};

const BAD_INPUT: i32 = 2;

#[test]
fn unwritable_result_file_is_refused_before_anything_is_sent() {
    let sheet = Sheet::new("results", &["a"]);
    fs::write(sheet.folder.join("database"), "SQLite format 3\0...").expect("written");
    for (path, why) in [
        ("database", "it is a database, as a ledger is"),
        ("no/r.csv", "No such file"),
        (".", "it is a folder"),
        ("new/", "it is a folder"),
    ] {
        let refused = [&format!("{path} cannot be written: {why}"), "nothing was sent"];
        let fleet = |arguments: &[&str]| sheet.run(arguments).assert_fails(BAD_INPUT, &refused);
        fleet(&["apply", "fleet.csv", "--report", path]);
        fleet(&["apply", "fleet.csv", "--failed", path]);
        fleet(&["plan", "fleet.csv", "--out", path]);
        fleet(&["export", "--out", path]);
    }
    sheet.run(&["apply", "fleet.csv", "--in-flight", "0"]).assert_fails(BAD_INPUT, &["--in-flight"]);
}

#[test]
fn files_of_one_command_are_not_the_same() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("distinct", &["a"]));
    let fleet = |arguments: &[&str]| sheet.run_at(arguments, &sandbox.base_url);
    assert_eq!(fleet(&["plan", "fleet.csv", "--out", "plan.json"]).code, 0);
    #[cfg(unix)]
    std::os::unix::fs::symlink("fleet.csv", sheet.folder.join("link.csv")).expect("a link");
    let before: Vec<_> = ["fleet.csv", "plan.json"].map(|name| sheet.read(name)).into();
    for arguments in [
        &["apply", "fleet.csv", "--report", "./fleet.csv"][..],
        #[cfg(unix)]
        &["apply", "fleet.csv", "--failed", "link.csv"],
        &["apply", "fleet.csv", "--failed", "./fleet.csv.ledger"],
        &["apply", "fleet.csv", "--ledger", "l.csv", "--report", "./l.csv"],
        &["apply", "fleet.csv", "--ledger", "fleet.csv"],
        &["apply", "fleet.csv", "--report", "f.csv", "--failed", "./f.csv"],
        &["apply", "plan.json", "--report", "plan.json"],
        &["apply", "fleet.csv", "--plan", "plan.json", "--report", "plan.json"],
        &["plan", "fleet.csv", "--out", "fleet.csv"],
        &["plan", "fleet.csv", "--out", "fleet.csv.ledger"],
        &["export", "--out", "x.csv", "--ledger", "./x.csv"],
    ] {
        fleet(arguments).assert_fails(BAD_INPUT, &["cannot be both the ", "give two paths; nothing was sent"]);
    }
    assert_eq!(["fleet.csv", "plan.json"].map(|name| sheet.read(name)).to_vec(), before);
    assert!(!sheet.folder.join("fleet.csv.ledger").exists() && sandbox.count("createIntegration") == 0);
}

#[test]
fn command_that_applies_a_plan_has_the_options_of_the_plan() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("again", &["a", "b"]));
    let fleet = |arguments: &[&str]| sheet.run_at(arguments, &sandbox.base_url);
    let rows = sheet.read("fleet.csv").replacen("status", "status,Notes", 1).replace("active", "active,x");
    fs::write(sheet.folder.join("rows"), rows).expect("written");
    let options = ["--format", "csv", "--ignore-column", "Notes", "--only", "a", "--allow-unknown-provider"];
    let planned = fleet(&[&["plan", "rows", "--out", "a plan.json", "--ledger", "l"], &options[..]].concat());
    // A shell's words for a path with a space.
    let words = format!("'a plan.json' {} --references env:FLEET_ --ledger l", options.join(" "));
    assert!(planned.stderr.contains(&format!("to apply it: ocamba fleet apply {words}\n")), "{planned:?}");
    let applied = fleet(&[&["apply", "a plan.json", "--ledger", "l"], &options[..]].concat());
    assert_eq!(applied.json()[0]["outcome"], "created");
}

#[cfg(unix)]
#[test]
fn link_to_a_result_file_is_kept_and_leads_to_the_result() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("links", &["a"]));
    std::os::unix::fs::symlink("target.csv", sheet.folder.join("link.csv")).expect("a link");
    sheet
        .run(&["apply", "fleet.csv", "--report", "link.csv", "--failed", "target.csv"])
        .assert_fails(BAD_INPUT, &["cannot be both the "]);
    let is_link = || sheet.folder.join("link.csv").is_symlink();
    let export = ["export", "-o", "link.csv", "--timeout", "0.2"];
    assert_ne!(sheet.run_at(&export, "http://127.0.0.1:1").code, 0);
    assert!(is_link() && !sheet.folder.join("target.csv").exists());
    assert_eq!(sheet.run_at(&export[..3], &sandbox.base_url).code, 0);
    assert!(is_link() && sheet.read("target.csv").starts_with("name,provider"));
}

#[test]
fn path_without_a_ledger_is_named_with_what_to_do() {
    let sheet = Sheet::new("no-ledger", &["a"]);
    fs::write(sheet.folder.join("empty.csv"), "").expect("written");
    fs::write(sheet.folder.join("other.db"), "no ledger").expect("written");
    fs::write(sheet.folder.join("plan.json"), "{\"ocamba_fleet_plan\":1}").expect("written");
    for (arguments, says) in [
        (&["status", "fleet.csv"][..], "fleet.csv has no ledger yet"),
        (&["status", "empty.csv"], "empty.csv has no ledger yet"),
        (&["status", "."], ". is a folder"),
        (&["status", "plan.json"], "plan.json is a saved plan"),
        (&["status", "nothing.csv"], "nothing.csv does not exist"),
        (&["status", "--ledger", "other.db"], "the ledger other.db is not a ledger; use another path"),
        (&["apply", "fleet.csv", "--ledger", "other.db"], "the ledger other.db is not a ledger; use another path"),
        (&["apply", "fleet.csv", "--ledger", "no/l"], "the ledger no/l could not be created"),
        (&["export", "--ledger", "no/l"], "the ledger no/l could not be created"),
    ] {
        let refused = sheet.run(arguments);
        refused.assert_fails(BAD_INPUT, &[says]);
        assert!(!refused.stderr.contains("again to resume"), "{refused:?}");
    }
    assert_eq!(sheet.read("empty.csv"), "");
}

#[cfg(unix)]
#[test]
fn pipe_has_no_ledger_beside_it_and_is_never_replaced() {
    use std::os::unix::fs::FileTypeExt;
    use std::process::Command;

    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("pipe", &["a"]));
    let pipe = sheet.folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let read = || Command::new("cat").arg(&pipe).stdout(std::process::Stdio::piped()).spawn().expect("cat");
    let reader = read();
    assert_eq!(sheet.run_at(&["export", "--out", "pipe", "--format", "csv"], &sandbox.base_url).code, 0);
    let written = reader.wait_with_output().expect("read");
    assert!(written.stdout.starts_with(b"name,provider,status"), "{written:?}");
    sheet.run(&["apply", "pipe", "--format", "csv"]).assert_fails(BAD_INPUT, &["a pipe need a ledger: --ledger PATH"]);
    assert!(fs::metadata(&pipe).expect("there").file_type().is_fifo() && !sheet.folder.join("pipe.ledger").exists());
    // Rows from a pipe are read once, from their first byte.
    let mut writer = Command::new("cp").arg(sheet.folder.join("fleet.csv")).arg(&pipe).spawn().expect("cp");
    let applied = sheet.run_at(&["apply", "pipe", "--format", "csv", "--ledger", "l"], &sandbox.base_url);
    assert_eq!(
        (applied.json()[0]["outcome"].as_str(), writer.wait().expect("written").code()),
        (Some("created"), Some(0))
    );
}

#[test]
fn export_replaces_an_earlier_one_and_says_so() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("replace", &[]));
    let export = || {
        let mut export = ocamba(&["fleet", "export", "-o", "account.csv"]);
        export.env("OCAMBA_TOKEN", "t").env("OCAMBA_BASE_URL", &sandbox.base_url).current_dir(&sheet.folder);
        run(&mut export)
    };
    for (content, says) in [(None, "account.csv\n"), (Some("of a person"), "and replaced those of before")] {
        content.into_iter().for_each(|text| fs::write(sheet.folder.join("account.csv"), text).expect("written"));
        let exported = export();
        assert!(exported.code == 0 && exported.stderr.contains(says), "{exported:?}");
    }
    assert!(sheet.read("account.csv").starts_with("name,provider"));
}
