//! `ocamba providers`.

mod known;
mod live;

use anstyle::Style;
use clap::Args;

use crate::Global;
use crate::report::Failure;
use crate::style::DIM;
use crate::table::Cell;

/// The options of `ocamba providers`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// Ask the server; without it nothing is sent, and no token needed
    #[arg(long)]
    live: bool,
}

/// Prints the providers, and the settings of each.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    if options.live { live::list(global) } else { known::list(global.output) }
}

/// Yes in a style, and no as what needs no attention.
fn yes_no(yes: bool, style: Style) -> Cell {
    if yes { Cell::styled("yes", style) } else { Cell::styled("no", DIM) }
}

/// A row for each setting; the provider itself stands only in the first, which is there without settings as well.
fn rows(provider: [Cell; 3], settings: impl ExactSizeIterator<Item = [Cell; 3]>) -> Vec<Vec<Cell>> {
    let mut rows = vec![provider.to_vec()];
    rows.resize(settings.len().max(1), vec![Cell::new(""); 3]);
    for (row, setting) in rows.iter_mut().zip(settings) {
        row.extend(setting);
    }
    rows
}

fn after_help() -> String {
    crate::examples(&[
        ("those that this version knows", "ocamba providers"),
        ("those that the server has, in its own words", "ocamba providers --live"),
    ])
}
