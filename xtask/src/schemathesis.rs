//! Schemathesis sends the sandbox every request that it derives from the document.

use crate::run::{command, program, run, run_quietly};
use crate::server::{Server, TOKEN};
use crate::{Result, root, tools};

/// All checks, in all phases, with valid and invalid requests. The same seed makes the same requests.
const OPTIONS: &str = "--checks all --mode all --phases examples,coverage,fuzzing,stateful --seed 6 --max-examples 50 \
    --continue-on-failure --generation-database none --no-color";
/// The time to generate a request depends on the machine, not on the API.
const TOLERATED: &str = "--suppress-health-check too_slow";
/// High enough never to be reached, so that responses have the rate limit headers.
const LIMITS: [&str; 4] = ["--burst", "1000000", "--steady", "1000000"];
/// Checks that are on, but do not apply here.
const IDLE: [(&str, &str); 2] = [
    ("use_after_free", "no operation deletes anything"),
    ("object_level_authorization", "a sandbox is one account, so no other account's integrations exist"),
];

/// Fails when a response differs from the document, a valid request is rejected, or an invalid one is accepted.
pub fn test() -> Result {
    let python = tools::python("schemathesis", "xtask/python/schemathesis.txt")?;
    run(&mut command("cargo build --quiet --package ocamba-cli"))?;
    let sandbox = Server::sandbox(&LIMITS)?;
    // Schemathesis writes files to its working folder.
    let folder = root().join("target/schemathesis");
    std::fs::create_dir_all(&folder)?;
    let mut schemathesis = program(python.with_file_name("schemathesis"));
    schemathesis.arg("run").arg(root().join("openapi/hood.json")).args(["--url", &sandbox.url]);
    schemathesis.arg("--header").arg(format!("Authorization: Bearer {TOKEN}"));
    schemathesis.args(OPTIONS.split_whitespace()).args(TOLERATED.split_whitespace()).current_dir(folder);
    let report = run_quietly(&mut schemathesis).map_err(|error| {
        format!(
            "{error}\nThe document and the sandbox disagree. To send one of the requests above again, run: cargo run -- sandbox --token {TOKEN}\n\
             Fix openapi/hood.yaml (then run: {}) or crates/sandbox, whichever is wrong.",
            crate::codegen::COMMAND
        )
    })?;
    for part in ["API Links:", "generated,"] {
        report.lines().filter(|line| line.contains(part)).for_each(|line| println!("  {}", line.trim()));
    }
    for (check, reason) in IDLE {
        println!("  {check} does not apply: {reason}");
    }
    Ok(())
}
