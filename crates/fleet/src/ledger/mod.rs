//! Ledger: what runs intended and what came of it, in an SQLite file. Knows the key of a row and the account's identity;
//! knows neither rows nor requests, and decides nothing.

pub(crate) mod entry;
pub(crate) mod ledger;

mod account_identity;
mod database;
mod snapshot;
