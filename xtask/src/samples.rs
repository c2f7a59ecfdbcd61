//! Runs every code sample of the document in its own language against the sandbox, which must see it succeed.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::run::{command, command_in, program, run, run_quietly};
use crate::server::{Server, TOKEN};
use crate::{Result, codegen, conformance, node, python, root, tools};

/// Separates a sample's language from its provider.
const SEPARATOR: &str = " · ";
/// Each language, and how to run its samples.
const LANGUAGES: [(&str, Runner); 7] = [
    ("cURL", |_, sample| Ok(shell(sample))),
    ("JavaScript fetch", |setup, sample| script("node", &setup.work, sample, "mjs")),
    ("PHP", |setup, sample| script("php", &setup.work, sample, "php")),
    ("Rust", |setup, sample| Ok(rust(setup, sample))),
    ("Python", |setup, sample| script(&setup.python, &setup.work, sample, "py")),
    // Node looks for modules next to the script.
    ("Node", |setup, sample| script("node", &setup.node, sample, "mjs")),
    ("Command line", |_, sample| Ok(shell(sample))),
];

type Runner = fn(&Setup, &Sample) -> Result<Command>;

/// Paths that samples need.
struct Setup {
    /// The project, or a copy of it.
    root: PathBuf,
    /// A Python with the package.
    python: PathBuf,
    /// A folder with the installed Node package.
    node: PathBuf,
    /// The folder for scripts.
    work: PathBuf,
}

struct Sample {
    operation: String,
    label: String,
    source: String,
    /// The status of a success.
    status: u16,
    /// Whether a success creates or changes something.
    commits: bool,
}

/// Runs all samples with the installed packages.
pub fn test() -> Result {
    let work = root().join("target/samples");
    run_all(&Setup { root: root(), python: python::installed()?, node: node::installed()?, work }, None)
}

/// Runs the samples of a provider in a copy of the project, whose document has it.
pub fn test_copy(copy: &Path, python: PathBuf, title: &str) -> Result {
    let (node, work) = (copy.join("target/npm/fresh"), copy.join("target/samples"));
    run_all(&Setup { root: copy.to_owned(), python, node, work }, Some(title))
}

fn run_all(setup: &Setup, title: Option<&str>) -> Result {
    tools::debian("curl", "curl")?;
    tools::debian("php", "php-cli")?;
    let has_curl = || command("php -r exit(+!extension_loaded('curl'));").status().is_ok_and(|it| it.success());
    tools::debian_unless(has_curl, "the cURL extension of PHP", "php-curl")?;
    let document = conformance::read(&setup.root.join("openapi/hood.json"))?;
    let mut samples = samples(&document)?;
    samples.retain(|sample| title.is_none_or(|title| sample.label.ends_with(&format!("{SEPARATOR}{title}"))));
    if samples.is_empty() {
        return Err(format!("openapi/hood.json has no samples; run: {}", codegen::COMMAND).into());
    }
    let mut build = command_in(&setup.root, "cargo build --quiet --package ocamba-cli --package ocamba-samples");
    run(build.env("CARGO_TARGET_DIR", setup.root.join("target")))?;
    std::fs::create_dir_all(&setup.work)?;
    let sandbox = Server::sandbox_of(&setup.root, &["--no-limits"])?;
    let wrong: Vec<_> = samples.iter().filter_map(|sample| check(setup, sample, &document, &sandbox).err()).collect();
    for error in &wrong {
        println!("  WRONG {error}");
    }
    println!("  {} samples in {} languages were run", samples.len(), LANGUAGES.len());
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} samples failed", wrong.len()).into()) }
}

/// The samples of the document: of each operation, in each language, for each provider of its body.
fn samples(document: &Value) -> Result<Vec<Sample>> {
    let mut all = Vec::new();
    let items = document["paths"].as_object().into_iter().flatten();
    for (method, operation) in items.flat_map(|(_, item)| item.as_object().into_iter().flatten()) {
        let Some(id) = operation["operationId"].as_str() else { continue };
        let statuses = operation["responses"].as_object().into_iter().flatten();
        let mut statuses = statuses.filter_map(|(status, _)| status.parse::<u16>().ok());
        let status = statuses.find(|it| it / 100 == 2).ok_or(format!("{id} has no response of success"))?;
        let titles: Vec<_> = examples(operation).map(|(title, _)| title).collect();
        let samples = operation["x-codeSamples"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (language, _) in LANGUAGES {
            // An operation whose body depends on the provider has an example of each.
            let labels = match titles.as_slice() {
                [] | [_] => vec![language.to_owned()],
                many => many.iter().map(|title| format!("{language}{SEPARATOR}{title}")).collect(),
            };
            for label in labels {
                let found = samples.iter().find(|sample| sample["label"] == label.as_str());
                let source = found.and_then(|sample| sample["source"].as_str());
                let source = source.ok_or(format!("{id} has no sample {label}"))?.to_owned();
                let commits = method != "get" && id != "validateIntegration";
                all.push(Sample { operation: id.to_owned(), label, source, status, commits });
            }
        }
        let expected = LANGUAGES.len() * titles.len().max(1);
        if samples.len() != expected {
            return Err(format!("{id} has {} samples, instead of {expected}", samples.len()).into());
        }
    }
    Ok(all)
}

/// The titles and values of an operation's example requests.
fn examples(operation: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let examples = operation["requestBody"]["content"]["application/json"]["examples"].as_object();
    examples.into_iter().flatten().filter_map(|(_, it)| Some((it["summary"].as_str()?, &it["value"])))
}

/// Runs a sample in a sandbox with one integration, and checks the sandbox's journal.
fn check(setup: &Setup, sample: &Sample, document: &Value, sandbox: &Server) -> Result {
    let (language, title) = sample.label.split_once(SEPARATOR).unwrap_or((&sample.label, ""));
    let named = |error: Box<dyn std::error::Error>| format!("{} · {}: {error}", sample.operation, sample.label);
    let create = &document["paths"]["/v1/hood/integrations"]["post"];
    let existing = examples(create).find(|(it, _)| *it == title).or_else(|| examples(create).next());
    let (_, existing) = existing.ok_or("createIntegration has no examples")?;
    // After each reset, ids start with the one of the document's examples.
    sandbox.request("POST", "/_sandbox/reset", "")?;
    sandbox.request("POST", "/v1/hood/integrations", &existing.to_string())?;
    sandbox.request("DELETE", "/_sandbox/journal", "")?;

    let (_, runner) = LANGUAGES.iter().find(|(it, _)| *it == language).ok_or("the language has no runner")?;
    let mut command = runner(setup, sample)?;
    let programs = std::iter::once(setup.root.join("target/debug"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env("PATH", std::env::join_paths(programs.chain(std::env::split_paths(&path)))?);
    command.env("OCAMBA_TOKEN", TOKEN).env("OCAMBA_BASE_URL", &sandbox.url).env("OCAMBA_RATE_LIMIT", "off");
    command.env("OCAMBA_CONFIG_DIR", setup.work.join("config")).env("no_proxy", "127.0.0.1");
    run_quietly(command.current_dir(&setup.work)).map_err(named)?;

    let journal: Value = serde_json::from_str(&sandbox.request("GET", "/_sandbox/journal", "")?)?;
    let is_it = |entry: &Value| {
        entry["operation"] == sample.operation.as_str()
            && entry["status"] == sample.status
            && entry["committed"] == sample.commits
    };
    // It may have read before.
    let is_read = |entry: &Value| entry["method"] == "GET" && entry["status"] == 200 && entry["committed"] == false;
    match journal.as_array().map(Vec::as_slice) {
        Some([others @ .., last]) if is_it(last) && others.iter().all(is_read) => Ok(()),
        _ => Err(named(format!("the sandbox saw {journal}").into()).into()),
    }
}

fn shell(sample: &Sample) -> Command {
    let mut shell = program("sh");
    shell.args(["-e", "-c", &sample.source]);
    shell
}

fn script(path: impl AsRef<std::ffi::OsStr>, folder: &Path, sample: &Sample, extension: &str) -> Result<Command> {
    let file = folder.join(format!("sample.{extension}"));
    std::fs::write(&file, &sample.source)?;
    let mut script = program(path);
    script.arg(file);
    Ok(script)
}

/// One program contains all samples.
fn rust(setup: &Setup, sample: &Sample) -> Command {
    let mut rust = program(setup.root.join("target/debug/ocamba-samples"));
    rust.args([&sample.operation, &sample.label]);
    rust
}
