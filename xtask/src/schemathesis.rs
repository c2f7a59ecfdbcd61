//! Schemathesis, which knows only the document, asks the sandbox all that it can think of.

use std::process::Command;

use crate::run::{command, run, run_quietly};
use crate::server::{Server, TOKEN};
use crate::{Result, root, tools};

/// All checks, of all phases, with what the document allows and what it does not. The same seed makes the same requests.
const OPTIONS: &str = "--checks all --mode all --phases examples,coverage,fuzzing,stateful --seed 6 --max-examples 50 \
    --continue-on-failure --generation-database none --no-color";
/// Not about the API: how long it takes to think of a request is a matter of the machine.
const TOLERATED: &str = "--suppress-health-check too_slow";
/// Never reached, so that answers have the headers that tell of limits.
const LIMITS: [&str; 4] = ["--burst", "1000000", "--steady", "1000000"];
/// Checks that are on, but have nothing to try here.
const IDLE: [(&str, &str); 2] = [
    ("use_after_free", "no operation deletes anything"),
    (
        "object_level_authorization",
        "a sandbox is one account, so there is no other whose integrations could be asked for",
    ),
];

/// Fails when an answer is not as the document says, what it allows is refused, or what it does not allow is taken.
pub fn test() -> Result {
    let python = tools::python("schemathesis", "xtask/python/schemathesis.txt")?;
    run(command("cargo build --quiet --package ocamba-cli"))?;
    let sandbox = Server::sandbox(&LIMITS)?;
    // It leaves files where it runs.
    let folder = root().join("target/schemathesis");
    std::fs::create_dir_all(&folder)?;
    let mut schemathesis = Command::new(python.with_file_name("schemathesis"));
    schemathesis.arg("run").arg(root().join("openapi/hood.json")).args(["--url", &sandbox.url]);
    schemathesis.arg("--header").arg(format!("Authorization: Bearer {TOKEN}"));
    schemathesis.args(OPTIONS.split_whitespace()).args(TOLERATED.split_whitespace()).current_dir(folder);
    let report = run_quietly(schemathesis).map_err(|error| {
        format!(
            "{error}\nThe document and the sandbox disagree. To send one of the requests above again, run: cargo run -- sandbox --token {TOKEN}\n\
             Mend openapi/hood.yaml (then run: cargo xtask codegen) or crates/sandbox, whichever says what is not so."
        )
    })?;
    for told in ["API Links:", "generated,"] {
        report.lines().filter(|line| line.contains(told)).for_each(|line| println!("  {}", line.trim()));
    }
    for (check, reason) in IDLE {
        println!("  {check} had nothing to try: {reason}");
    }
    Ok(())
}
