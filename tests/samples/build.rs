//! Writes each of the document's samples in Rust as a module, and a function that runs one.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

const DOCUMENT: &str = "../../openapi/hood.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DOCUMENT}");
    let document: Value = serde_json::from_str(&std::fs::read_to_string(DOCUMENT)?)?;
    let (mut modules, mut arms, mut count) = (String::new(), String::new(), 0);
    let items = document["paths"].as_object().into_iter().flatten();
    for (_, operation) in items.flat_map(|(_, item)| item.as_object().into_iter().flatten()) {
        let samples = operation["x-codeSamples"].as_array().into_iter().flatten();
        for sample in samples.filter(|sample| sample["lang"] == "rust") {
            let (id, label) = (&operation["operationId"], &sample["label"]);
            let source = sample["source"].as_str().ok_or("a sample has no source")?;
            count += 1;
            write!(modules, "mod sample_{count} {{\n{source}\npub fn run() -> Result<(), Error> {{ main() }}\n}}\n")?;
            writeln!(arms, "        ({id}, {label}) => sample_{count}::run(),")?;
        }
    }
    let run = format!(
        "/// Runs the sample of an operation with this label.\n\
        fn run(operation: &str, label: &str) -> Result<(), Box<dyn Error>> {{\n    Ok(match (operation, label) {{\n{arms}\
        \x20       _ => return Err(format!(\"there is no sample {{label}} of {{operation}}\").into()),\n    }}?)\n}}\n"
    );
    let out = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    Ok(std::fs::write(Path::new(&out).join("samples.rs"), run + &modules)?)
}
