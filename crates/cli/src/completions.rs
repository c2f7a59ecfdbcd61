//! `ocamba completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::output;
use crate::report::Failure;

/// The options of `ocamba completions`.
#[derive(Args)]
pub struct Options {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// Writes the script.
pub fn write(options: &Options) -> Result<(), Failure> {
    // Not to stdout itself: clap_complete would panic where that is closed.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut crate::Arguments::command(), "ocamba", &mut script);
    output::write(&script).map_err(|error| output::failure(&error))
}
