//! Apply: carries out a plan. Sends requests, records each in the ledger before and after, looks for creates whose outcome
//! is unknown, and reports every row. The only layer that changes the account.

pub(crate) mod apply;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod report_format;

mod report_markup;
mod run;
mod run_state;
mod send;
