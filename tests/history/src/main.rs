//! Checks histories in files: `ocamba-history JOURNAL HISTORY...`.
//!
//! JOURNAL has the arrivals and the journal as `{"arrivals": [...], "journal": [...]}`; each HISTORY the lines of one or more
//! processes.

use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<ExitCode> {
    let mut files = std::env::args_os().skip(1);
    let journal = files.next().ok_or("usage: ocamba-history JOURNAL HISTORY...")?;
    let journal = serde_json::from_str(&std::fs::read_to_string(journal)?)?;
    let mut history = Vec::new();
    for file in files {
        history.extend(ocamba_history::read(&std::fs::read_to_string(file)?)?);
    }
    let violations = ocamba_history::check(&history, &journal);
    violations.iter().for_each(|violation| println!("{violation}"));
    println!("{} lines, {} violations", history.len(), violations.len());
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
