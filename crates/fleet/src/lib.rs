#![doc = include_str!("../README.md")]

mod apply;
mod error;
mod export;
mod input;
mod key;
mod ledger;
mod plan;
#[doc(hidden)]
pub mod private_file;

pub use apply::apply::Apply;
#[doc(hidden)]
pub use apply::apply::ApplyEvent;
pub use apply::progress::Progress;
pub use apply::report::{Report, RowOutcome, RowReport};
pub use apply::report_format::ReportFormat;
pub use error::{Error, MadeRow, RowError, RowErrors};
pub use export::Export;
#[doc(hidden)]
pub use export::variable_name;
#[doc(hidden)]
pub use input::damage::{Damage, of_request as damage_of_request};
pub use input::fleet::Fleet;
pub use input::format::Format;
pub use input::read_options::ReadOptions;
pub use input::references::References;
#[doc(hidden)]
pub use input::references::{as_text, expand_home, is_reference};
#[doc(hidden)]
pub use input::request::with_provider_id;
pub use input::row_reader::RowReader;
pub use input::template::template;
#[doc(hidden)]
pub use input::text::{NotText, decode as decode_text};
#[doc(hidden)]
pub use ledger::ledger::LedgerStatus;
pub use ledger::ledger::{Ledger, LedgerRow};
pub use plan::orphans::Orphan;
pub use plan::plan::Plan;
pub use plan::saved_plan::SavedPlan;
pub use plan::step::{Action, FieldChange, Step};
/// Cancels runs: nothing more is sent, and requests in flight are awaited. Clones cancel the same runs.
pub use tokio_util::sync::CancellationToken as Cancel;
