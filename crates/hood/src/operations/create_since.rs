//! A create by a caller that has read the account before, as a fleet: not done again if another call has done it since.

use std::sync::Arc;

use super::checked_body::CheckedBody;
use super::context::Context;
use super::create::create;
use super::response::Response;
use crate::clock::Moment;
use crate::coordination::{MadeSince, NameLockGuard};
use crate::error::{Error, ErrorKind, Outcome};
use crate::model::RequestBody;
use crate::transport::{CallOptions, Progress};

/// Creates an integration that did not exist when the account was read. Nothing is sent if it may exist since then: the
/// outcome of the error is `NotSent`, and its kind `Duplicate` if another call has created it, or `OutcomeUnknown` if another
/// may have. Read again then.
pub async fn create_since(
    context: &Arc<Context>,
    body: &RequestBody,
    read: &Moment,
    options: &CallOptions,
    progress: &Progress,
) -> Result<Response<CheckedBody>, Error> {
    let deadline = options.deadline();
    let (name, provider_id) = body.name_and_provider();
    let names = &context.name_locks;
    let lock = names.acquire(&name, &provider_id, deadline).await?;
    let send = async |lock: &NameLockGuard| {
        let (time, send_limit) = (options.reconcile_timeout, options.send_limit());
        match names.may_be_made_since(lock, read, time, send_limit, deadline).await? {
            MadeSince::No => create(context, body, &options.until(deadline), progress, Some(lock)).await,
            MadeSince::Yes => Err(not_sent(ErrorKind::Duplicate, "another call has created")),
            MadeSince::InDoubt => Err(not_sent(ErrorKind::OutcomeUnknown, "another call may have created")),
        }
    };
    let result = send(&lock).await;
    lock.release(deadline).await;
    result
}

fn not_sent(kind: ErrorKind, what: &str) -> Error {
    let message = format!("{what} this name and provider since the account was read; read it again, nothing was sent");
    Error::new(kind, Outcome::NotSent, message)
}
