//! What an error of the client means to the one who ran the command: exit code, words, and what to do next.

use std::error::Error as _;

use ocamba_hood::{Error, ErrorKind, Outcome};

use crate::exit::Exit;
use crate::report::Failure;

/// What a command asks for, in the words that its failures need.
pub struct Deed<'a> {
    /// Where its input is from, as `request.json`.
    pub source: &'a str,
    /// What its token must be allowed to do, as `create integrations`.
    pub right: &'static str,
    /// What it changes; none where it only reads.
    pub change: Option<Change>,
}

/// What a command changes, in the words that its failures need.
pub struct Change {
    /// After a refusal, as `nothing was created`.
    pub none: &'static str,
    /// Where that is not known, as `the integration may have been created`.
    pub perhaps: &'static str,
    /// Where it was made but not told, as `the integration was created; its id is not known`.
    pub made: &'static str,
    /// What to do where it may have been made.
    pub look: String,
    /// What to do where it was made.
    pub know: String,
}

/// A request that is not valid. `source` says where it was read from.
pub fn on_request(error: &Error, source: &str) -> Failure {
    on_problems(error, source, str::to_owned)
}

/// As [`on_request`], with other names for the fields, as they are on the command line.
pub fn on_problems(error: &Error, source: &str, name: impl Fn(&str) -> String) -> Failure {
    let message = match error.field_errors() {
        [] => error.message().to_owned(),
        problems => format!("{} mistakes in {source}", problems.len()),
    };
    let failure = Failure::new(Exit::BadInput, message);
    error
        .field_errors()
        .iter()
        .fold(failure, |failure, problem| failure.problem(&name(&problem.field), &problem.message))
}

/// A client that cannot be set up.
pub fn on_configuration(error: &Error) -> Failure {
    Failure::new(Exit::BadInput, error.message())
        .note("cause", cause(error))
        .hint("set it right and run the command again; nothing was sent")
}

/// A call that failed. `base_url` says where it went.
pub fn on_call(error: &Error, deed: &Deed<'_>, base_url: &str) -> Failure {
    match error.kind() {
        ErrorKind::Validation => return on_request(error, deed.source).hint(mend(deed.source)),
        ErrorKind::Configuration => return on_configuration(error),
        ErrorKind::Duplicate => {
            return Failure::new(Exit::Duplicate, error.message())
                .note("outcome", "nothing was changed".to_owned())
                .hint("'ocamba integrations get ID' shows each, and 'ocamba integrations update ID --name NAME' renames one");
        }
        ErrorKind::Connection
        | ErrorKind::Timeout
        | ErrorKind::Authentication
        | ErrorKind::PermissionDenied
        | ErrorKind::NotFound
        | ErrorKind::RateLimit
        | ErrorKind::BadRequest
        | ErrorKind::ServerError
        | ErrorKind::OutcomeUnknown
        | ErrorKind::UnreadableResponse => {}
    }
    // A call that looks before it changes something was refused though nothing of the change was sent.
    let is_refusal = error.status().is_some_and(|status| status.is_client_error());
    match (error.outcome(), &deed.change) {
        (Outcome::Rejected, change) => refused(error, deed, change.as_ref().map(|change| change.none), base_url),
        (Outcome::NotSent, _) if is_refusal => refused(error, deed, Some("nothing was changed"), base_url),
        (Outcome::NotSent, Some(_)) if error.status().is_some() => of_call(Exit::NotSent, error)
            .note("outcome", "nothing was changed".to_owned())
            .hint("it is safe to run the command again"),
        (Outcome::NotSent, _) => {
            let more_time = if error.kind() == ErrorKind::Timeout { ", or allow more --timeout," } else { "," };
            of_call(Exit::NotSent, error)
                .note("outcome", "nothing was sent".to_owned())
                .hint(format!("check that {base_url} can be reached{more_time} and run it again"))
        }
        (Outcome::Unknown | Outcome::Applied, None) => {
            of_call(Exit::Failed, error).hint("nothing was changed; it is safe to run the command again")
        }
        (Outcome::Unknown, Some(change)) => unknown(of_call(Exit::OutcomeUnknown, error), change),
        (Outcome::Applied, Some(change)) => {
            of_call(Exit::Unreadable, error).note("outcome", change.made.to_owned()).hint(change.know.clone())
        }
    }
}

/// A change that the user broke off.
pub fn on_interruption(change: &Change) -> Failure {
    unknown(Failure::new(Exit::OutcomeUnknown, "interrupted before the answer came"), change)
}

fn unknown(failure: Failure, change: &Change) -> Failure {
    failure.note("outcome", format!("unknown: {}", change.perhaps)).hint(change.look.clone())
}

fn refused(error: &Error, deed: &Deed<'_>, none: Option<&str>, base_url: &str) -> Failure {
    of_call(Exit::Rejected, error)
        .note("outcome", none.map(|none| format!("the server refused; {none}")))
        .hint(after_refusal(error, deed, base_url))
}

fn mend(source: &str) -> String {
    format!("mend {source}; nothing was sent")
}

/// Everything that is known of a failed call, but for its outcome.
fn of_call(exit: Exit, error: &Error) -> Failure {
    let message = match error.status() {
        Some(status) => {
            let title = error.title().map(|title| title.trim_end_matches('.')).or(status.canonical_reason());
            format!("{} {}: {}", status.as_u16(), title.unwrap_or("(a status without a name)"), error.message())
        }
        None => error.message().to_owned(),
    };
    let failure = Failure::new(exit, message).outcome(error.outcome());
    failure.note("cause", cause(error)).note("trace id", error.trace_id().map(str::to_owned))
}

fn after_refusal(error: &Error, deed: &Deed<'_>, base_url: &str) -> String {
    match error.kind() {
        ErrorKind::Authentication => {
            "check the token, in OCAMBA_TOKEN or of the profile: is it whole, of this account, and not out of date?"
                .into()
        }
        ErrorKind::PermissionDenied => format!("use a token that may {}", deed.right),
        ErrorKind::NotFound => {
            format!("check the base URL, {base_url}, and any id: 'ocamba integrations list' shows them")
        }
        ErrorKind::RateLimit => match error.retry_after() {
            Some(wait) => format!("run the command again in {} s", wait.as_secs()),
            None => "let other requests of the account end, and run the command again".into(),
        },
        ErrorKind::BadRequest | ErrorKind::Validation => {
            format!("mend {} as the server says, and run the command again", deed.source)
        }
        ErrorKind::Timeout
        | ErrorKind::Configuration
        | ErrorKind::Connection
        | ErrorKind::ServerError
        | ErrorKind::OutcomeUnknown
        | ErrorKind::UnreadableResponse
        | ErrorKind::Duplicate => "it is safe to run the command again".into(),
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
