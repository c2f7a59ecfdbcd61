#![doc = include_str!("../README.md")]

mod apply;
mod cancel;
mod csv_rows;
mod error;
mod fleet;
mod formula;
mod json_rows;
mod ledger;
mod ledger_file;
mod plan;
mod private_file;
mod progress;
mod reconcile;
mod remainder;
mod report;
mod request;
mod run;
mod saved_plan;
mod secrets;
mod send;
mod sheet;
mod source;
mod template;
mod world;
mod yaml_rows;
mod yaml_text;

pub use apply::Apply;
#[doc(hidden)]
pub use apply::Moment;
pub use cancel::Cancel;
pub use error::{Error, Mistake, Mistakes};
pub use fleet::Fleet;
pub use ledger::Ledger;
pub use plan::{Action, FieldChange, Plan, Step};
pub use progress::Progress;
pub use report::{Outcome, Report, RowReport};
pub use saved_plan::SavedPlan;
pub use secrets::Secrets;
pub use sheet::{Format, Sheet};
pub use template::template;
