//! From an error of a fleet to a failure.

use ocamba_fleet::Error;
use ocamba_hood::Outcome;

use crate::shared::failure::{Exit, Failure};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (exit, hint) = match &error {
            Error::InvalidRows(_) => (Exit::BadInput, "fix them and run the command again; nothing was sent"),
            Error::File { .. } | Error::NotAPlan(_) => (Exit::BadInput, "nothing was sent"),
            Error::Stale(_) => (Exit::Rejected, "make a new plan and check it; nothing was sent"),
            Error::Api(error) => {
                let exit = if error.outcome() == Outcome::NotSent { Exit::NotSent } else { Exit::Rejected };
                (exit, "nothing was changed; it is safe to run the command again")
            }
            Error::Ledger { .. } => {
                (Exit::Failed, "nothing is sent unless the ledger has its intent; apply again to resume")
            }
            _ => (Exit::Failed, "nothing was sent"),
        };
        let failure = match &error {
            Error::InvalidRows(errors) => {
                let count = errors.count();
                let message = format!("{count} error{} in the rows", if count == 1 { "" } else { "s" });
                let failure = Failure::new(exit, message).fact("count", count);
                errors.iter().fold(failure, |failure, error| {
                    failure.field_error(Some((&error.file, error.line)), &error.field, &error.message)
                })
            }
            Error::Api(api) => Failure::new(exit, format!("the account cannot be read: {error}"))
                .note("trace id", api.trace_id().map(str::to_owned)),
            _ => Failure::new(exit, error.to_string()),
        };
        failure.hint(hint).code(error.code()).outcome(error.outcome())
    }
}
