//! Calls of a command, until they end or the user stops them.

use std::future::Future;

use ocamba_hood::{CheckedBody, Client, Operation, Response};

use super::account::Account;
use super::error_hints::{self, CommandContext};
use super::failure::Failure;
use super::options::Global;

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
    block_on(send(&client, operation, context))
}

/// Sends a request of a command. When the user interrupts a change, the failure says what may have happened.
pub async fn send(
    client: &Client,
    operation: Operation,
    context: &CommandContext<'_>,
) -> Result<Response<CheckedBody>, Failure> {
    let call = async {
        let response = client.call(operation).with_response().await;
        response.map_err(|error| error_hints::on_call(&error, context, client.base_url()))
    };
    let Some(effect) = &context.effect else { return call.await };
    let stop = stop_signal()?;
    tokio::select! {
        result = call => result,
        () = stop => Err(error_hints::on_interruption(effect)),
    }
}

/// Catches Ctrl-C, or a request of the system to end, from now on. The future ends at the first such signal.
pub fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    #[cfg(unix)]
    use tokio::signal::unix::{SignalKind, signal};
    #[cfg(windows)]
    use tokio::signal::windows::{ctrl_break, ctrl_c};
    #[cfg(unix)]
    let signals = signal(SignalKind::interrupt()).and_then(|first| Ok((first, signal(SignalKind::terminate())?)));
    #[cfg(windows)]
    let signals = ctrl_c().and_then(|first| Ok((first, ctrl_break()?)));
    let (mut first, mut second) =
        signals.map_err(|error| Failure::other(format!("signals cannot be caught: {error}")))?;
    Ok(async move {
        tokio::select! {
            _ = first.recv() => {}
            _ = second.recv() => {}
        }
    })
}
