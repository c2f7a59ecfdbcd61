//! `ocamba man`.

use std::path::PathBuf;

use clap::{Args, Command};

use crate::shared::failure::Failure;
use crate::shared::{help, output, paths};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("read the page of the program", "ocamba man | man -l -"),
    ("install the pages of all commands", "ocamba man ~/.local/share/man/man1"),
]))]
pub struct Options {
    /// Folder in which a page for each command is written
    #[arg(value_name = "FOLDER", value_parser = paths::parser())]
    folder: Option<PathBuf>,
}

/// Writes the manual page of the program, or the pages of all commands.
pub fn run(options: &Options, program: Command) -> Result<(), Failure> {
    let Some(folder) = &options.folder else {
        let mut page = Vec::new();
        // Writing to memory succeeds.
        let _ = clap_mangen::Man::new(program).render(&mut page);
        return output::write(&String::from_utf8_lossy(&page));
    };
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(program, folder));
    written.map_err(|error| {
        let message = format!("the pages cannot be written in {}: {error}", folder.display());
        Failure::bad_input(message).hint("name a folder that is writable")
    })
}
