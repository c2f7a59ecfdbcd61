//! Measures: `cargo run --release -p ocamba-fleet --example figures`. All of it stays on loopback.

use std::time::Instant;

use ocamba_fleet::{Fleet, Format, Ledger, RowReader, Secrets};
use ocamba_hood::{Client, RateLimit, providers};
use ocamba_sandbox::Sandbox;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const ROWS: usize = 10_000;

#[tokio::main]
async fn main() -> Result {
    // In a process of its own, so that the sandbox's memory is not counted.
    if let Ok(base_url) = std::env::var("FIGURES_SERVER") {
        return plan(&base_url).await;
    }
    let sandbox = Sandbox::builder().no_limits().journal(0).start().await?;
    let client = Client::builder().base_url(sandbox.base_url()).token("t").rate_limit(RateLimit::off()).build()?;
    let fleet = fleet(ROWS)?;

    let folder = tempfile::tempdir()?;
    for (what, ledger) in
        [("no disk", Ledger::in_memory()?), ("a ledger on disk", Ledger::open(folder.path().join("ledger"))?)]
    {
        sandbox.reset();
        let started = Instant::now();
        let report = fleet.apply(&client, &ledger).run().await?;
        let took = started.elapsed();
        println!(
            "{what}: {}, {:.0} a second, {:?} a row",
            report.summary(),
            ROWS as f64 / took.as_secs_f64(),
            took / ROWS as u32
        );
    }
    // The account has them all now: the plan reads 100 pages.
    let exe = std::env::current_exe()?;
    let status = tokio::process::Command::new(exe).env("FIGURES_SERVER", sandbox.base_url()).status().await?;
    if status.success() { Ok(()) } else { Err("the plan failed".into()) }
}

async fn plan(base_url: &str) -> Result {
    let client = Client::builder().base_url(base_url).token("t").rate_limit(RateLimit::off()).build()?;
    println!("start: {} MB", memory());
    let started = Instant::now();
    let fleet = fleet(ROWS)?;
    println!("{ROWS} rows read and checked: {:?}, {} MB", started.elapsed(), memory());
    let plan = fleet.plan(&client, None).await?;
    println!("and planned: {:?}, {} MB; {} steps", started.elapsed(), memory(), plan.steps.len());
    for (name, format, start) in [
        ("JSON", Format::Json, "[{\"name\": \""),
        ("CSV", Format::Csv, "name,provider\nx,\""),
        ("YAML", Format::Yaml, "- name: \""),
    ] {
        let reader = std::io::Read::chain(start.as_bytes(), std::io::Read::take(std::io::repeat(b'x'), 1 << 30));
        let started = Instant::now();
        let refused = RowReader::from_reader(reader, format, "t").check(Secrets::new()).is_err();
        println!("a gigabyte in a field of {name}: refused {refused}, {:?}, {} MB", started.elapsed(), memory());
    }
    let settings = "{\"a\": \"b\", \"c\": \"d\"}";
    for (name, format, text) in [
        (
            "JSON",
            Format::Json,
            format!("[{}{{}}]", format!("{{\"name\": \"x\", \"settings\": {settings}}},").repeat(99_999)),
        ),
        ("CSV", Format::Csv, format!("name,provider,settings.a,settings.c\n{}", "x,y,b,d\n".repeat(100_000))),
        ("YAML", Format::Yaml, format!("- {{name: x, settings: {settings}}}\n").repeat(100_000)),
        (
            "YAML of 30 MiB",
            Format::Yaml,
            format!("- {{name: x, settings: {{a: \"{}\"}}}}\n", "y".repeat(1_000)).repeat(30_000),
        ),
    ] {
        let started = Instant::now();
        let refused = RowReader::from_reader(text.as_bytes(), format, "t").check(Secrets::new()).is_err();
        println!("many bad rows of {name}: refused {refused}, {:?}, {} MB", started.elapsed(), memory());
    }
    Ok(())
}

fn fleet(rows: usize) -> Result<Fleet> {
    let provider = &providers()[0];
    let names: Vec<_> = provider.settings.iter().map(|s| format!("settings.{}", s.name)).collect();
    let mut text = format!("name,provider,status,{}\n", names.join(","));
    for row in 0..rows {
        let cells = vec!["some value or other"; provider.settings.len()].join(",");
        text += &format!("row {row},{},active,{cells}\n", provider.title);
    }
    Ok(RowReader::from_reader(text.as_bytes(), Format::Csv, "t").check(Secrets::new())?)
}

/// The most that this process has had, in MB.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1_000
}
