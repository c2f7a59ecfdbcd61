//! The conformance suite: `plan` writes the plan that all runners read, and `run` is the runner in Rust.

mod call;
mod cases;
mod examples;
mod expand;
mod judge;
mod plan;
mod run;
mod sandbox;
mod template;

use plan::Plan;

/// Only people read errors of the suite.
pub type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["plan", sandbox, file, ref themes @ ..] => {
            Ok(std::fs::write(file, serde_json::to_string_pretty(&cases::plan(sandbox, themes).await?)?)?)
        }
        ["run", plan, results] => {
            let plan: Plan = serde_json::from_slice(&std::fs::read(plan)?)?;
            let run = run::all(&plan).await?;
            std::fs::write(results, serde_json::to_string_pretty(&run)?)?;
            let (observed, failed) = (run.observed.len(), run.failed.len());
            println!("{} passed, {failed} failed", observed - failed);
            std::process::exit(i32::from(failed > 0))
        }
        _ => Err("usage: ocamba-conformance plan SANDBOX PLAN [THEME...] | run PLAN RESULTS".into()),
    }
}
