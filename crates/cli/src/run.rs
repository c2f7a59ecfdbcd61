//! Running calls to their end, or until the user stops them.

use std::future::Future;

use ocamba_hood::{CheckedBody, Client, Operation, Response};

use crate::advice::{self, Deed};
use crate::exit::Exit;
use crate::report::Failure;
use crate::signals::StopSignal;

/// Runs calls on this thread.
pub fn to_end<T>(calls: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new(Exit::Failed, format!("the runtime cannot start: {e}")))?;
    let result = runtime.block_on(calls);
    // Its `drop` would wait for a look-up of names that was given up.
    runtime.shutdown_background();
    result
}

/// Sends what a command asks for. Who breaks off what changes something is told what may have become of it.
pub async fn send(client: &Client, operation: Operation, deed: &Deed<'_>) -> Result<Response<CheckedBody>, Failure> {
    let call = async {
        let answer = client.call(operation).with_response().await;
        answer.map_err(|error| advice::on_call(&error, deed, client.base_url()))
    };
    let Some(change) = &deed.change else { return call.await };
    let mut stop = StopSignal::listen()?;
    tokio::select! {
        result = call => result,
        () = stop.received() => Err(advice::on_interruption(change)),
    }
}
