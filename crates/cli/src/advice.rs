//! What an error of the client means to the one who ran the command: exit code, words, and what to do next.

use std::error::Error as _;

use ocamba_hood::{Error, Kind, Outcome};

use crate::exit::Exit;
use crate::report::Failure;

/// A request that is not valid. `source` says where it was read from.
pub fn on_request(error: &Error, source: &str) -> Failure {
    let message = match error.problems() {
        [] => error.message().to_owned(),
        problems => format!("{} mistakes in {source}", problems.len()),
    };
    let failure = Failure::new(Exit::BadInput, message);
    error.problems().iter().fold(failure, |failure, problem| failure.problem(&problem.field, &problem.message))
}

/// A client that cannot be set up.
pub fn on_configuration(error: &Error) -> Failure {
    Failure::new(Exit::BadInput, error.message())
        .note("cause", cause(error))
        .hint("set it right and run the command again; nothing was sent")
}

/// A create that failed. `source` says where the request was read from, `base_url` where it went.
pub fn on_create(error: &Error, source: &str, base_url: &str) -> Failure {
    match error.outcome() {
        Outcome::NotSent => match error.kind() {
            Kind::Validation => on_request(error, source).hint(format!("mend {source}; nothing was sent")),
            Kind::Configuration => on_configuration(error),
            Kind::Timeout => of_call(Exit::NotSent, error)
                .note("outcome", "nothing was sent".to_owned())
                .hint(format!("check that {base_url} can be reached, or allow more --timeout, and run it again")),
            Kind::Connection
            | Kind::Authentication
            | Kind::Permission
            | Kind::NotFound
            | Kind::RateLimit
            | Kind::BadRequest
            | Kind::ServerError
            | Kind::OutcomeUnknown
            | Kind::UnreadableResponse => of_call(Exit::NotSent, error)
                .note("outcome", "nothing was sent".to_owned())
                .hint(format!("check that {base_url} can be reached, and run it again")),
        },
        Outcome::Rejected => of_call(Exit::Rejected, error)
            .note("outcome", "the server refused; nothing was created".to_owned())
            .hint(after_refusal(error, source, base_url)),
        Outcome::Unknown => of_call(Exit::OutcomeUnknown, error)
            .note("outcome", "unknown: the integration may have been created".to_owned())
            .hint(LOOK_FIRST),
        Outcome::Applied => of_call(Exit::Unreadable, error)
            .note("outcome", "the integration was created; its id is not known".to_owned())
            .hint("do not run it again, that would create a second one; find this one in the account"),
    }
}

/// A create that the user broke off.
pub fn on_interrupted_create() -> Failure {
    Failure::new(Exit::OutcomeUnknown, "interrupted before the answer came")
        .note("outcome", "unknown: the integration may have been created".to_owned())
        .hint(LOOK_FIRST)
}

const LOOK_FIRST: &str = "look whether the account has it before you run the command again, or there may be two";

/// Everything that is known of a failed call, but for its outcome.
fn of_call(exit: Exit, error: &Error) -> Failure {
    let message = match error.status() {
        Some(status) => {
            let title = error.title().map(|title| title.trim_end_matches('.')).or(status.canonical_reason());
            format!("{} {}: {}", status.as_u16(), title.unwrap_or("(a status without a name)"), error.message())
        }
        None => error.message().to_owned(),
    };
    Failure::new(exit, message).note("cause", cause(error)).note("trace id", error.trace_id().map(str::to_owned))
}

fn after_refusal(error: &Error, source: &str, base_url: &str) -> String {
    match error.kind() {
        Kind::Authentication => {
            "check the token in OCAMBA_TOKEN: is it whole, of this account, and not out of date?".into()
        }
        Kind::Permission => "use a token that may create integrations".into(),
        Kind::NotFound => format!("check the base URL, {base_url}"),
        Kind::RateLimit => match error.retry_after() {
            Some(wait) => format!("run the command again in {} s", wait.as_secs()),
            None => "let other requests of the account end, and run the command again".into(),
        },
        Kind::BadRequest | Kind::Validation => format!("mend {source} as the server says, and run the command again"),
        Kind::Timeout
        | Kind::Configuration
        | Kind::Connection
        | Kind::ServerError
        | Kind::OutcomeUnknown
        | Kind::UnreadableResponse => "it is safe to run the command again".into(),
    }
}

/// What the operating system or the TLS library says: the innermost error. Those above it only repeat the message.
fn cause(error: &Error) -> Option<String> {
    let mut innermost = error.source()?;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Some(innermost.to_string())
}
