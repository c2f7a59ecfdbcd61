//! Failures as plain data: kind, outcome and attempts. It knows no request, no connection and no provider.

mod attempt;
mod error;
mod field_error;
mod kind;
mod outcome;
mod stage;
mod unconfirmed_create;

pub use attempt::Attempt;
pub use error::Error;
pub use field_error::FieldError;
pub use kind::ErrorKind;
pub use outcome::Outcome;
pub use stage::Stage;
pub use unconfirmed_create::UnconfirmedCreate;
