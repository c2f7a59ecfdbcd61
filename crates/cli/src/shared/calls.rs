//! Calls of a command, until they end or the user stops them.

use std::future::{Future, IntoFuture};
use std::time::Duration;

use ocamba_hood::{CheckedBody, Client, Error, Operation, Response};

use super::account::Account;
use super::error_hints::{self, CommandContext};
use super::failure::{self, Failure};
use super::options::Global;
use super::signals;

/// Time after which a call that continues is reported.
const PATIENCE: Duration = Duration::from_secs(5);

/// Runs calls on this thread until they end.
pub fn block_on<T, E>(calls: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
where
    Failure: From<E>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::other(format!("the runtime cannot start: {error}")))?;
    let result = runtime.block_on(calls);
    // Dropping it would wait for a name lookup that was given up.
    runtime.shutdown_background();
    Ok(result?)
}

/// Sends the only request of a command.
pub fn send_one(
    global: &Global,
    operation: Operation,
    context: &CommandContext<'_>,
) -> Result<Response<CheckedBody>, Failure> {
    let client = Account::of(global)?.client(global)?;
    block_on(send(global, &client, operation, context))
}

/// Sends a request of a command. When the user interrupts a change, the failure says what may have happened.
pub async fn send(
    global: &Global,
    client: &Client,
    operation: Operation,
    context: &CommandContext<'_>,
) -> Result<Response<CheckedBody>, Failure> {
    let response = try_send(global, client, operation, context).await?;
    response.map_err(|error| error_hints::on_call(&error, context, client.base_url()))
}

/// Sends a request of a command, as [`send`] does, and returns the error of the call itself.
pub async fn try_send(
    global: &Global,
    client: &Client,
    operation: Operation,
    context: &CommandContext<'_>,
) -> Result<Result<Response<CheckedBody>, Error>, Failure> {
    let call = patiently(client.call(operation).with_response().into_future(), client);
    unless_interrupted(global, context, call).await
}

/// Awaits what has the effect of a command. When the user interrupts it, the failure says what may have happened.
pub async fn unless_interrupted<T>(
    global: &Global,
    context: &CommandContext<'_>,
    call: impl Future<Output = T>,
) -> Result<T, Failure> {
    let Some(effect) = &context.effect else { return Ok(call.await) };
    let stop = signals::first_signal(error_hints::on_interruption(effect), global.is_json())?;
    tokio::select! {
        result = call => Ok(result),
        () = stop => Err(error_hints::on_interruption(effect)),
    }
}

/// Awaits a call, and says so if that takes long.
pub async fn patiently<T>(call: impl Future<Output = T>, client: &Client) -> T {
    let mut call = std::pin::pin!(call);
    tokio::select! {
        result = &mut call => return result,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    failure::note(&format!("still waiting for {}; Ctrl-C stops, and --timeout sets a limit", client.base_url()));
    call.await
}
