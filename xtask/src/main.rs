//! The project's chores. `cargo xtask` lists them.

mod bench;
mod browser;
mod codegen;
mod conformance;
mod fleet_report;
mod layers;
mod node;
mod prism;
mod python;
mod run;
mod samples;
mod schemathesis;
mod server;
mod seventh_provider;
mod test;
mod tools;
mod torture;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Errors of chores are read by people only.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The project's chores
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Regenerate everything that comes from openapi/hood.yaml and openapi/examples
    Codegen {
        /// Write nothing; fail with a diff where a file is out of date
        #[arg(long)]
        check: bool,
    },
    /// Run everything that must hold, or only the steps named
    Test {
        /// Names of steps; all when left out
        steps: Vec<String>,
    },
    /// Run the long trials: storms, faulted creates, broken exchanges; all, or only those named
    Torture {
        /// Names of trials; all when left out
        trials: Vec<String>,
    },
    /// Measure, against the same calls by other means: all, or only those named
    Bench {
        /// Names of benches; all when left out
        benches: Vec<String>,
    },
    /// Take the README's pictures of the sandbox's pages anew
    Pictures,
    /// Before a commit: regenerate, format, and run everything
    Ready,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Codegen { check: false } => codegen::write(),
        Chore::Codegen { check: true } => codegen::check(),
        Chore::Test { steps } => test::test(&steps),
        Chore::Torture { trials } => torture::torture(&trials),
        Chore::Bench { benches } => bench::bench(&benches),
        Chore::Pictures => browser::pictures(),
        Chore::Ready => test::ready(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}
