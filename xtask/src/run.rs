//! Runs commands, and says what runs, how long it took, and how to mend it.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Result, root};

/// One named part of a chore.
pub struct Step {
    /// What it does, and how it is chosen: `cargo xtask test NAME`.
    pub name: &'static str,
    /// What it makes sure of.
    pub about: &'static str,
    /// The command that mends a failure, or shows more of it.
    pub mend: &'static str,
    /// Does it.
    pub work: fn() -> Result,
}

/// Runs the steps whose names are given, or all; stops at the first that fails.
pub fn steps(all: &[Step], chosen: &[String]) -> Result {
    if let Some(name) = chosen.iter().find(|name| all.iter().all(|step| step.name != **name)) {
        let names: Vec<_> = all.iter().map(|step| step.name).collect();
        return Err(format!("there is no step `{name}`; the steps are {}", names.join(", ")).into());
    }
    let started = Instant::now();
    let mut passed = 0;
    for step in all.iter().filter(|step| chosen.is_empty() || chosen.iter().any(|name| name == step.name)) {
        println!("\n=== {}: {}", step.name, step.about);
        let began = Instant::now();
        let done = (step.work)();
        let seconds = began.elapsed().as_secs_f64();
        if let Err(error) = done {
            println!("=== {}: FAILED after {seconds:.1} s", step.name);
            println!("steps: {passed} passed, 1 failed");
            return Err(format!("{error}\nTo see or mend it, run: {}", step.mend).into());
        }
        println!("=== {}: ok, {seconds:.1} s", step.name);
        passed += 1;
    }
    println!("\nAll done in {:.0} s.", started.elapsed().as_secs_f64());
    println!("steps: {passed} passed, 0 failed");
    Ok(())
}

/// A command in the root of the project. The words are parted at spaces.
pub fn command(words: &str) -> Command {
    command_in(&root(), words)
}

/// A command in another folder.
pub fn command_in(folder: &Path, words: &str) -> Command {
    let mut words = words.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).current_dir(folder).stdin(Stdio::null());
    command
}

/// A command that nothing of the machine's own set-up reaches. What it is to have is set afterwards.
pub fn isolate(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OCAMBA_")) {
        command.env_remove(name);
    }
    command.env_remove("NODE_OPTIONS")
}

/// Runs a command that shows its own output.
pub fn run(mut command: Command) -> Result {
    let shown = shown(&command);
    let status = command.status().map_err(|e| format!("cannot start `{shown}`: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{shown}` failed: {status}").into()) }
}

/// Runs a command, and shows its output only if it fails.
pub fn run_quietly(mut command: Command) -> Result<String> {
    let shown = shown(&command);
    let output = command.output().map_err(|e| format!("cannot start `{shown}`: {e}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    print!("{stdout}{}", String::from_utf8_lossy(&output.stderr));
    Err(format!("`{shown}` failed: {}", output.status).into())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|w| w.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}
