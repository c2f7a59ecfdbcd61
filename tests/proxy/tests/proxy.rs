//! The proxy, with a server that sends back what it gets.
#![allow(clippy::unwrap_used)]

use std::net::SocketAddr;
use std::time::Duration;

use ocamba_proxy::{Counts, Options, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer).await.unwrap();
            });
        }
    });
    address
}

/// Sends a request to the proxy, ends the sending side, and returns all that came back.
async fn ask(proxy: &Proxy, request: String) -> String {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn tunnel_passes_all_bytes() {
    let (proxy, server) = (Proxy::start(Options::default()).await.unwrap(), echo().await);
    let response = ask(&proxy, format!("CONNECT {server} HTTP/1.1\r\nHost: x\r\n\r\nfirst bytes")).await;
    assert_eq!(response, "HTTP/1.1 200 Connection established\r\n\r\nfirst bytes");
    assert_eq!(proxy.counts(), Counts { tunnels: vec![server.to_string()], ..Counts::default() });
}

#[tokio::test]
async fn http_request_loses_what_is_for_the_proxy() {
    let (proxy, server) = (Proxy::start(Options::default()).await.unwrap(), echo().await);
    let target = format!("http://{server}/a?b");
    let head = format!("POST {target} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: y\r\nConnection: keep-alive\r\n");
    let response = ask(&proxy, format!("{head}Content-Length: 4\r\n\r\nbody")).await;
    assert_eq!(response, "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody");
    assert_eq!(proxy.counts(), Counts { requests: vec![target], ..Counts::default() });
    let counts = ask(&proxy, "GET / HTTP/1.1\r\n\r\n".to_owned()).await;
    assert!(counts.contains("\"without_login\":0"), "{counts}");
}

#[tokio::test]
async fn login_is_required() {
    let options = Options { login: Some("user:p:w".to_owned()), ..Options::default() };
    let (proxy, server) = (Proxy::start(options).await.unwrap(), echo().await);
    for (header, passes) in [("", false), ("Basic dXNlcjpw", false), ("Basic dXNlcjpwOnc=", true)] {
        let request = format!("CONNECT {server} HTTP/1.1\r\nProxy-Authorization: {header}\r\n\r\n");
        let response = ask(&proxy, request).await;
        assert_eq!(response.starts_with("HTTP/1.1 200 "), passes, "{header}: {response}");
        assert_eq!(response.contains("407 ") && response.contains("Proxy-Authenticate: Basic"), !passes);
    }
    assert_eq!(proxy.counts().without_login, 2);
}

#[tokio::test]
async fn proxy_refuses_fails_and_hangs() {
    let refusing = Proxy::start(Options { refuse: true, ..Options::default() }).await.unwrap();
    assert!(ask(&refusing, "CONNECT x:1 HTTP/1.1\r\n\r\n".to_owned()).await.starts_with("HTTP/1.1 403 "));
    let proxy = Proxy::start(Options::default()).await.unwrap();
    assert!(ask(&proxy, "CONNECT 127.0.0.1:1 HTTP/1.1\r\n\r\n".to_owned()).await.starts_with("HTTP/1.1 502 "));
    let hanging = Proxy::start(Options { hang: true, ..Options::default() }).await.unwrap();
    let mut stream = TcpStream::connect(hanging.address()).await.unwrap();
    stream.write_all(b"CONNECT x:1 HTTP/1.1\r\n\r\n").await.unwrap();
    while hanging.counts().failed == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(timeout(Duration::from_millis(50), stream.read(&mut [0])).await.is_err());
    assert_eq!((refusing.counts().failed, proxy.counts().failed, hanging.counts().failed), (1, 1, 1));
}
