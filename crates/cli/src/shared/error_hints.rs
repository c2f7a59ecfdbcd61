//! From an error of the client or a fleet to a failure: exit code, message, outcome, and the next step of the user.

use std::error::Error as _;

use ocamba_hood::{Error, ErrorKind, Outcome, Stage};

use super::failure::{Exit, Failure};

/// Words about a command, for its failures.
pub struct CommandContext<'a> {
    /// Source of its input, as `request.json`.
    pub source: &'a str,
    /// Permission that its token needs, as `create integrations`.
    pub permission: &'static str,
    /// Its effect; none where it only reads.
    pub effect: Option<Effect>,
}

/// Words about the effect of a command.
pub struct Effect {
    /// After a refusal, as `nothing was created`.
    pub none: &'static str,
    /// After an unknown outcome, as `the integration may have been created`.
    pub possible: &'static str,
    /// After a success that cannot be read, as `the integration was created; its ID is not known`.
    pub applied: &'static str,
    /// Next step after an unknown outcome.
    pub after_unknown: String,
    /// Next step after a success that cannot be read.
    pub after_applied: String,
}

impl<'a> CommandContext<'a> {
    /// Creates the context of a command that only reads.
    pub fn reading(source: &'a str, permission: &'static str) -> Self {
        Self { source, permission, effect: None }
    }
}

/// Reports a request that is not valid.
pub fn on_invalid_input(error: &Error, source: &str) -> Failure {
    on_invalid_fields(error, source, str::to_owned)
}

/// Reports a request that is not valid, with other names of its fields, as those of options.
pub fn on_invalid_fields(error: &Error, source: &str, name: impl Fn(&str) -> String) -> Failure {
    let errors: Vec<_> = error.field_errors().iter().map(|error| (name(&error.field), &error.message)).collect();
    match errors.as_slice() {
        [] => Failure::bad_input(error.message()),
        errors => Failure::bad_fields(source, errors),
    }
}

/// Reports settings from which no client can be created.
pub fn on_configuration(error: &Error) -> Failure {
    Failure::bad_input(error.message())
        .note("cause", cause(error))
        .hint("fix this and run the command again; nothing was sent")
}

/// Reports a call that failed.
pub fn on_call(error: &Error, context: &CommandContext<'_>, base_url: &str) -> Failure {
    // A command that reads before it changes anything may be refused before its change is sent.
    let is_refusal = error.status().is_some_and(|status| status.is_client_error());
    match (error.kind(), error.outcome(), &context.effect) {
        (ErrorKind::Validation, ..) => {
            on_invalid_input(error, context.source).hint(format!("fix {}; nothing was sent", context.source))
        }
        (ErrorKind::Configuration, ..) => on_configuration(error),
        (ErrorKind::Duplicate, Outcome::NotSent, _) => {
            Failure::new(Exit::Duplicate, error.message()).note("outcome", "nothing was changed".to_owned()).hint(
                "'ocamba integrations get ID' shows each, and 'ocamba integrations update ID --name NAME' renames one",
            )
        }
        (_, Outcome::Rejected, effect) => refused(error, context, effect.as_ref().map(|effect| effect.none), base_url),
        (_, Outcome::NotSent, _) if is_refusal => refused(error, context, Some("nothing was changed"), base_url),
        (_, Outcome::NotSent, Some(_)) if error.status().is_some() => failed_call(Exit::NotSent, error)
            .note("outcome", "nothing was changed".to_owned())
            .hint("it is safe to run the command again"),
        (kind, Outcome::NotSent, _) => {
            let more_time = if kind == ErrorKind::Timeout { ", or increase --timeout," } else { "," };
            let hint = match error.stage() {
                Some(Stage::Redis) => {
                    "check OCAMBA_RATE_LIMIT, and that its Redis can be reached; 'ocamba auth status' shows where \
                     the rate limit is set"
                        .to_owned()
                }
                // These messages say what to do.
                Some(Stage::Proxy | Stage::Tls) => "'ocamba doctor' shows each stage of the connection".to_owned(),
                _ => format!("check that {base_url} can be reached{more_time} and run the command again"),
            };
            failed_call(Exit::NotSent, error).note("outcome", "nothing was sent".to_owned()).hint(hint)
        }
        (_, Outcome::Unknown | Outcome::Applied, None) => {
            failed_call(Exit::Failed, error).hint("nothing was changed; it is safe to run the command again")
        }
        (_, Outcome::Unknown, Some(effect)) => unknown(failed_call(Exit::OutcomeUnknown, error), effect),
        (_, Outcome::Applied, Some(effect)) => failed_call(Exit::Unreadable, error)
            .note("outcome", effect.applied.to_owned())
            .hint(effect.after_applied.clone()),
    }
}

/// Reports a change that the user interrupted.
pub fn on_interruption(effect: &Effect) -> Failure {
    unknown(Failure::new(Exit::OutcomeUnknown, "interrupted before the response arrived"), effect)
}

impl From<ocamba_fleet::Error> for Failure {
    fn from(error: ocamba_fleet::Error) -> Self {
        use ocamba_fleet::Error;

        let (exit, hint) = match &error {
            Error::InvalidRows(_) => (Exit::BadInput, "fix them and run the command again; nothing was sent"),
            Error::File { .. }
            | Error::References(_)
            | Error::NoSuchRow(_)
            | Error::NotAPlan(_)
            | Error::NotALedger { .. }
            | Error::OtherAccount { .. } => (Exit::BadInput, "nothing was sent"),
            Error::Stale(_) => (Exit::Rejected, "make a new plan and check it; nothing was sent"),
            Error::Api(error) => {
                let exit = if error.outcome() == Outcome::NotSent { Exit::NotSent } else { Exit::Rejected };
                (exit, "nothing was changed; it is safe to run the command again")
            }
            // The message says what to do first.
            Error::Ledger { .. } => (Exit::Failed, "nothing is sent unless the ledger has its intent"),
            _ => (Exit::Failed, "nothing was sent"),
        };
        let failure = match &error {
            Error::InvalidRows(errors) => {
                let count = errors.count();
                let message = format!("{count} error{} in the rows", if count == 1 { "" } else { "s" });
                Failure::new(exit, message).fact("count", count).row_errors(errors)
            }
            Error::Ledger { made, .. } => {
                Failure::new(exit, error.to_string()).fact("made", serde_json::to_value(made).unwrap_or_default())
            }
            Error::Api(api) => with_details(Failure::new(exit, format!("the account cannot be read: {error}")), api),
            _ => Failure::new(exit, error.to_string()),
        };
        failure.hint(hint).code(error.code()).outcome(error.outcome())
    }
}

fn unknown(failure: Failure, effect: &Effect) -> Failure {
    failure.note("outcome", format!("unknown: {}", effect.possible)).hint(effect.after_unknown.clone())
}

fn refused(error: &Error, context: &CommandContext<'_>, none: Option<&str>, base_url: &str) -> Failure {
    let hint = match error.kind() {
        ErrorKind::Authentication => {
            "check the token in OCAMBA_TOKEN or of the profile: is it complete, for this account, and not expired?"
                .into()
        }
        ErrorKind::PermissionDenied => format!("use a token that may {}", context.permission),
        ErrorKind::NotFound => {
            format!("check the base URL, {base_url}, and any ID: 'ocamba integrations list' shows them")
        }
        ErrorKind::RateLimit => match error.retry_after() {
            Some(wait) => format!("run the command again in {} s", wait.as_secs()),
            None => "wait until other requests of the account have ended, and run the command again".into(),
        },
        ErrorKind::BadRequest | ErrorKind::Validation => {
            format!("fix {} as the server says, and run the command again", context.source)
        }
        _ => "it is safe to run the command again".into(),
    };
    failed_call(Exit::Rejected, error)
        .note("outcome", none.map(|none| format!("the server refused the request; {none}")))
        .hint(hint)
}

/// Returns everything about a failed call except its outcome in words and the next step.
fn failed_call(exit: Exit, error: &Error) -> Failure {
    let message = match error.status() {
        Some(status) => {
            let title = error.title().map(|title| title.trim_end_matches('.')).or(status.canonical_reason());
            format!("{} {}: {}", status.as_u16(), title.unwrap_or("(unnamed status)"), error.message())
        }
        None => error.message().to_owned(),
    };
    let failure = Failure::new(exit, message).outcome(error.outcome());
    with_details(failure.note("cause", cause(error)), error)
}

/// Adds the trace ID and, for programs, the stage of the connection that failed.
fn with_details(failure: Failure, error: &Error) -> Failure {
    let failure = failure.note("trace id", error.trace_id().map(str::to_owned));
    match error.stage() {
        Some(stage) => failure.fact("stage", stage.code()),
        None => failure,
    }
}

/// Returns the words of the operating system or the TLS library: the innermost error. Outer errors repeat the message.
fn cause(error: &Error) -> Option<String> {
    let mut innermost = error.source()?;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    Some(innermost.to_string())
}
