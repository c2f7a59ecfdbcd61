//! `ocamba fleet`.

use std::process::Command;

use ocamba_hood::providers;
use serde_json::Value;

#[cfg(target_os = "linux")]
use crate::support::run_on_terminal;
use crate::support::{CANARY, Run, Running, Untouched, folder, ocamba, run};

const BAD_INPUT: i32 = 2;
const REJECTED: i32 = 3;

/// A folder with rows of the first provider, whose secrets are in the environment.
pub struct Sheet {
    pub folder: std::path::PathBuf,
}

impl Sheet {
    pub fn new(name: &str, rows: &[&str]) -> Self {
        let sheet = Self { folder: folder(&format!("fleet-{name}")) };
        sheet.write(rows, "plain");
        sheet
    }

    fn write(&self, rows: &[&str], value: &str) {
        let settings = providers()[0].settings;
        let columns: Vec<_> = settings.iter().map(|s| format!("settings.{}", s.name)).collect();
        let cells: Vec<_> = settings.iter().map(|s| if s.secret { "env:FLEET_SECRET" } else { value }).collect();
        let row = |name: &&str| format!("{name},{},active,{}\r\n", providers()[0].type_name, cells.join(","));
        let text =
            format!("name,provider,status,{}\r\n{}", columns.join(","), rows.iter().map(row).collect::<String>());
        std::fs::write(self.folder.join("fleet.csv"), text).expect("written");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).expect(name)
    }

    /// Runs a command that must not connect to a server.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_at(arguments, &Untouched::new().base_url())
    }

    pub fn run_at(&self, arguments: &[&str], base_url: &str) -> Run {
        let run = run(&mut self.command(arguments, base_url));
        assert!(!run.stdout.contains(CANARY) && !run.stderr.contains(CANARY), "{run:?}");
        run
    }

    fn command(&self, arguments: &[&str], base_url: &str) -> Command {
        let mut command = ocamba(&[&["fleet"], arguments].concat());
        if !["template", "status", "export"].contains(&arguments[0]) {
            command.args(["--references", "env:FLEET_"]);
        }
        command.current_dir(&self.folder).env("FLEET_SECRET", CANARY);
        command.env("OCAMBA_TOKEN", "test-token").env("OCAMBA_BASE_URL", base_url);
        command
    }
}

fn outcomes(report: &Value) -> Vec<&str> {
    report.as_array().expect("a list").iter().map(|row| row["outcome"].as_str().expect("an outcome")).collect()
}

#[test]
fn changed_rows_make_a_plan_stale() {
    let sandbox = Running::start(&["--no-limits"]);
    let sheet = Sheet::new("plan", &["a", "b"]);
    let fleet = |arguments: &[&str]| sheet.run_at(arguments, &sandbox.base_url);
    let plan = fleet(&["plan", "fleet.csv", "--out", "plan.json"]).json();
    let steps = plan["steps"].as_array().expect("a list");
    assert!(steps.len() == 2 && steps.iter().all(|step| step["action"] == "create"), "{plan}");
    let secret = providers()[0].settings.iter().find(|setting| setting.secret).expect("a secret").name;
    assert_eq!(steps[0]["references"], format!("{secret}=env:FLEET_SECRET"));
    let applied = fleet(&["apply", "plan.json", "--output", "json", "--report", "r.csv"]).json();
    assert_eq!(outcomes(&applied), ["created", "created"]);
    let report = sheet.read("r.csv");
    assert!(report.starts_with("line,name,provider_id,outcome,") && report.contains("=env:FLEET_SECRET\n"), "{report}");
    assert_eq!(outcomes(&fleet(&["apply", "plan.json"]).json()), ["unchanged", "unchanged"]);

    fleet(&["apply", "plan.json", "--only", "a"]).assert_fails(REJECTED, &["or other rows of it are selected"]);
    assert_eq!(fleet(&["plan", "fleet.csv", "--only", "a", "--out", "only.json"]).code, 0);
    fleet(&["apply", "only.json", "--only", "b"]).assert_fails(REJECTED, &["or other rows of it are selected"]);
    assert_eq!(fleet(&["apply", "plan.json", "--dry-run"]).code, 0);
    for command in ["plan", "check"] {
        fleet(&[command, "plan.json"]).assert_fails(BAD_INPUT, &["is a saved plan", "ocamba fleet apply plan.json"]);
    }
    sheet.write(&["a", "b", "c"], "other");
    for saved in [["apply", "plan.json"].as_slice(), &["apply", "fleet.csv", "--dry-run", "--plan", "plan.json"]] {
        fleet(saved).assert_fails(REJECTED, &["has changed", "make a new plan"]);
    }
    let shown = fleet(&["apply", "fleet.csv", "--dry-run", "--output", "table"]).stdout;
    assert!(shown.contains("\"plain\" -> \"other\"") && shown.contains("1 create, 2 update"), "{shown}");
    assert_eq!(outcomes(&fleet(&["apply", "fleet.csv"]).json()), ["updated", "updated", "created"]);
    for file in std::fs::read_dir(&sheet.folder).expect("a folder").flatten() {
        let bytes = std::fs::read(file.path()).expect("read");
        assert!(!String::from_utf8_lossy(&bytes).contains(CANARY), "{file:?}");
    }
}

#[test]
fn invalid_rows_report_their_lines_and_nothing_is_sent() {
    let sheet = Sheet::new("invalid", &["a", "a", "=cmd()"]);
    let places = ["fleet.csv:3: name names the same", "fleet.csv:4: name is a formula", "nothing was sent"];
    for command in [["check", "fleet.csv"], ["plan", "fleet.csv"], ["apply", "fleet.csv"]] {
        sheet.run(&command).assert_fails(BAD_INPUT, &places);
    }
    sheet.write(&["=cmd()"; 60], "plain");
    let many = ["fleet.csv:2: name is a formula", "(60 rows, from line 2 to 61)"];
    sheet.run(&["check", "fleet.csv"]).assert_fails(BAD_INPUT, &many);
    sheet
        .run(&["check", "t.XLS"])
        .assert_fails(BAD_INPUT, &["t.XLS", "workbooks of this format", ".xlsx, .ods or CSV"]);
    sheet.run(&["check", "not-there.csv"]).assert_fails(BAD_INPUT, &["not-there.csv"]);
}

#[test]
fn report_has_the_form_of_its_ending_and_the_job_a_summary() {
    let faults = r#"{"faults": [{"name": "b|", "fault": {"answer": {"status": 400}}}]}"#;
    let sheet = Sheet::new("report", &["a", "b|"]);
    std::fs::write(sheet.folder.join("faults.json"), faults).expect("written");
    let faults_path = sheet.folder.join("faults.json").display().to_string();
    let sandbox = Running::start(&["--no-limits", "--faults", &faults_path]);
    std::fs::write(sheet.folder.join("job.md"), "# Job\n\n").expect("written");
    for (path, begins) in [
        ("r.json", "[\n  {\n"),
        ("r.jsonl", "{\"line\":2,"),
        ("r.csv", "line,name,"),
        ("r.md", "## Fleet\n\n1 "),
        ("r.xml", "<?xml "),
        ("r.html", "<!doctype html>"),
        ("r.txt", "LINE  NAME"),
    ] {
        let mut command = sheet.command(&["apply", "fleet.csv", "--report", path], &sandbox.base_url);
        let run = run(command.env("GITHUB_STEP_SUMMARY", "job.md"));
        assert_eq!(
            (run.code, run.stdout.lines().count()),
            (REJECTED, 2),
            "what is done is only in the report: {run:?}"
        );
        assert!(run.stdout.contains(" b| ") && run.stderr.contains(&format!("the report is in {path}")), "{run:?}");
        assert!(sheet.read(path).starts_with(begins), "{path}: {}", sheet.read(path));
    }
    let summary = sheet.read("job.md");
    let begins = "# Job\n\n## fleet apply fleet.csv\n\n1 created, 1 failed\n\n| line | name |";
    assert!(summary.starts_with(begins) && summary.matches("## fleet").count() == 7, "{summary}");
    assert!(summary.contains("| 3 | b\\| |") && !summary.contains("| 2 |"), "{summary}");
    // Of many rows that are not done, some are printed.
    let names: Vec<_> = (0..60).map(|number| number.to_string()).collect();
    sheet.write(&names.iter().map(String::as_str).collect::<Vec<_>>(), "plain");
    let refuse = r#"{"faults": [{"operation": "createIntegration", "fault": {"answer": {"status": 400}}}]}"#;
    std::fs::write(&faults_path, refuse).expect("written");
    let refusing = Running::start(&["--no-limits", "--faults", &faults_path]);
    let run = sheet.run_at(&["apply", "fleet.csv", "--ledger", "other", "--report", "r.csv"], &refusing.base_url);
    assert!(run.code == REJECTED && run.stdout.ends_with("and 10 more rows that are not done, in r.csv\n"), "{run:?}");
    for path in ["r.pdf", "r.xlsx"] {
        sheet
            .run(&["apply", "fleet.csv", "--report", path])
            .assert_fails(BAD_INPUT, &[path, ".html", "nothing was sent"]);
        assert!(!sheet.folder.join(path).exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn apply_asks_on_a_terminal_before_it_changes_anything() {
    const NOT_SENT: i32 = 5;
    let names: Vec<_> = (0..60).map(|number| format!("n{number}")).collect();
    let sheet = Sheet::new("question", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let sandbox = Running::start(&["--no-limits"]);
    let apply = |options: &[&str], typed: &str| {
        run_on_terminal(&sheet.command(&[&["apply", "fleet.csv"], options].concat(), &sandbox.base_url), typed)
    };
    for typed in ["n\n", "\n", "yess\n"] {
        let (code, shown) = apply(&[], typed);
        assert_eq!(code, NOT_SENT, "{shown}");
        assert!(shown.contains("60 create") && shown.contains("Apply? [y/N]") && shown.contains("nothing was sent"));
        assert!(shown.contains("and 70 more lines") && !shown.contains("\"n59\""), "{shown}");
    }
    assert_eq!(sandbox.count("createIntegration"), 0);
    let (code, shown) = apply(&[], "Y\n");
    assert!(code == 0 && shown.contains("60 created"), "{shown}");
    sheet.write(&["other"], "plain");
    let (code, shown) = apply(&["--yes"], "");
    assert!(code == 0 && shown.contains("1 created") && !shown.contains("Apply?"), "{shown}");
    // Nothing is to be done, so nothing is asked.
    let (code, shown) = apply(&[], "");
    assert!(code == 0 && shown.contains("1 unchanged") && !shown.contains("Apply?"), "{shown}");
    assert_eq!(sandbox.count("createIntegration"), 61);
}

#[test]
fn template_can_be_checked() {
    let sheet = Sheet::new("template", &[]);
    let template = sheet.run(&["template", providers()[0].type_name]);
    std::fs::write(sheet.folder.join("t.csv"), &template.stdout).expect("written");
    sheet.run(&["check", "t.csv"]).assert_fails(BAD_INPUT, &["t.csv:2: name is required"]);
    let (_, prefix) = template.stderr.split_once("--references ").expect("the references");
    let checked = run(ocamba(&["fleet", "check", "t.csv", "--references", prefix.trim()]).current_dir(&sheet.folder));
    checked.assert_fails(BAD_INPUT, &["t.csv:2: name is required", "set the variable"]);
    sheet.run(&["template", "nobody"]).assert_fails(BAD_INPUT, &["no provider"]);
    let meant = format!("did you mean {}?", providers()[0].type_name);
    sheet.run(&["template", &format!("{}x", providers()[0].type_name)]).assert_fails(BAD_INPUT, &[&meant]);
}

#[test]
fn failed_rows_are_written_unchanged() {
    let faults = r#"{"faults": [{"name": "b", "fault": {"answer": {"status": 400}}}]}"#;
    let sheet = Sheet::new("failed", &["a", "b"]);
    std::fs::write(sheet.folder.join("faults.json"), faults).expect("written");
    let path = sheet.folder.join("faults.json").display().to_string();
    let sandbox = Running::start(&["--no-limits", "--faults", &path]);
    let run = sheet.run_at(&["apply", "fleet.csv", "--failed", "failed.csv"], &sandbox.base_url);
    assert_eq!(run.code, REJECTED, "{run:?}");
    assert_eq!(outcomes(&serde_json::from_str(&run.stdout).expect("JSON")), ["created", "failed"]);
    assert!(
        run.stderr.contains("1 created, 1 failed") && run.stderr.contains("correct the rows that failed"),
        "{run:?}"
    );
    let failed = sheet.read("failed.csv");
    assert!(failed.lines().count() == 2 && failed.contains("\nb,") && failed.contains("env:FLEET_SECRET"), "{failed}");
}

#[test]
fn sheet_is_read_as_people_have_it_and_damage_is_named() {
    let sheet = Sheet::new("people", &[]);
    let provider = &providers()[0];
    let columns: Vec<_> = provider.settings.iter().map(|s| format!("settings.{}", s.name)).collect();
    let row = |name: &str, secret: &str, plain: &str| {
        let cells: Vec<_> = provider.settings.iter().map(|s| if s.secret { secret } else { plain }).collect();
        format!("{name};{};to do; {};;\r\n", provider.type_name, cells.join(" ; "))
    };
    let write = |rows: &str| {
        let header = format!("sep=;\r\n# shops\r\nName;Provider;NOTES;{};;\r\n", columns.join(";"));
        std::fs::write(sheet.folder.join("people.csv"), format!("\u{feff}{header}{rows};;;\r\n")).expect("written");
    };
    let check = |arguments: &[&str]| sheet.run(&[&["check", "people.csv"], arguments].concat());
    let ignoring = ["--ignore-column", "NOTES"];
    write(&row("a", CANARY, "12"));
    check(&[]).assert_fails(BAD_INPUT, &["people.csv:3: has an unknown column \"NOTES\" (column C)", "ignore-column"]);
    check(&["--ignore-column", "NOTE"]).assert_fails(BAD_INPUT, &["has no column \"NOTE\"", "did you mean NOTES?"]);
    assert_eq!(check(&ignoring).code, 0);

    write(&(row("a", CANARY, "1.21556E+10") + &row("b", "$SHOP_KEY", "x")));
    check(&ignoring).assert_fails(BAD_INPUT, &["people.csv:4: settings.", "a spreadsheet has shortened"]);
    write(&(row("a", CANARY, "x") + &row("b", "$SHOP_KEY", "x")));
    let run = check(&ignoring);
    assert!(run.code == 0 && run.stderr.contains("people.csv:5: settings."), "{run:?}");
    assert!(run.stderr.contains("nothing has resolved") && !run.stderr.contains("SHOP_KEY"), "{run:?}");

    // A mistake of a whole column is one message.
    write(&(0..200).map(|index| row(&format!("n{index}"), CANARY, "")).collect::<String>());
    let run = check(&ignoring);
    assert!(run.code == BAD_INPUT && run.stderr.contains("(200 rows, from line 4 to 203)"), "{run:?}");
    assert!(run.stderr.lines().count() < 8, "{run:?}");
}

#[test]
fn exported_sheet_can_be_changed_and_applied() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("export", &["a", " b;\"#", "=c"]));
    let fleet = |arguments: &[&str]| sheet.run_at(arguments, &sandbox.base_url);
    std::fs::write(sheet.folder.join("rows.jsonl"), {
        let settings = providers()[0].settings.iter().map(|s| (s.name.to_owned(), CANARY.into()));
        let settings: serde_json::Map<String, Value> = settings.collect();
        let row = |name: &str| {
            format!("{}\n", serde_json::json!({"name": name, "provider": providers()[0].id, "settings": settings}))
        };
        row("a") + &row(" b;\"#") + &row("=c")
    })
    .expect("written");
    assert_eq!(fleet(&["apply", "rows.jsonl"]).code, 0);
    // In clear only on request.
    let plain = providers()[0].settings.iter().any(|setting| !setting.secret);
    let export_to = |arguments: &[&str]| {
        let mut export = ocamba(&[&["fleet", "export"], arguments].concat());
        export.env("OCAMBA_TOKEN", "test-token").env("OCAMBA_BASE_URL", &sandbox.base_url).current_dir(&sheet.folder);
        export
    };
    assert_eq!(run(&mut export_to(&["-o", "account.yaml", "--reveal"])).code, 0);
    assert!(plain && sheet.read("account.yaml").matches(CANARY).count() > 3);
    for (file, is_hidden) in [("account.yaml", false), ("account.csv", true)] {
        if is_hidden {
            let exported = run(&mut export_to(&["--out", file]));
            assert!(exported.code == 0 && exported.stderr.contains("--references env:"), "{exported:?}");
            let written = run(&mut export_to(&["--out", file, "--output", "json"])).json();
            assert!(written["rows"] == 3 && written["left_out"] == serde_json::json!([]), "{written}");
            run(&mut ocamba(&["fleet", "export", "--out", "a.xlsx"]))
                .assert_fails(BAD_INPUT, &["workbooks are only read"]);
        }
        let text = sheet.read(file);
        let prefix = providers()[0].type_name.to_ascii_uppercase();
        let mut plan = ocamba(&["fleet", "plan", file, "--references", &format!("env:{prefix}_"), "--output", "json"]);
        for variable in text.split("env:").skip(1) {
            plan.env(variable.split([',', '\n', '"']).next().expect("a name"), CANARY);
        }
        plan.env("OCAMBA_TOKEN", "test-token").env("OCAMBA_BASE_URL", &sandbox.base_url).current_dir(&sheet.folder);
        let plan = run(&mut plan).json();
        let steps = plan["steps"].as_array().expect("a list");
        let actions: Vec<_> = steps.iter().map(|step| step["action"].to_string()).collect();
        assert_eq!(actions, ["\"unchanged\""; 3], "{file}: {plan}");
    }
    // The ledger beside it knows which integration a renamed row is.
    std::fs::write(sheet.folder.join("account.yaml"), sheet.read("account.yaml").replace("\"a\"", "\"a2\""))
        .expect("written");
    let applied = fleet(&["apply", "account.yaml"]);
    let applied_rows = applied.json();
    let mut outcomes = outcomes(&applied_rows);
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["unchanged", "unchanged", "updated"], "{applied:?}");
    assert_eq!(sandbox.count("createIntegration"), 3);
    // On standard output, there is no place beside it.
    assert_eq!(run(&mut export_to(&["--reveal", "-o", "-"])).code, 0);
    run(&mut export_to(&["-o", "one.csv", "--ledger", "one.csv"])).assert_fails(BAD_INPUT, &["give two paths"]);
    assert_eq!(run(&mut export_to(&["--ledger", "one.ledger"])).code, 0);
    assert_eq!(fleet(&["status", "--ledger", "one.ledger", "--output", "json"]).json()["rows"][0]["name"], " b;\"#");
    // A ledger of another account keeps the sheet.
    let (other, before) = (Running::start(&["--no-limits"]), sheet.read("account.csv"));
    let mut export = export_to(&["-o", "account.csv"]);
    run(export.env("OCAMBA_BASE_URL", &other.base_url)).assert_fails(BAD_INPUT, &["is of another account"]);
    assert_eq!(sheet.read("account.csv"), before);
}

#[test]
fn plan_tells_whether_the_account_matches_and_what_was_renamed_or_removed() {
    let (sandbox, sheet) = (Running::start(&["--no-limits"]), Sheet::new("drift", &["a", "b", "c"]));
    let fleet = |arguments: &[&str]| sheet.run_at(arguments, &sandbox.base_url);
    let plan =
        |arguments: &[&str]| fleet(&[&["plan", "fleet.csv", "--exit-code", "--output", "table"], arguments].concat());
    assert_eq!((plan(&[]).code, plan(&["--only", "b"]).code), (2, 2));
    plan(&["--only", "aa"]).assert_fails(1, &["no row of fleet.csv has the name \"aa\"", "nothing was sent"]);
    assert_eq!(outcomes(&fleet(&["apply", "fleet.csv", "--only", "b"]).json()), ["created"]);
    assert_eq!(outcomes(&fleet(&["apply", "fleet.csv"]).json()), ["created", "unchanged", "created"]);
    assert_eq!(plan(&[]).code, 0);
    let status = fleet(&["status", "fleet.csv", "--output", "json"]).json();
    let rows = status["rows"].as_array().expect("a list");
    assert!(rows.len() == 3 && rows.iter().all(|row| row["state"] == "done"), "{status}");
    assert_eq!(status["is_running"], false);
    assert_eq!(fleet(&["status", "--ledger", "fleet.csv.ledger", "--output", "json"]).json(), status);
    fleet(&["status", "nothing.csv"]).assert_fails(BAD_INPUT, &["does not exist"]);

    // Rows that are left alone are no orphans.
    assert!(!plan(&["--only", "a"]).stderr.contains("of no row"));
    sheet.write(&["a", "b"], "plain");
    let removed = plan(&[]);
    assert!(removed.code == 0 && removed.stdout.contains("? in the ledger, in no row: \"c\""), "{removed:?}");
    assert_eq!(fleet(&["plan", "fleet.csv", "--output", "json"]).json()["orphans"][0]["name"], "c");
    sheet.write(&["a", "b", "c2"], "plain");
    let renamed = plan(&[]);
    assert!(renamed.code == 2 && renamed.stdout.contains("name: \"c\" -> \"c2\""), "{renamed:?}");
    assert!(renamed.stdout.contains("0 create, 1 update") && !renamed.stdout.contains("in no row"), "{renamed:?}");
    assert_eq!(outcomes(&fleet(&["apply", "fleet.csv"]).json()), ["unchanged", "unchanged", "updated"]);
    assert_eq!((plan(&[]).code, sandbox.count("createIntegration")), (0, 3));
    // The old name is free again.
    sheet.write(&["a", "b", "c", "c2"], "plain");
    assert_eq!(outcomes(&fleet(&["apply", "fleet.csv"]).json()), ["unchanged", "unchanged", "created", "unchanged"]);
}
