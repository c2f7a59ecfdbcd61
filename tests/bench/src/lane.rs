//! What a turn in the lane costs when nobody else wants one.

use std::time::Instant;

use ocamba_hood::{Client, Lane};

use crate::contenders::ENDLESS;
use crate::{Result, median};

/// A minute's worth of the documented tier: the lane remembers that many.
const TURNS: u32 = 150;
const ROUNDS: usize = 41;

/// Prints the cost of a turn in memory and by file.
pub async fn report() -> Result {
    println!("\na turn in the lane, uncontended, median of {ROUNDS} rounds of {TURNS}");
    let folder = std::env::temp_dir().join(format!("ocamba-bench-lane-{}", std::process::id()));
    for name in ["memory", "file"] {
        let mut rounds = Vec::new();
        for round in 0..ROUNDS {
            let lane = if name == "file" { Lane::shared_in(folder.join(round.to_string())) } else { Lane::memory() };
            let builder = Client::builder().token("t").base_url("http://127.0.0.1:1");
            let client = builder.lane(lane.tier(ENDLESS)).build()?;
            let started = Instant::now();
            for _ in 0..TURNS {
                client.take_turn().await?;
            }
            rounds.push(started.elapsed().as_secs_f64() * 1e6 / f64::from(TURNS));
        }
        println!("{name:<28} {:>10.1} µs", median(rounds));
    }
    let _ = std::fs::remove_dir_all(folder);
    Ok(())
}
