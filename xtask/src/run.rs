//! Runs steps and commands, and shows what runs, how long it took, and how to fix it.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::{Result, root};

/// Names the folder of the rate limits' state; `.cargo/config.toml` sets it.
pub const RATE_LIMIT_DIR: &str = "OCAMBA_RATE_LIMIT_DIR";

/// A named part of a subcommand.
pub struct Step {
    name: &'static str,
    about: &'static str,
    work: fn() -> Result,
    fix: Option<&'static str>,
    is_beside: bool,
}

impl Step {
    /// A step that users choose by its name. `about` says what it does.
    pub const fn new(name: &'static str, about: &'static str, work: fn() -> Result) -> Self {
        Self { name, about, work, fix: None, is_beside: false }
    }

    /// The command that fixes a failure, or shows more of it, where running the step again does not.
    pub const fn fix(self, command: &'static str) -> Self {
        Self { fix: Some(command), ..self }
    }

    /// Where all steps run: runs beside the later ones, which mostly wait, and yields to them. Ends after them.
    pub const fn beside(self) -> Self {
        Self { is_beside: cfg!(target_os = "linux"), ..self }
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
    let mut beside: Vec<Beside> = Vec::new();
    for step in all.iter().filter(|step| chosen.is_empty() || chosen.iter().any(|name| name == step.name)) {
        for other in &mut beside {
            if other.has_failed()? {
                other.finish().map_err(|error| failure(subcommand, other.step, passed, error))?;
            }
        }
        println!("\n=== {}: {}", step.name, step.about);
        if step.is_beside && chosen.is_empty() {
            let other = Beside::start(subcommand, step)?;
            println!("=== {}: runs beside the next steps; its output goes to {}", step.name, other.log.display());
            beside.push(other);
            continue;
        }
        let step_started = Instant::now();
        let result = (step.work)();
        let seconds = step_started.elapsed().as_secs_f64();
        println!("=== {}: {}, {seconds:.1} s", step.name, if result.is_ok() { "ok" } else { "FAILED" });
        result.map_err(|error| failure(subcommand, step, passed, error))?;
        passed += 1;
    }
    for mut other in beside {
        other.finish().map_err(|error| failure(subcommand, other.step, passed, error))?;
        passed += 1;
    }
    println!("\nFinished in {:.0} s.", started.elapsed().as_secs_f64());
    println!("steps: {passed} passed, 0 failed");
    Ok(())
}

/// The error of a step that failed, with the command that fixes it, after the line that counts the steps.
fn failure(subcommand: &str, step: &Step, passed: usize, error: Box<dyn Error>) -> Box<dyn Error> {
    println!("steps: {passed} passed, 1 failed");
    let rerun = format!("cargo xtask {subcommand} {}", step.name);
    format!("{error}\nTo fix it, or to see more, run: {}", step.fix.unwrap_or(&rerun)).into()
}

/// A step in a process of its own.
struct Beside<'a> {
    step: &'a Step,
    process: Child,
    log: PathBuf,
}

impl<'a> Beside<'a> {
    /// Starts the step. It ends with this process, however that ends: the signal of its death goes to `timeout`, which ends
    /// all that it has started.
    fn start(subcommand: &str, step: &'a Step) -> Result<Self> {
        let log = root().join(format!("target/{}.log", step.name));
        let output = File::create(&log)?;
        let rate_limit = root().join(format!("target/rate-limit-{}", step.name));
        let _ = std::fs::remove_dir_all(&rate_limit);
        let mut command = command("setpriv --pdeathsig TERM timeout --kill-after 5s 120m nice -n 5");
        command.arg(std::env::current_exe()?).args([subcommand, step.name]);
        // The other steps share another folder.
        command.env(RATE_LIMIT_DIR, rate_limit);
        let process = command.stdout(output.try_clone()?).stderr(output).spawn()?;
        Ok(Self { step, process, log })
    }

    /// Returns true if it has ended and failed.
    fn has_failed(&mut self) -> Result<bool> {
        Ok(self.process.try_wait()?.is_some_and(|status| !status.success()))
    }

    /// Waits for its end, and shows its output.
    fn finish(&mut self) -> Result {
        let status = self.process.wait()?;
        print!("{}", std::fs::read_to_string(&self.log)?);
        if status.success() { Ok(()) } else { Err(format!("{} failed: {status}", self.step.name).into()) }
    }
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
    let is_setting = |name: &str| name.starts_with("OCAMBA_") && name != RATE_LIMIT_DIR;
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
