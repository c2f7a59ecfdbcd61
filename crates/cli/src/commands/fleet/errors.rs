//! From an error of a fleet to a failure.

use ocamba_fleet::Error;
use ocamba_hood::Outcome;

use crate::shared::exit::Exit;
use crate::shared::failure::Failure;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match &error {
            Error::InvalidRows(_) | Error::File { .. } | Error::NotAPlan(_) => Exit::BadInput,
            Error::Api(error) if error.outcome() == Outcome::NotSent => Exit::NotSent,
            Error::Api(_) | Error::Stale(_) => Exit::Rejected,
            _ => Exit::Failed,
        };
        let failure = match &error {
            Error::InvalidRows(errors) => {
                let count = errors.count();
                let message =
                    if count == 1 { "1 error in the rows".to_owned() } else { format!("{count} errors in the rows") };
                let failure = Failure::new(exit, message).fact("count", count);
                errors.iter().fold(failure, |failure, error| {
                    failure.field_error(Some((&error.file, error.line)), &error.field, &error.message)
                })
            }
            Error::Api(api) => Failure::new(exit, format!("the account cannot be read: {error}"))
                .note("trace id", api.trace_id().map(str::to_owned)),
            _ => Failure::new(exit, error.to_string()),
        };
        let hint = match &error {
            Error::InvalidRows(_) => "fix them and run the command again; nothing was sent",
            Error::Stale(_) => "make a new plan and check it; nothing was sent",
            Error::Ledger { .. } => "nothing is sent unless the ledger has its intent; apply again to resume",
            Error::Api(_) => "nothing was changed; it is safe to run the command again",
            _ => "nothing was sent",
        };
        failure.hint(hint).code(error.code()).outcome(error.outcome())
    }
}
