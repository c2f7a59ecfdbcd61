//! Runs steps and commands, and shows what runs, how long it took, and how to fix it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Result, root};

/// A named part of a subcommand.
pub struct Step {
    name: &'static str,
    about: &'static str,
    work: fn() -> Result,
    fix: Option<&'static str>,
}

impl Step {
    /// A step that users choose by its name. `about` says what it does.
    pub const fn new(name: &'static str, about: &'static str, work: fn() -> Result) -> Self {
        Self { name, about, work, fix: None }
    }

    /// The command that fixes a failure, or shows more of it, where running the step again does not.
    pub const fn fix(self, command: &'static str) -> Self {
        Self { fix: Some(command), ..self }
    }
}

/// Runs the chosen steps of a subcommand, or all if none is chosen; stops at the first that fails.
pub fn steps(subcommand: &str, all: &[Step], chosen: &[String]) -> Result {
    if let Some(name) = chosen.iter().find(|name| all.iter().all(|step| step.name != **name)) {
        let names: Vec<_> = all.iter().map(|step| step.name).collect();
        return Err(format!("there is no step `{name}`; the steps are {}", names.join(", ")).into());
    }
    let started = Instant::now();
    let mut passed = 0;
    for step in all.iter().filter(|step| chosen.is_empty() || chosen.iter().any(|name| name == step.name)) {
        println!("\n=== {}: {}", step.name, step.about);
        let step_started = Instant::now();
        let result = (step.work)();
        let seconds = step_started.elapsed().as_secs_f64();
        if let Err(error) = result {
            println!("=== {}: FAILED after {seconds:.1} s", step.name);
            println!("steps: {passed} passed, 1 failed");
            let rerun = format!("cargo xtask {subcommand} {}", step.name);
            return Err(format!("{error}\nTo fix it, or to see more, run: {}", step.fix.unwrap_or(&rerun)).into());
        }
        println!("=== {}: ok, {seconds:.1} s", step.name);
        passed += 1;
    }
    println!("\nFinished in {:.0} s.", started.elapsed().as_secs_f64());
    println!("steps: {passed} passed, 0 failed");
    Ok(())
}

/// A command in the root of the project. Its words are separated by spaces.
pub fn command(words: &str) -> Command {
    command_in(&root(), words)
}

/// A command in another folder.
pub fn command_in(folder: &Path, words: &str) -> Command {
    let mut words = words.split(' ');
    let name = words.next().unwrap_or_default();
    // A script there.
    let mut command = program(if cfg!(windows) && name == "npm" { "npm.cmd" } else { name });
    command.args(words).current_dir(folder);
    command
}

/// A program without input, and without the developer's own settings. `.cargo/config.toml` directs its caches.
pub fn program(path: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(path);
    let is_setting = |name: &str| name.starts_with("OCAMBA_") && name != "OCAMBA_RATE_LIMIT_DIR";
    // Cargo sets these for the tasks themselves. Build scripts that read them, as ring's does, would run again in each build.
    let is_of_tasks = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let is_removed = |name: &str| is_setting(name) || is_of_tasks(name);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_removed(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command.env_remove("NODE_OPTIONS").stdin(Stdio::null());
    command
}

/// A program that only root may run: through sudo for others.
pub fn as_root(name: &str) -> Command {
    if run_quietly(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0") {
        return program(name);
    }
    let mut command = program("sudo");
    command.args(["--preserve-env", name]);
    command
}

/// Runs a command that shows its own output.
pub fn run(command: &mut Command) -> Result {
    let shown = shown(command);
    let status = command.status().map_err(|e| format!("`{shown}` did not start: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}").into()) }
}

/// Runs a command, and returns its output. Shows it only if the command fails.
pub fn run_quietly(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().map_err(|e| format!("`{shown}` did not start: {e}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    print!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("`{shown}` failed: {}", output.status).into())
}

/// The words of a command.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
