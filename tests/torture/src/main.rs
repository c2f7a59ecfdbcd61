//! `cargo xtask torture`: nothing is lost and nothing is created twice, in every language.
//!
//! Each trial starts a sandbox and workers (processes in Rust, Python and Node with the same protocol), which write a history
//! of their calls. The checker of `tests/history` compares it with the sandbox's journal. All traffic stays on the loopback
//! interface.

mod bytes;
mod cancels;
mod cuts;
mod deadlines;
mod duplicates;
mod ensure;
mod fleet;
mod gateways;
mod history;
mod hostile;
#[path = "../../../crates/hood/tests/support/redis.rs"]
mod redis;
mod redis_ensure;
mod stops;
mod storm;
mod support;
mod workers;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Only people read errors of trials.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    trial: Trial,
}

#[derive(Subcommand)]
enum Trial {
    /// Many processes of one account without settings: all creates succeed, without a 429 and without wasted time
    Storm {
        /// Number of creates in each of the 8 processes
        #[arg(long, default_value_t = 20)]
        creates: usize,
        /// Whether the sandbox speaks TLS
        #[arg(long)]
        tls: bool,
    },
    /// Creates with faults: no duplicate, and every outcome is true
    Duplicates {
        /// Number of creates in each language
        #[arg(long, default_value_t = 100_000)]
        creates: usize,
        /// Seed of the faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Whether the sandbox speaks TLS
        #[arg(long)]
        tls: bool,
    },
    /// Creates over TLS whose connections are cut after a random number of bytes: every outcome is true
    Cuts {
        /// Number of creates in each language
        #[arg(long, default_value_t = 10_000)]
        creates: usize,
        /// Seed of the cuts
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Connections that fail at every byte: the right error, in time, without a leak
    Bytes {
        /// Distance between the bytes
        #[arg(long, default_value_t = 1)]
        step: usize,
        /// Whether the sandbox speaks TLS
        #[arg(long)]
        tls: bool,
    },
    /// Creates whose deadline ends, or that are cancelled, while they connect and write: none that was not sent arrived
    Deadlines {
        /// Number of creates with deadlines, and of cancelled ones
        #[arg(long, default_value_t = 100_000)]
        creates: usize,
        /// Seed of the deadlines
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Creates in Python and Node whose deadline ends, or that are cancelled or interrupted, while they connect and write
    Cancels {
        /// Number of creates in each way and language
        #[arg(long, default_value_t = 5_000)]
        creates: usize,
        /// Seed of the deadlines
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Creates through nginx and HAProxy, which fail and block after the commit: every outcome is true
    Gateways {
        /// Number of creates through each gateway in each language
        #[arg(long, default_value_t = 5_000)]
        creates: usize,
        /// Seed of the faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// `ensure` in 8 concurrent processes, with faults and common names: one integration for each name
    Ensure {
        /// Number of calls in all processes
        #[arg(long, default_value_t = 2_000)]
        runs: usize,
        /// Seed of the faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// `ensure` by processes of two users and two tokens with a Redis that is stopped, restarted and failed over: one
    /// integration for each name
    RedisEnsure {
        /// Number of calls in all processes
        #[arg(long, default_value_t = 10_000)]
        runs: usize,
        /// Seed of the faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// `ensure`, creates and searches in 6 processes that are stopped and continued at any moment, while the clock is set: one
    /// integration for each name, and every outcome is true
    Stops {
        /// Number of calls in all processes, for each storage
        #[arg(long, default_value_t = 1_000)]
        runs: usize,
        /// Seed of the calls, stops and faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// A fleet whose process is killed repeatedly: each row is created once, and the report is complete
    Fleet {
        /// Number of rows
        #[arg(long, default_value_t = 1_000)]
        rows: usize,
        /// Number of kills
        #[arg(long, default_value_t = 100)]
        kills: usize,
        /// Seed of the kills and the faults
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// A fleet within the default rate limit: no 429, and at most 3 percent above the minimum time
    FleetRate {
        /// Number of rows
        #[arg(long, default_value_t = 300)]
        rows: usize,
    },
    /// Slow, half, huge and malformed requests: the sandbox serves others meanwhile, within its memory
    Hostile {
        /// Number of hostile requests
        #[arg(long, default_value_t = 10_000)]
        requests: usize,
        /// Seed of the requests
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Serves, for hostile clients
    #[command(hide = true)]
    HostileSandbox,
    /// Applies a fleet, up to an event
    #[command(hide = true)]
    FleetWorker { input: PathBuf, ledger: PathBuf, event: String, after: usize },
    /// Ensures integrations, and prints the outcomes
    #[command(hide = true)]
    EnsureWorker {
        runs: usize,
        first: usize,
        names: usize,
        seed: u64,
        #[arg(action = clap::ArgAction::Set)]
        is_impatient: bool,
    },
    /// Ensures, creates and searches, and prints the history
    #[command(hide = true)]
    StopWorker { runs: usize, seed: u64, redis: String },
    /// Makes creates that end early, and prints their history
    #[command(hide = true)]
    DeadlineWorker { way: String, creates: usize, seed: u64 },
    /// Makes calls, and prints their history
    #[command(hide = true)]
    Worker { in_flight: usize, timeout: f64, max_retries: u32 },
}

#[tokio::main]
async fn main() -> Result {
    match Arguments::parse().trial {
        Trial::Storm { creates, tls } => storm::run(creates, tls).await,
        Trial::Duplicates { creates, seed, tls } => duplicates::run(creates, seed, tls).await,
        Trial::Cuts { creates, seed } => cuts::run(creates, seed).await,
        Trial::Bytes { step, tls } => bytes::run(step, tls).await,
        Trial::Deadlines { creates, seed } => deadlines::run(creates, seed).await,
        Trial::Cancels { creates, seed } => cancels::run(creates, seed).await,
        Trial::Gateways { creates, seed } => gateways::run(creates, seed).await,
        Trial::Ensure { runs, seed } => ensure::run(runs, seed).await,
        Trial::RedisEnsure { runs, seed } => redis_ensure::run(runs, seed).await,
        Trial::Hostile { requests, seed } => hostile::run(requests, seed).await,
        Trial::HostileSandbox => hostile::serve().await,
        Trial::Fleet { rows, kills, seed } => fleet::run(rows, kills, seed).await,
        Trial::FleetRate { rows } => fleet::rate(rows).await,
        Trial::FleetWorker { input, ledger, event, after } => fleet::work(&input, &ledger, &event, after).await,
        Trial::EnsureWorker { runs, first, names, seed, is_impatient } => {
            ensure::work(runs, first, names, seed, is_impatient).await
        }
        Trial::Stops { runs, seed } => stops::run(runs, seed).await,
        Trial::StopWorker { runs, seed, redis } => stops::work(runs, seed, &redis).await,
        Trial::DeadlineWorker { way, creates, seed } => deadlines::work(way == "cancel", creates, seed).await,
        Trial::Worker { in_flight, timeout, max_retries } => {
            workers::work(in_flight, Duration::from_secs_f64(timeout), max_retries).await
        }
    }
}
