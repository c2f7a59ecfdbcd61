//! The lowest layer: plain parts that know nothing of commands, accounts or failures.

pub mod browser;
pub mod end_signals;
pub mod hidden_prompt;
pub mod keyring;
pub mod packages;
pub mod secret_prompt;
pub mod shell;
pub mod table;
