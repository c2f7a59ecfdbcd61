//! The tasks of the project. `cargo xtask` lists them.

mod assumed;
mod audit;
mod bench;
mod browser;
mod bundlers;
mod codegen;
mod conformance;
mod dist;
mod docs;
mod fleet_report;
mod generators;
mod layers;
mod learn;
mod node;
mod notices;
mod paths;
mod prism;
mod python;
mod run;
mod samples;
mod schemathesis;
mod server;
mod seventh_provider;
mod simulate;
mod targets;
mod test;
mod tools;
mod torture;
mod unknowns;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Only people read the errors of tasks.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The tasks of the project
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Regenerate every file that depends on openapi/
    Codegen {
        /// Write nothing; fail with a diff if a file is out of date
        #[arg(long)]
        check: bool,
    },
    /// Run all checks, or only the named ones
    Test {
        /// Names of steps; all if omitted
        steps: Vec<String>,
    },
    /// Run the long trials (bursts, creates with faults, broken connections), or only the named ones
    Torture {
        /// Names of trials; all if omitted
        trials: Vec<String>,
    },
    /// Simulate worlds (processes that are killed, clocks that are set, networks that fail) until one breaks a promise; needs Linux
    Simulate {
        /// Options, as `--worlds 1000000`, `--seed 7` or `--minutes 30`; `--help` lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Measure calls and compare them with other clients: all benches, or only the named ones
    Bench {
        /// Names of benches; all if omitted
        benches: Vec<String>,
    },
    /// Search for known vulnerabilities and unsafe code with all tools, or only the named ones; some need a network
    Audit {
        /// Names of steps; all if omitted
        steps: Vec<String>,
    },
    /// Build, check and test every artifact that is published, or only the named steps
    Dist {
        /// Names of steps; all but `publish` if omitted
        steps: Vec<String>,
        /// Targets, as rustc calls them, with commas; all that this system can build if omitted
        #[arg(long = "target", value_name = "TARGET", value_delimiter = ',')]
        targets: Vec<String>,
        /// Have `publish` only check what it would publish
        #[arg(long)]
        dry_run: bool,
    },
    /// Write the notices of third parties of each package, with cargo-about
    Notices,
    /// Build the documentation's site in target/docs/site, and check its links
    Docs,
    /// Test what bundlers and freezers (webpack, Next.js, PyInstaller and more) make of applications with the packages
    Bundlers,
    /// Make clients of the document with the generators of others, and create integrations with each, or only the named ones
    Generators {
        /// Names of generators; all if omitted
        generators: Vec<String>,
    },
    /// Take the README's pictures of the sandbox's pages again
    Pictures,
    /// Propose a change of openapi/ from a report of `ocamba probe`, as a patch to read
    Learn {
        /// The report
        report: PathBuf,
        /// Change the files, too
        #[arg(long)]
        write: bool,
    },
    /// List what is not known of the API, what is assumed, and what breaks if that is false
    Unknowns,
    /// Before a commit: regenerate, format, and run all checks
    Ready,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Codegen { check: false } => codegen::write(),
        Task::Codegen { check: true } => codegen::check(),
        Task::Test { steps } => test::test(&steps),
        Task::Torture { trials } => torture::torture(&trials),
        Task::Simulate { options } => simulate::simulate(&options),
        Task::Bench { benches } => bench::bench(&benches),
        Task::Audit { steps } => audit::audit(&steps),
        Task::Dist { steps, targets, dry_run } => dist::dist(&steps, &targets, dry_run),
        Task::Notices => notices::write(),
        Task::Docs => docs::build(),
        Task::Bundlers => bundlers::test(),
        Task::Generators { generators } => generators::generators(&generators),
        Task::Pictures => browser::pictures(),
        Task::Learn { report, write } => learn::learn(&report, write),
        Task::Unknowns => unknowns::list(),
        Task::Ready => test::ready(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    folder.parent().map(PathBuf::from).unwrap_or(folder)
}
