//! `ocamba auth`: profiles, and the tokens that go with them.

mod list;
mod login;
mod logout;
mod status;

use clap::Subcommand;

use crate::Global;
use crate::report::Failure;

/// What can be done with profiles.
#[derive(Subcommand)]
pub enum Command {
    /// Keep a token, so that commands need no OCAMBA_TOKEN
    Login(login::Options),
    /// List the profiles; tokens are not shown
    List,
    /// Tell which account commands are for, and where each value comes from
    Status(status::Options),
    /// Forget a profile and its token
    Logout,
}

/// Runs one of them.
pub fn run(command: &Command, global: &Global) -> Result<(), Failure> {
    match command {
        Command::Login(options) => login::run(options, global),
        Command::List => list::run(global),
        Command::Status(options) => status::run(options, global),
        Command::Logout => logout::run(global),
    }
}
