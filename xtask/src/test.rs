//! `cargo xtask test`: everything that must hold, in the order in which a mistake is cheapest to find.

use crate::run::{Step, command, run, run_quietly, steps};
use crate::{
    Result, browser, codegen, conformance, fleet_report, layers, node, prism, python, samples, schemathesis,
    seventh_provider, tools, torture, words,
};

/// All the steps, by name.
const STEPS: &[Step] = &[
    Step {
        name: "codegen",
        about: "the generated files are what the document says",
        mend: "cargo xtask codegen",
        work: codegen::check,
    },
    Step {
        name: "format",
        about: "the Rust is formatted",
        mend: "cargo fmt --all",
        work: || run(command("cargo fmt --all --check")),
    },
    Step {
        name: "layers",
        about: "checks that imports run from higher layers to lower ones, without a circle",
        mend: "cargo xtask test layers",
        work: layers::test,
    },
    Step {
        name: "words",
        about: "checks that text and names use the field's words",
        mend: "cargo xtask test words",
        work: words::test,
    },
    Step {
        name: "lint-spec",
        about: "the OpenAPI document and its bundle pass Redocly's lint",
        mend: "cargo xtask test lint-spec",
        work: lint_spec,
    },
    Step {
        name: "clippy",
        about: "the Rust has no warning",
        mend: "cargo clippy --workspace --all-targets",
        work: || run(command("cargo clippy --quiet --workspace --all-targets -- --deny warnings")),
    },
    Step {
        name: "rust",
        about: "unit tests, doc tests, snapshots, and the binary end to end",
        mend: "cargo test --workspace, and `cargo insta review` or INSTA_UPDATE=always after reading new snapshots",
        work: rust,
    },
    Step {
        name: "schemathesis",
        about: "Schemathesis, which knows only the document, finds no answer of the sandbox that is not as it says",
        mend: "cargo xtask test schemathesis",
        work: schemathesis::test,
    },
    Step {
        name: "python",
        about: "the Python wheels: built as shipped, installed, typed as promised, and tested",
        mend: "cargo xtask test python",
        work: python::test,
    },
    Step {
        name: "node",
        about: "the Node package as it is published: types, tests, sizes, Bun and Deno",
        mend: "cargo xtask test node",
        work: node::test,
    },
    Step {
        name: "conformance",
        about: "the cases of tests/conformance in Rust, Python and Node, which must all see the same",
        mend: "cargo xtask test python node conformance",
        work: conformance::test,
    },
    Step {
        name: "fleet-report",
        about: "the same sheet through the command line, Python and Node gives the same plan, report and mistakes",
        mend: "cargo xtask test python node fleet-report",
        work: fleet_report::test,
    },
    Step {
        name: "samples",
        about: "each code sample of the document does in its own language what it says",
        mend: "cargo xtask test python node samples",
        work: samples::test,
    },
    Step {
        name: "prism",
        about: "Prism, between each client and the sandbox, sees nothing that the document does not say",
        mend: "cargo xtask test python node prism",
        work: prism::test,
    },
    Step {
        name: "browser",
        about: "the sandbox's pages, in Chromium: all that happens is seen at once, and nothing foreign gets in",
        mend: "cargo xtask test python node browser",
        work: browser::test,
    },
    Step {
        name: "torture",
        about: "the short form of `cargo xtask torture`",
        mend: "cargo xtask torture",
        work: torture::short,
    },
    Step {
        name: "seventh-provider",
        about: "a provider added to the document alone works everywhere",
        mend: "cargo xtask test seventh-provider",
        work: seventh_provider::test,
    },
];

/// Steps that run only when they are named.
const UNLISTED: [&str; 2] = ["layers", "words"];

/// Runs the steps whose names are given, or all.
pub fn test(chosen: &[String]) -> Result {
    let all = STEPS.iter().map(|step| step.name.to_owned()).filter(|name| !UNLISTED.contains(&name.as_str()));
    if chosen.is_empty() { steps(STEPS, &all.collect::<Vec<_>>()) } else { steps(STEPS, chosen) }
}

/// Mends what can be mended by a command, then runs everything.
pub fn ready() -> Result {
    codegen::write()?;
    run(command("cargo fmt --all"))?;
    test(&[])
}

fn lint_spec() -> Result {
    let mut lint = tools::npm("xtask/npm", "redocly")?;
    lint.args(["lint", "openapi/hood.yaml", "openapi/hood.json", "--config", "xtask/npm/redocly.yaml"]);
    lint.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    run_quietly(lint).map(|_| ())
}

fn rust() -> Result {
    // For the tests of the rate limit.
    tools::debian("redis-server", "redis-server")?;
    let mut test = command("cargo test --quiet --workspace");
    // Snapshots are read by people before they are accepted, never written by a test run.
    test.env("INSTA_UPDATE", "no");
    run(test)
}
