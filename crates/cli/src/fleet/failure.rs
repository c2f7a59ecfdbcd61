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
        Error::Mistakes(_) | Error::File { .. } | Error::NotAPlan(_) => Exit::BadInput,
        Error::Stale(_) => Exit::Rejected,
        Error::Api(error) if error.outcome() == Outcome::NotSent => Exit::NotSent,
        Error::Api(_) => Exit::Rejected,
        _ => Exit::Failed,
    };
    match error {
        Error::Mistakes(mistakes) => {
            let count = mistakes.count();
            let message = if count == 1 { "1 mistake".to_owned() } else { format!("{count} mistakes") };
            let failure = Failure::new(exit, message).fact("count", count);
            let failure = mistakes.iter().fold(failure, |failure, mistake| {
                failure.problem_at(&mistake.file, mistake.line, &mistake.field, &mistake.message)
            });
            failure.hint("mend them and run the command again; nothing was sent")
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
