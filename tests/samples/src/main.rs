//! Runs one of the document's samples in Rust: `ocamba-samples createIntegration LABEL`. One program contains
//! all, since linking takes most of the time.

use std::error::Error;

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().ok_or("give an operation and a label");
    run(&next()?, &next()?)
}
