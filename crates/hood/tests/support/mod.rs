//! A server that responds to each request with given bytes, and keeps the requests.
#![allow(dead_code)] // each test file uses a part

#[cfg(target_os = "linux")]
pub mod faults;
#[cfg(feature = "redis")]
pub mod redis;
pub mod tls;

use std::sync::{Arc, Mutex};

use ocamba_hood::{Client, ClientBuilder, NewIntegration, Proxy, RateLimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Reaction of the server to a request that it has read.
#[derive(Clone)]
pub enum Reply {
    /// Writes these bytes, and closes.
    Bytes(Vec<u8>),
    /// Closes at once.
    Close,
    /// Writes these bytes, and keeps the connection open.
    Stall(Vec<u8>),
    /// Reacts to the first request with the first reply, and so on; to all later requests with the last.
    Each(Vec<Reply>),
}

/// Loopback server on a free port.
pub struct Server {
    base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
    /// Certificate of its authority, if it speaks TLS.
    authority: Option<String>,
}

impl Server {
    /// Starts a server.
    pub async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, reply.clone(), seen.clone()));
            }
        });
        Self { base_url, requests, authority: None }
    }

    /// Starts a server that speaks TLS.
    pub async fn start_with_tls(reply: Reply) -> Self {
        let plain = Self::start(reply).await;
        let port = plain.base_url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let authority = tls::Authority::new("Corporate CA");
        let port = tls::encrypted(tls::config(&authority.issue("localhost", |_| {}), None), port).await;
        Self { base_url: format!("https://localhost:{port}"), authority: Some(authority.pem), ..plain }
    }

    /// Returns the builder of a client for this server.
    pub fn client(&self) -> ClientBuilder {
        let builder = Client::builder().base_url(&self.base_url).token("token-canary").rate_limit(RateLimit::off());
        match &self.authority {
            Some(certificate) => builder.root_certificates(certificate).proxy(Proxy::off()),
            None => builder,
        }
    }

    /// Returns the requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("not poisoned").clone()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: Arc<Mutex<Vec<String>>>) {
    let request = read_request(&mut stream).await;
    let number = {
        let mut seen = seen.lock().expect("not poisoned");
        seen.push(request);
        seen.len() - 1
    };
    let reply = match reply {
        Reply::Each(replies) => replies[number.min(replies.len() - 1)].clone(),
        reply => reply,
    };
    match reply {
        Reply::Each(_) => panic!("replies do not nest"),
        Reply::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Close => {}
        Reply::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            // Until the client closes the connection.
            let _ = stream.read(&mut [0]).await;
        }
    }
}

/// Reads the head, and the body by its `Content-Length`.
pub async fn read_request(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                return text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// Composes an HTTP response with a JSON body.
pub fn response(status: u16, body: &str) -> Vec<u8> {
    response_with(status, "content-type: application/json\r\n", body.as_bytes())
}

/// Composes an HTTP response with these header lines.
pub fn response_with(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Returns the example of a provider, with another name.
pub fn request(name: &str) -> NewIntegration {
    let folders = std::fs::read_dir("../../openapi/examples").expect("examples").flatten();
    let file = folders.map(|f| f.path().join("request.json")).find(|f| f.exists()).expect("an example");
    let mut request = NewIntegration::from_json(&std::fs::read_to_string(file).expect("a text")).expect("valid");
    request.name = name.to_owned();
    request
}
