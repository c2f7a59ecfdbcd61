//! What can go wrong with a fleet, as it is shown.

use ocamba_fleet::Error;
use ocamba_hood::Outcome;

use crate::exit::Exit;
use crate::report::Failure;

pub fn of(error: &Error) -> Failure {
    in_words(error).code(error.code()).outcome(error.outcome())
}

fn in_words(error: &Error) -> Failure {
    let exit = match error {
        Error::InvalidRows(_) | Error::File { .. } | Error::NotAPlan(_) => Exit::BadInput,
        Error::Stale(_) => Exit::Rejected,
        Error::Api(error) if error.outcome() == Outcome::NotSent => Exit::NotSent,
        Error::Api(_) => Exit::Rejected,
        _ => Exit::Failed,
    };
    match error {
        Error::InvalidRows(errors) => {
            let count = errors.count();
            let message =
                if count == 1 { "1 error in the rows".to_owned() } else { format!("{count} errors in the rows") };
            let failure = Failure::new(exit, message).fact("count", count);
            let failure = errors.iter().fold(failure, |failure, error| {
                failure.problem_at(&error.file, error.line, &error.field, &error.message)
            });
            failure.hint("fix them and run the command again; nothing was sent")
        }
        Error::Stale(_) => Failure::new(exit, error.to_string()).hint("plan again, and look at it; nothing was sent"),
        Error::LedgerInUse(_) => Failure::new(exit, error.to_string()).hint("nothing was sent"),
        Error::Ledger { .. } => Failure::new(exit, error.to_string())
            .hint("nothing is sent without its intent in the ledger; apply again to go on"),
        Error::Api(api) => Failure::new(exit, format!("the account cannot be read: {error}"))
            .note("trace id", api.trace_id().map(str::to_owned))
            .hint("nothing was changed; it is safe to run the command again"),
        _ => Failure::new(exit, error.to_string()).hint("nothing was sent"),
    }
}
