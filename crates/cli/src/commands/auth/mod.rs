//! `ocamba auth`: profiles and their tokens.

mod list;
mod login;
mod logout;
mod status;

use clap::Subcommand;

use crate::shared::failure::Failure;
use crate::shared::options::Global;

#[derive(Subcommand)]
pub enum Command {
    /// Store a token, so that commands need no OCAMBA_TOKEN
    Login(login::Options),
    /// List the profiles, without their tokens
    List,
    /// Show which account commands use, and the source of each setting
    Status(status::Options),
    /// Remove a profile and its token
    Logout,
}

pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Login(options) => login::run(options, global),
        Command::List => list::run(global),
        Command::Status(options) => status::run(options, global),
        Command::Logout => logout::run(global),
    }
}
