//! A server that answers each request with given bytes, and keeps what it was sent.
#![allow(dead_code)] // each test file uses some of it

use std::sync::{Arc, Mutex};

use ocamba_hood::{Client, ClientBuilder, RateLimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request that it has read.
#[derive(Clone)]
pub enum Reply {
    /// Writes these bytes, and closes.
    Bytes(Vec<u8>),
    /// Closes at once.
    Close,
    /// Writes these bytes, and never another.
    Stall(Vec<u8>),
    /// The first to the first request, and so on; the last to all that come after.
    Each(Vec<Reply>),
}

/// A loopback server on a free port.
pub struct Server {
    base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers every request in the same way.
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
        Self { base_url, requests }
    }

    /// A client of this server, to be set up further.
    pub fn client(&self) -> ClientBuilder {
        Client::builder().base_url(&self.base_url).token("token-canary").rate_limit(RateLimit::off())
    }

    /// The requests so far.
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
            // Until the client is gone.
            let _ = stream.read(&mut [0]).await;
        }
    }
}

/// Head and body, as far as `Content-Length` says.
async fn read_request(stream: &mut TcpStream) -> String {
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

/// An HTTP answer with a JSON body.
pub fn answer(status: u16, body: &str) -> Vec<u8> {
    answer_with(status, "content-type: application/json\r\n", body.as_bytes())
}

/// An HTTP answer with these header lines.
pub fn answer_with(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Status\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
