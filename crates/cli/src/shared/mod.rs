//! The middle layer: what several commands share. It knows the account, its calls, output and errors, but no command.

pub mod account;
pub mod calls;
pub mod error_hints;
pub mod failure;
pub mod help;
pub mod log;
pub mod options;
pub mod output;
pub mod paths;
pub mod profiles;
pub mod provider_names;
pub mod references;
pub mod request_file;
pub mod signals;
pub mod tokens;
