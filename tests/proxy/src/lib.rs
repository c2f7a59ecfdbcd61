//! A forward proxy for tests: `CONNECT`, and http with whole targets (`GET http://host/path`). It closes each connection
//! after one exchange, and counts what passed.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use httparse::{EMPTY_HEADER, Request, Status};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What a proxy does with what comes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Require this login, as USER:PASSWORD
    #[arg(long)]
    pub login: Option<String>,
    /// Refuse everything with 403
    #[arg(long)]
    pub refuse: bool,
    /// Read a request, and never respond
    #[arg(long)]
    pub hang: bool,
}

/// What has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Targets of `CONNECT`, in order, whose tunnel was opened.
    pub tunnels: Vec<String>,
    /// Targets of other requests that were passed on.
    pub requests: Vec<String>,
    /// Requests without the login.
    pub without_login: u64,
    /// Requests that were refused, left without a response, or whose target could not be reached.
    pub failed: u64,
}

/// A running proxy. Dropping it closes its connections.
pub struct Proxy {
    address: SocketAddr,
    counts: Arc<Mutex<Counts>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When the system gives no port.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let counts = Arc::<Mutex<Counts>>::default();
        let task = tokio::spawn(serve(listener, options.into(), counts.clone()));
        Ok(Self { address, counts, task })
    }

    /// Returns the address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns what has come so far. `GET /` of the proxy responds with the same as JSON.
    pub fn counts(&self) -> Counts {
        lock(&self.counts).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, options: Arc<Options>, counts: Arc<Mutex<Counts>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let _ = client.set_nodelay(true);
        let (options, counts) = (options.clone(), counts.clone());
        connections.spawn(async move { exchange(client, &options, &counts).await });
        while connections.try_join_next().is_some() {}
    }
}

/// The head of a request.
struct Head {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

async fn exchange(mut client: TcpStream, options: &Options, counts: &Mutex<Counts>) -> io::Result<()> {
    let (head, rest) = read_head(&mut client).await?;
    if head.target == "/" {
        let body = serde_json::to_string(&*lock(counts))?;
        return respond(client, &format!("200 OK\r\nContent-Length: {}", body.len()), &body).await;
    }
    if let Some(login) = &options.login
        && head.header("proxy-authorization") != Some(&format!("Basic {}", BASE64_STANDARD.encode(login)))
    {
        lock(counts).without_login += 1;
        let headers = "Proxy-Authenticate: Basic realm=\"tests\"\r\nContent-Length: 0";
        return respond(client, &format!("407 Proxy Authentication Required\r\n{headers}"), "").await;
    }
    if options.hang {
        lock(counts).failed += 1;
        return client.read_to_end(&mut Vec::new()).await.map(drop);
    }
    if options.refuse {
        lock(counts).failed += 1;
        return respond(client, "403 Forbidden\r\nContent-Length: 0", "").await;
    }
    let is_tunnel = head.method == "CONNECT";
    let Ok(mut server) = TcpStream::connect(head.address()).await else {
        lock(counts).failed += 1;
        return respond(client, "502 Bad Gateway\r\nContent-Length: 0", "").await;
    };
    server.set_nodelay(true)?;
    if is_tunnel {
        lock(counts).tunnels.push(head.target);
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        server.write_all(head.passed_on().as_bytes()).await?;
        lock(counts).requests.push(head.target);
    }
    server.write_all(&rest).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn respond(mut client: TcpStream, status_and_headers: &str, body: &str) -> io::Result<()> {
    client.write_all(format!("HTTP/1.1 {status_and_headers}\r\nConnection: close\r\n\r\n{body}").as_bytes()).await?;
    client.shutdown().await?;
    // Closing with unread bytes would reset the connection, and the client might not see the response.
    client.read_to_end(&mut Vec::new()).await.map(drop)
}

/// Reads a head, and what came after it.
async fn read_head(client: &mut TcpStream) -> io::Result<(Head, Vec<u8>)> {
    let mut seen = Vec::new();
    while client.read_buf(&mut seen).await? > 0 {
        let mut headers = [EMPTY_HEADER; 64];
        let mut request = Request::new(&mut headers);
        if let Status::Complete(length) = request.parse(&seen).map_err(io::Error::other)? {
            let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
            let headers = request.headers.iter();
            let headers = headers.map(|it| (it.name.to_owned(), String::from_utf8_lossy(it.value).into_owned()));
            let head = Head { method: text(request.method), target: text(request.path), headers: headers.collect() };
            return Ok((head, seen.split_off(length)));
        }
    }
    Err(io::ErrorKind::UnexpectedEof.into())
}

impl Head {
    fn header(&self, name: &str) -> Option<&String> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Splits a whole target into host, with or without a port, and path.
    fn whole(&self) -> (&str, &str) {
        let target = self.target.trim_start_matches("http://");
        target.split_at(target.find('/').unwrap_or(target.len()))
    }

    fn address(&self) -> String {
        let host = self.whole().0;
        let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if has_port { host.to_owned() } else { format!("{host}:80") }
    }

    /// Returns the head for the server, which closes the connection after its response.
    fn passed_on(&self) -> String {
        let path = Some(self.whole().1).filter(|path| !path.is_empty()).unwrap_or("/");
        let kept = self.headers.iter().filter(|(name, _)| {
            !name.to_ascii_lowercase().starts_with("proxy-") && !name.eq_ignore_ascii_case("connection")
        });
        let headers: String = kept.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n", self.method)
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
