//! `ocamba providers`.

mod known;
mod live;

use anstyle::Style;
use clap::Args;

use crate::parts::style::{BOLD, DIM, NAME};
use crate::parts::table::{Cell, with_header};
use crate::shared::failure::Failure;
use crate::shared::help;
use crate::shared::options::Global;

#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// Ask the server (the default sends nothing and needs no token)
    #[arg(long)]
    live: bool,
}

/// Prints the providers and their settings.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    if options.live { live::list(global) } else { known::list(global.output) }
}

/// A provider as a table shows it, with the cells of each setting.
struct Provider<'a> {
    id: &'a str,
    name: &'a str,
    channel: &'a str,
    settings: Vec<[Cell; 3]>,
}

/// Returns a table with a row for each setting. Only the first row of a provider names the provider.
fn table<'a>(setting_titles: [&str; 3], providers: impl Iterator<Item = Provider<'a>>) -> String {
    let rows = providers.flat_map(|Provider { id, name, channel, settings }| {
        let provider = vec![Cell::styled(id, BOLD), Cell::styled(name, BOLD).cut(24), Cell::new(channel)];
        let mut rows = vec![vec![Cell::new(""); 3]; settings.len().max(1)];
        rows[0] = provider;
        rows.iter_mut().zip(settings).for_each(|(row, setting)| row.extend(setting));
        rows
    });
    let [setting, second, third] = setting_titles;
    with_header(["id", "name", "type", setting, second, third], rows)
}

/// Returns the cells of a setting: its name, and two answers, each in its style.
fn setting(name: &str, answers: [(Option<bool>, Style); 2]) -> [Cell; 3] {
    let [first, second] = answers.map(|(answer, style)| match answer {
        Some(true) => Cell::styled("yes", style),
        Some(false) => Cell::styled("no", DIM),
        None => Cell::new(""),
    });
    [Cell::styled(name, NAME), first, second]
}

fn after_help() -> String {
    help::examples(&[
        ("providers that this version knows", "ocamba providers"),
        ("providers that the server offers, as it describes them", "ocamba providers --live"),
    ])
}
