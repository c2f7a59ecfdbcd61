//! `ocamba completions`.

use clap::Args;
use clap_complete::Shell;

use crate::shared::failure::Failure;
use crate::shared::output;

#[derive(Args)]
pub struct Options {
    /// bash, elvish, fish, powershell or zsh
    #[arg(value_name = "SHELL", value_enum, hide_possible_values = true)]
    shell: Shell,
}

/// Writes the completion script of the whole program.
pub fn run(options: &Options, mut program: clap::Command) -> Result<(), Failure> {
    // Not to stdout directly: clap_complete would panic where that is closed.
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut program, "ocamba", &mut script);
    output::write(&String::from_utf8_lossy(&script))
}
