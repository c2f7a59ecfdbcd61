//! One create, and the doubt that it leaves where its outcome is unknown.

use super::checked_body::FromBody;
use super::context::Context;
use super::operation::Operation;
use super::response::Response;
use crate::coordination::{CreateId, NameLockGuard, NameLocks};
use crate::error::{Error, Outcome};
use crate::model::RequestBody;
use crate::transport::{BoxFuture, CallOptions, Progress};

/// Sends a create. An `ensure` holds the name's lock meanwhile.
pub async fn create<T: FromBody>(
    context: &Context,
    body: &RequestBody,
    options: &CallOptions,
    progress: &Progress,
    lock: Option<&NameLockGuard>,
) -> Result<Response<T>, Error> {
    let names = &context.name_locks;
    let id = lock.map_or_else(CreateId::new, |lock| lock.create);
    let deadline = options.deadline();
    let announce = || -> BoxFuture<'_, _> {
        Box::pin(async move {
            let (name, provider_id) = body.name_and_provider();
            names.begin_create(id, lock, &name, &provider_id, options.send_limit(), deadline).await
        })
    };
    let is_announced = lock.is_some() || names.notes_all_creates();
    let mut unfinished = Unfinished(Some((names, id, body, progress)));
    let operation = Operation::Create(body.clone());
    let result = operation.send_announced(None, context, options, progress, is_announced.then_some(&announce)).await;
    unfinished.0 = None;
    let is_in_doubt = matches!(result.as_ref().map_err(Error::outcome), Err(Outcome::Unknown | Outcome::Applied));
    if is_in_doubt || is_announced {
        let (name, provider_id) = body.name_and_provider();
        match is_in_doubt {
            true => names.note_unknown(id, &name, &provider_id, deadline).await,
            false => names.end_create(id, lock, [&name, &provider_id], result.is_ok(), deadline).await,
        }
    }
    result
}

/// A create without a result yet. One that is cancelled leaves a doubt, if it may have been sent.
struct Unfinished<'a>(Option<(&'a NameLocks, CreateId, &'a RequestBody, &'a Progress)>);

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some((names, id, body, progress)) = self.0
            && progress.cancel()
        {
            let (name, provider_id) = body.name_and_provider();
            names.note_unknown_here(id, &name, &provider_id);
        }
    }
}
