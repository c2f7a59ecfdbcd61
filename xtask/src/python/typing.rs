//! The types of the Python package: its stubs are what the runtime is, and both checkers, strict, accept and reject the
//! samples as they should.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::run::run_quietly;
use crate::{Result, tools};

const SAMPLES: &str = "bindings/python/tests/typing";
const SETTINGS: &str = "bindings/python/pyproject.toml";
/// What a line that must be rejected ends in.
const REJECTED: &str = "# rejected";

/// A file and the number of a line in it.
type Place = (String, usize);

/// Checks the stubs and the samples, with mypy and pyright.
pub fn check(root: &Path, python: &Path) -> Result {
    let mut stubtest = Command::new(python);
    stubtest.args(["-I", "-m", "mypy.stubtest", "ocamba_hood", "--mypy-config-file", SETTINGS]).current_dir(root);
    run_quietly(stubtest)?;
    let expected = marked(root)?;
    if expected.is_empty() {
        return Err(format!("no line of {SAMPLES} ends in `{REJECTED}`").into());
    }
    compare("mypy", &expected, &mypy(root, python)?)?;
    compare("pyright", &expected, &pyright(root, python)?)?;
    println!("  mypy and pyright reject {} lines, and no other", expected.len());
    Ok(())
}

/// The lines that must be rejected.
fn marked(root: &Path) -> Result<BTreeSet<Place>> {
    let mut all = BTreeSet::new();
    for entry in std::fs::read_dir(root.join(SAMPLES))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "py") {
            let text = std::fs::read_to_string(&path)?;
            let lines = text.lines().enumerate().filter(|(_, line)| line.ends_with(REJECTED));
            all.extend(lines.map(|(index, _)| (name(&path.to_string_lossy()), index + 1)));
        }
    }
    Ok(all)
}

/// The lines with an error of mypy's: `path:line: error: message`.
fn mypy(root: &Path, python: &Path) -> Result<BTreeSet<Place>> {
    let mut mypy = Command::new(python);
    mypy.args(["-I", "-m", "mypy", "--config-file", SETTINGS, "--no-error-summary", "--hide-error-context", SAMPLES]);
    let output = String::from_utf8(mypy.current_dir(root).output()?.stdout)?;
    let place = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (path, number, kind) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        (kind.trim() == "error").then(|| (name(path), number))
    };
    Ok(output.lines().filter_map(place).collect())
}

/// The lines with an error of pyright's.
fn pyright(root: &Path, python: &Path) -> Result<BTreeSet<Place>> {
    let mut pyright = tools::npm("xtask/npm", "pyright")?;
    pyright.args(["--outputjson", "--project", SETTINGS, "--pythonpath"]).arg(python).current_dir(root);
    let output = pyright.output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("pyright made no report: {}", String::from_utf8_lossy(&output.stderr)))?;
    if report["summary"]["filesAnalyzed"] == 0 {
        return Err("pyright found no sample".into());
    }
    let diagnostics = report["generalDiagnostics"].as_array().cloned().unwrap_or_default();
    let place = |d: &Value| {
        let line = d["range"]["start"]["line"].as_u64()? as usize + 1;
        (d["severity"] == "error").then_some((name(d["file"].as_str()?), line))
    };
    Ok(diagnostics.iter().filter_map(place).collect())
}

fn compare(checker: &str, expected: &BTreeSet<Place>, found: &BTreeSet<Place>) -> Result {
    let list = |what: &str, places: Vec<&Place>| {
        let lines: Vec<_> = places.iter().map(|(file, line)| format!("  {SAMPLES}/{file}:{line}: {what}")).collect();
        lines.join("\n")
    };
    let wrong = [
        list("must be rejected, and is accepted", expected.difference(found).collect()),
        list("must be accepted, and is rejected", found.difference(expected).collect()),
    ];
    let wrong: Vec<_> = wrong.into_iter().filter(|text| !text.is_empty()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{checker} is not as expected:\n{}", wrong.join("\n")).into()) }
}

/// The name of a file, whatever the way to it.
fn name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
