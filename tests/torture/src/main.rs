//! `cargo xtask torture`: what must never be lost, and never twice, in every language.
//!
//! Each trial starts a sandbox, sets workers upon it (processes in Rust, Python and Node that all speak alike), and then
//! holds what they say against the sandbox's journal. All of it stays on loopback, and ends by itself.

mod bytes;
mod duplicates;
mod ensure;
mod fleet;
mod storm;
mod workers;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Errors of trials are read by people only.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    /// Many processes, one account, no settings: all is created, without a 429, and without wasting time
    Storm {
        /// How many creates each of the 8 processes makes
        #[arg(long, default_value_t = 20)]
        creates: usize,
    },
    /// Faulted creates: nothing twice, and each outcome true
    Duplicates {
        /// How many creates in each language
        #[arg(long, default_value_t = 10_000)]
        creates: usize,
        /// Which faults befall them
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// One exchange failed at every byte: each failure in the error type, in time, and nothing left behind
    Bytes {
        /// Fails at each byte whose number is a multiple of this
        #[arg(long, default_value_t = 1)]
        step: usize,
    },
    /// `ensure` by 8 processes at once, faulted, many of the same names: one integration a name
    Ensure {
        /// How many calls all processes make together
        #[arg(long, default_value_t = 2_000)]
        runs: usize,
        /// Which faults befall them
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// A fleet whose run is killed again and again: each row created once, the report complete
    Fleet {
        /// How many rows
        #[arg(long, default_value_t = 1_000)]
        rows: usize,
        /// How often it is killed
        #[arg(long, default_value_t = 100)]
        kills: usize,
        /// Where it is killed, and which faults befall it
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// A fleet against the default windows: no 429, and within 3 percent of the least time
    FleetRate {
        /// How many rows
        #[arg(long, default_value_t = 300)]
        rows: usize,
    },
    /// Applies a fleet, as far as it is told
    #[command(hide = true)]
    FleetWorker {
        input: PathBuf,
        ledger: PathBuf,
        #[arg(long)]
        event: Option<String>,
        #[arg(long, default_value_t = 1)]
        after: usize,
    },
    /// Makes sure of names as it is told, and says what became of each
    #[command(hide = true)]
    EnsureWorker { runs: usize, seed: u64 },
    /// Creates as it is told, and says what became of each
    #[command(hide = true)]
    Worker { in_flight: usize, timeout: f64, max_retries: u32 },
}

#[tokio::main]
async fn main() -> Result {
    match Arguments::parse().trial {
        Trial::Storm { creates } => storm::run(creates).await,
        Trial::Duplicates { creates, seed } => duplicates::run(creates, seed).await,
        Trial::Bytes { step } => bytes::run(step).await,
        Trial::Ensure { runs, seed } => ensure::run(runs, seed).await,
        Trial::Fleet { rows, kills, seed } => fleet::run(rows, kills, seed).await,
        Trial::FleetRate { rows } => fleet::rate(rows).await,
        Trial::FleetWorker { input, ledger, event, after } => {
            fleet::work(&input, &ledger, event.as_deref(), after).await
        }
        Trial::EnsureWorker { runs, seed } => ensure::work(runs, seed).await,
        Trial::Worker { in_flight, timeout, max_retries } => {
            workers::work(in_flight, Duration::from_secs_f64(timeout), max_retries).await
        }
    }
}
