//! Clients that the generators of others make of the document: each creates an integration with every provider in the
//! sandbox. Most are large, so `cargo xtask test` has only the quick ones.

mod openapi_generator;
mod others;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::codegen::spec::{Provider, Spec};
use crate::run::{Step, command_in, run, run_quietly, steps};
use crate::server::{Server, TOKEN};
use crate::{Result, root};

/// A program for each client.
const PROGRAMS: &str = "tests/generators";

/// Generates a client in the folder, and returns the command of the program that uses it.
type Generate = fn(&Work) -> Result<Command>;

const GENERATORS: &[Step] = &[
    Step::new("openapi-typescript", "types for openapi-fetch", || test_of(others::openapi_typescript)),
    Step::new("openapi-python-client", "a Python package", || test_of(others::openapi_python_client)),
    Step::new("hey-api", "a TypeScript client", || test_of(others::hey_api)),
    Step::new("datamodel-code-generator", "models of pydantic", || test_of(others::datamodel_code_generator)),
    Step::new("python", "a Python package of OpenAPI Generator", || test_of(openapi_generator::python)),
    Step::new("typescript-fetch", "a TypeScript client of OpenAPI Generator", || {
        test_of(openapi_generator::typescript_fetch)
    }),
    Step::new("java", "a Java client of OpenAPI Generator", || test_of(openapi_generator::java)),
    Step::new("go", "a Go client of OpenAPI Generator", || test_of(openapi_generator::go)),
    Step::new("php", "a PHP client of OpenAPI Generator", || test_of(openapi_generator::php)),
];

/// Those that take seconds, and need neither Java nor another language.
const QUICK: [Generate; 2] = [others::openapi_typescript, others::openapi_python_client];

/// Tests the chosen generators, or all if none is chosen.
pub fn generators(chosen: &[String]) -> Result {
    steps("generators", GENERATORS, chosen)
}

/// Tests the quick generators with the document below `root`.
pub fn quick(root: &Path) -> Result {
    QUICK.iter().try_for_each(|generate| test(root, *generate))
}

/// Tests a generator with the document.
fn test_of(generate: Generate) -> Result {
    test(&root(), generate)
}

/// Where a client is generated, and what of.
struct Work {
    /// The document, as tools get it.
    document: PathBuf,
    /// A new folder for the client and its program, with the requests to send.
    folder: PathBuf,
}

impl Work {
    fn new(root: &Path, requests: &[Value]) -> Result<Self> {
        let folder = crate::root().join("target/generators/client");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("requests.json"), Value::from(requests).to_string())?;
        Ok(Self { document: root.join("openapi/hood.json"), folder })
    }

    /// Copies the program of a client into the folder.
    fn program(&self, name: &str) -> Result<PathBuf> {
        let (from, to) = (root().join(PROGRAMS).join(name), self.folder.join(name));
        std::fs::copy(&from, &to).map_err(|e| format!("{} was not copied: {e}", from.display()))?;
        Ok(to)
    }
}

/// Fails unless the client creates each example request in the sandbox, and lists them by a number.
fn test(root: &Path, generate: Generate) -> Result {
    let requests = requests(root)?;
    let work = Work::new(root, &requests)?;
    let mut client = generate(&work)?;
    run(command_in(root, "cargo build --quiet --package ocamba-cli").env("CARGO_TARGET_DIR", root.join("target")))?;
    let sandbox = Server::sandbox_of(root, &["--no-limits"])?;
    client.env("OCAMBA_TOKEN", TOKEN).env("OCAMBA_BASE_URL", &sandbox.url).env("no_proxy", "127.0.0.1");
    run_quietly(client.current_dir(&work.folder))?;
    let journal: Value = serde_json::from_str(&sandbox.request("GET", "/_sandbox/journal", "")?)?;
    let entries = journal.as_array().map(Vec::as_slice).unwrap_or_default();
    let saw = |operation: &str, status: u16, check: &dyn Fn(&Value) -> bool| {
        entries.iter().any(|it| it["operation"] == operation && it["status"] == status && check(it))
    };
    let is_created = |request: &&Value| {
        let is_it = |it: &Value| it["provider_id"] == request["body"]["provider_id"];
        saw("createIntegration", 201, &is_it) && saw("validateIntegration", 204, &is_it)
    };
    let is_listed = saw("listIntegrations", 200, &|it| it["query"].as_str().is_some_and(|it| it.contains("page=1")));
    if !is_listed || !requests.iter().all(|request| is_created(&request)) {
        return Err(format!("the sandbox saw {journal}").into());
    }
    println!("  it created {} integrations, one with each provider", requests.len());
    Ok(())
}

/// The example request of each provider, with the name of its schema.
fn requests(root: &Path) -> Result<Vec<Value>> {
    let spec = Spec::load(root)?;
    let request = |it: &Provider| json!({ "schema": it.request_schema(), "body": it.request });
    Ok(spec.providers.iter().map(request).collect())
}
