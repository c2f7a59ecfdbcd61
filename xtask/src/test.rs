//! `cargo xtask test`: all checks, from the quickest to the slowest.

use std::path::Path;
use std::process::Command;

use crate::run::{RATE_LIMIT_DIR, Step, command, run, run_quietly, steps};
use crate::{
    Result, audit, browser, codegen, conformance, dist, fleet_report, generators, layers, node, notices, prism, python,
    root, samples, schemathesis, seventh_provider, tools, torture, words,
};

const STEPS: &[Step] = &[
    Step::new("codegen", "compares the generated files with the OpenAPI document", codegen::check)
        .fix(codegen::COMMAND),
    Step::new("format", "checks the format of the Rust code", || run(&mut command("cargo fmt --all --check")))
        .fix("cargo fmt --all"),
    Step::new("layers", "checks that imports run from higher to lower layers, without a circle", layers::test),
    Step::new("words", "checks that text and names use the field's words", words::test),
    Step::new("notices", "checks that each package comes with the licences of the crates in it", notices::check)
        .fix("cargo xtask notices"),
    Step::new("metadata", "checks versions and metadata of everything that is published", dist::check),
    Step::new("audit", "searches Python, JavaScript and workflows for unsafe code", audit::offline)
        .fix("cargo xtask audit bandit eslint zizmor"),
    Step::new("lint-spec", "lints the OpenAPI document and its bundle with Redocly", lint_spec),
    Step::new("clippy", "checks that the Rust code has no warning", clippy)
        .fix("cargo clippy --workspace --all-targets"),
    Step::new("rust", "runs unit tests, doc tests and snapshots, and tests the binary end to end", rust)
        .fix("cargo test --workspace, and `cargo insta review` or INSTA_UPDATE=always after reading new snapshots"),
    Step::new(
        "seventh-provider",
        "adds a provider to a copy's document, and tests it everywhere",
        seventh_provider::test,
    )
    .beside(),
    Step::new(
        "schemathesis",
        "holds the sandbox's responses against the document with Schemathesis",
        schemathesis::test,
    ),
    Step::new("generators", "makes clients of the document with openapi-typescript and openapi-python-client", || {
        generators::quick(&root())
    })
    .fix("cargo xtask generators"),
    Step::new("python", "builds the Python wheels, installs them, and tests their types and behaviour", python::test),
    Step::new("node", "packs the Node packages, and tests types, behaviour and size, also in Bun and Deno", node::test),
    Step::new(
        "conformance",
        "runs tests/conformance in Rust, Python and Node, and compares the results",
        conformance::test,
    )
    .fix("cargo xtask test python node conformance"),
    Step::new("fleet-report", "compares plans and reports of the command line, Python and Node", fleet_report::test)
        .fix("cargo xtask test python node fleet-report"),
    Step::new("samples", "runs each code sample of the document in its language", samples::test)
        .fix("cargo xtask test python node samples"),
    Step::new("prism", "holds requests and responses against the document with Prism", prism::test)
        .fix("cargo xtask test python node prism"),
    Step::new("browser", "tests the sandbox's pages in Chromium", browser::test)
        .fix("cargo xtask test python node browser"),
    Step::new("torture", "runs the short form of `cargo xtask torture`", torture::short).fix("cargo xtask torture"),
];

/// Runs the chosen steps, or all if none is chosen.
pub fn test(chosen: &[String]) -> Result {
    // State of an earlier run, which must not reach this one. A step beside others has another folder.
    let folder = root().join("target/rate-limit");
    if std::env::var_os(RATE_LIMIT_DIR).is_some_and(|used| Path::new(&used) == folder) {
        let _ = std::fs::remove_dir_all(folder);
    }
    steps("test", STEPS, chosen)
}

/// Regenerates and formats, then runs all steps.
pub fn ready() -> Result {
    codegen::write()?;
    run(&mut command("cargo fmt --all"))?;
    test(&[])
}

fn lint_spec() -> Result {
    let mut lint = tools::npm("xtask/npm", "redocly")?;
    lint.args(["lint", "openapi/hood.yaml", "openapi/hood.json", "--config", "xtask/npm/redocly.yaml"]);
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run_quietly(&mut lint).map(drop)
}

fn clippy() -> Result {
    run(&mut command("cargo clippy --quiet --workspace --all-targets -- --deny warnings"))
}

fn rust() -> Result {
    tools::debian("redis-server", "redis-server")?;
    // People read and accept snapshots; a test run never writes them.
    run(rust_tests(&mut command("cargo test --quiet --workspace")).env("INSTA_UPDATE", "no"))
}

/// Has a command run more tests of Rust at once than the machine has processors: most of the slow ones wait.
pub fn rust_tests(command: &mut Command) -> &mut Command {
    command.env("RUST_TEST_THREADS", "6")
}
