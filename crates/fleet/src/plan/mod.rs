//! Plan: compares rows with the account and the ledger, and says what applying them would do. Reads the account through
//! the client; changes nothing in it.

pub(crate) mod account_snapshot;
pub(crate) mod orphans;
pub(crate) mod plan;
pub(crate) mod saved_plan;
pub(crate) mod step;
