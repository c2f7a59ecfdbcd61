//! Checks the types of the Python package: the stubs match the runtime, and both type checkers, in strict mode, accept
//! and reject the samples as marked.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::run::{program, run_quietly};
use crate::{Result, tools};

const SAMPLES: &str = "bindings/python/tests/typing";
const SETTINGS: &str = "bindings/python/pyproject.toml";
/// What the stubs may lack.
const ALLOWED: &str = "bindings/python/tests/typing/stubtest.txt";
/// The end of each line that must be rejected.
const REJECTED: &str = "# rejected";

const README: &str = "bindings/python/README.md";
/// The folder of the README's samples, which the settings of pyright name too.
const README_SAMPLES: &str = "target/readme-samples";

/// A file and the number of a line.
type Position = (String, usize);

/// Checks the stubs and the samples, with mypy and pyright.
pub fn check(root: &Path, python: &Path) -> Result {
    let stubtest = ["-I", "-m", "mypy.stubtest", "ocamba_hood", "--mypy-config-file", SETTINGS, "--allowlist", ALLOWED];
    run_quietly(program(python).args(stubtest).current_dir(root))?;
    write_readme_samples(root)?;
    let expected = marked(root)?;
    if expected.is_empty() {
        return Err(format!("no line of {SAMPLES} ends in `{REJECTED}`").into());
    }
    compare("mypy", &expected, &mypy(root, python)?)?;
    compare("pyright", &expected, &pyright(root, python)?)?;
    println!("  mypy and pyright reject the {} marked lines, and no other", expected.len());
    Ok(())
}

/// Writes each sample of the README to a file, in which the checkers must reject nothing.
fn write_readme_samples(root: &Path) -> Result {
    let folder = root.join(README_SAMPLES);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder)?;
    let text = std::fs::read_to_string(root.join(README))?;
    for (index, sample) in tools::code_blocks(&text, "python").enumerate() {
        std::fs::write(folder.join(format!("readme_{index:02}.py")), format!("{sample}\n"))?;
    }
    Ok(())
}

/// The lines that must be rejected.
fn marked(root: &Path) -> Result<BTreeSet<Position>> {
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

/// The lines with an error of mypy: `path:line: error: message`.
fn mypy(root: &Path, python: &Path) -> Result<BTreeSet<Position>> {
    let mypy = ["-I", "-m", "mypy", "--config-file", SETTINGS, "--no-error-summary", "--hide-error-context"];
    let output = String::from_utf8(
        program(python).args(mypy).args([SAMPLES, README_SAMPLES]).current_dir(root).output()?.stdout,
    )?;
    let place = |line: &str| {
        let mut parts = line.splitn(4, ':');
        let (path, number, kind) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        (kind.trim() == "error").then(|| (name(path), number))
    };
    Ok(output.lines().filter_map(place).collect())
}

/// The lines with an error of pyright.
fn pyright(root: &Path, python: &Path) -> Result<BTreeSet<Position>> {
    let mut pyright = tools::npm("xtask/npm", "pyright")?;
    pyright.args(["--outputjson", "--project", SETTINGS, "--pythonpath"]).arg(python).current_dir(root);
    let output = pyright.output()?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("pyright wrote no report: {}", String::from_utf8_lossy(&output.stderr)))?;
    if report["summary"]["filesAnalyzed"] == 0 {
        return Err("pyright found no samples".into());
    }
    let diagnostics = report["generalDiagnostics"].as_array().cloned().unwrap_or_default();
    let place = |d: &Value| {
        let line = d["range"]["start"]["line"].as_u64()? as usize + 1;
        (d["severity"] == "error").then_some((name(d["file"].as_str()?), line))
    };
    Ok(diagnostics.iter().filter_map(place).collect())
}

fn compare(checker: &str, expected: &BTreeSet<Position>, found: &BTreeSet<Position>) -> Result {
    let accepted = expected.difference(found).map(|position| (position, "accepted, but must be rejected"));
    let rejected = found.difference(expected).map(|position| (position, "rejected, but must be accepted"));
    let line = |((file, line), what): (&Position, &str)| format!("\n  {file}:{line}: {what}");
    let wrong: String = accepted.chain(rejected).map(line).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("{checker} disagrees with the marks:{wrong}").into()) }
}

/// The name of a file, without its folder.
fn name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned()
}
