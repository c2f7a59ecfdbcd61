//! The control of a sandbox, for `lib/testing.js`: tests replace `fetch`, `node:http` and the ticks that Node's sockets need.

use napi_derive::napi;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::calls::Calls;
use crate::failure::Failure;

#[napi]
impl Calls {
    /// Starts a request to the control of the sandbox at a port of this machine, as
    /// [`Client::call`](crate::client::Client::call) starts a call. It is not in TLS.
    #[napi(catch_unwind)]
    pub fn control(&self, number: f64, port: u16, token: String, request: String, body: String) {
        self.start(number as u64, async move |call| match exchange(port, &token, &request, &body).await {
            Ok(json) => call.value(&json),
            Err(why) => {
                let what = request.rsplit('/').next().unwrap_or_default();
                call.fail(&Failure::configuration(format!("the sandbox refused the {what}: {why}")));
            }
        });
    }
}

/// Returns the body of a success, or why there is none.
async fn exchange(port: u16, token: &str, request: &str, body: &str) -> Result<String, String> {
    let length = body.len();
    // A server of HTTP/1.0 closes after its response, which has no parts.
    let sent = format!(
        "{request} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let work = async {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.write_all(sent.as_bytes()).await?;
        let mut received = String::new();
        socket.read_to_string(&mut received).await.map(|_| received)
    };
    let received = work.await.map_err(|error: std::io::Error| error.to_string())?;
    let (head, body) = received.split_once("\r\n\r\n").unwrap_or((&received, ""));
    if head.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) {
        return Ok(if body.is_empty() { "null" } else { body }.to_owned());
    }
    let message = serde_json::from_str(body).ok().and_then(|body: Value| Some(body["message"].as_str()?.to_owned()));
    Err(message.unwrap_or_else(|| head.to_owned()))
}
