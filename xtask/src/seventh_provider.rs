//! A copy of the project learns from the probe of a server with a new provider and new fields; they must then work everywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::codegen::spec::Spec;
use crate::run::{command, command_in, program, run_quietly};
use crate::server::{Server, TOKEN};
use crate::test::rust_tests;
use crate::{Result, generators, node, python, root, samples, tools};

/// The new provider's name.
const TITLE: &str = "Pigeon Post";

/// Where the new fields are typed: a file, and a part of it.
const TYPED: [(&str, &str); 9] = [
    ("crates/hood/src/model/generated.rs", "pub carrier_hint: ::std::option::Option<::std::string::String>"),
    ("crates/hood/src/model/results.rs", "pub priority: Option<i64>"),
    ("crates/hood/src/model/results.rs", "pub region: Option<String>"),
    ("bindings/python/lib/ocamba_hood/_generated.pyi", "carrier_hint: str | None"),
    ("bindings/python/lib/ocamba_hood/_generated.pyi", "priority: int | None"),
    ("bindings/python/lib/ocamba_hood/_generated.pyi", "region: str | None"),
    ("bindings/node/lib/types.d.ts", "carrier_hint?: string"),
    ("bindings/node/lib/types.d.ts", "priority?: number"),
    ("bindings/node/lib/types.d.ts", "region?: string"),
];

/// Has a copy learn, and runs the commands of a maintainer.
pub fn test() -> Result {
    let copy = root().join("target/seventh-provider");
    let _ = std::fs::remove_dir_all(&copy);
    // The sources last: cargo takes a build for one of them only if they are older, and another step may build meanwhile.
    tools::copy_build("debug", &copy.join("target"))?;
    tools::copy_project(&copy)?;
    // The report is all that a maintainer has; what it leads to is the only change by hand.
    let report = copy.join("target/report.json");
    probe(&report)?;
    run_quietly(cargo(&copy, "xtask learn --write").arg(&report))?;
    let before = contents(&copy)?;

    run_quietly(&mut cargo(&copy, "xtask codegen"))?;
    for (file, part) in TYPED {
        if !std::fs::read_to_string(copy.join(file))?.contains(part) {
            return Err(format!("{file} has no {part}").into());
        }
    }
    let tests = || {
        run_quietly(rust_tests(&mut cargo(&copy, "test --quiet --workspace")).env("INSTA_UPDATE", "always")).map(drop)
    };
    // Other steps run beside it and slow some tests. What it shows does not depend on time.
    tests().or_else(|error| {
        println!("the tests are repeated, since they failed:\n{error}");
        tests()
    })?;
    only_expected_changes(&before, &contents(&copy)?)?;
    run_quietly(&mut cargo(&copy, "xtask test codegen lint-spec"))?;

    let create = "run --quiet -- integrations create openapi/examples/pigeon-post/request.json --sandbox";
    let created = run_quietly(&mut cargo(&copy, create))?;
    for expected in ["\"provider_id\": \"1006\"", "\"loft_name\": \"example\"", "\"type\": \"pigeon\"", "[REDACTED]"] {
        if !created.contains(expected) {
            return Err(format!("the integration that the command line created has no {expected}:\n{created}").into());
        }
    }
    let python = python::test_copy(&copy)?;
    node::test_providers(&copy)?;
    samples::test_copy(&copy, python, TITLE)?;
    generators::quick(&copy)?;
    // It has gigabytes.
    Ok(std::fs::remove_dir_all(&copy)?)
}

/// Probes a sandbox with that provider, a new setting of a known one, and new fields of what it returns.
fn probe(report: &Path) -> Result {
    run_quietly(&mut command("cargo build --quiet --package ocamba-cli"))?;
    // Limits of which it shows the headers, and for which nobody waits.
    let sandbox = Server::sandbox(&["--burst", "1000", "--steady", "2000"])?;
    let providers = Spec::load(&root())?.providers;
    // One that no example of Rust has as a literal: that is how a new setting of it is written there, too.
    let last = providers.len() - 1;
    let known = &providers[last];
    sandbox.request("POST", "/_sandbox/integrations", &known.request.to_string())?;
    let setting = |name| json!({ "name": name, "type": "string", "required": true });
    let provider = json!({
        "id": "1006", "type": "pigeon", "name": TITLE, "settings": [setting("loft_name"), setting("whistle_token")],
    });
    let optional = json!({ "name": "carrier_hint", "type": "string", "required": false });
    let change = |set| json!({ "change": { "set": set } });
    let described = json!({
        format!("/items/{last}/region"): "eu", format!("/items/{last}/settings/-"): optional, "/items/-": provider,
    });
    let faults = json!({ "faults": [
        { "operation": "listProviders", "fault": change(described) },
        { "operation": "listIntegrations", "fault": change(json!({ "/items/0/priority": 3 })) },
    ] });
    sandbox.request("PUT", "/_sandbox/faults", &faults.to_string())?;
    let mut probe = program(root().join("target/debug/ocamba"));
    probe.args(["probe", "--report"]).arg(report).env("OCAMBA_TOKEN", TOKEN).env("OCAMBA_BASE_URL", &sandbox.url);
    probe.env("OCAMBA_RATE_LIMIT_TIER", "1000/2000");
    run_quietly(&mut probe).map(drop)
}

/// Cargo in the copy, with its own build folder: cargo confuses the same crate of two copies.
fn cargo(copy: &Path, words: &str) -> std::process::Command {
    let mut cargo = command_in(copy, &format!("cargo {words}"));
    cargo.env("CARGO_TARGET_DIR", copy.join("target")).env("CARGO_INCREMENTAL", "0");
    cargo
}

/// Fails if anything but generated files and snapshots changed, or a snapshot by more than the new fields.
fn only_expected_changes(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Result {
    for (path, text) in after {
        let first_line = text.split(|b| *b == b'\n').next().unwrap_or_default();
        let generated = String::from_utf8_lossy(first_line).contains("@generated");
        let is_snapshot = path.extension().is_some_and(|e| e == "snap");
        let is_expected = match before.get(path) {
            Some(before) => before == text || is_snapshot && without_new_fields(text) == without_new_fields(before),
            None => is_snapshot,
        };
        if !is_expected && !generated {
            return Err(format!("the new provider changed {}", path.display()).into());
        }
    }
    Ok(())
}

/// The lines of a snapshot that name no new field.
fn without_new_fields(snapshot: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(snapshot);
    let is_new = |line: &&str| ["carrier_hint", "priority", "region"].iter().any(|field| line.contains(field));
    text.lines().filter(|line| !is_new(line)).map(str::to_owned).collect()
}

/// Every file of the copy, without builds.
fn contents(copy: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for path in tools::walk(copy)?.into_iter().filter(|path| !path.ends_with("Cargo.lock")) {
        all.insert(path.strip_prefix(copy)?.to_owned(), std::fs::read(&path)?);
    }
    Ok(all)
}
