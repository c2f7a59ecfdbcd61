//! Where the sandbox listens, and how others learn that it does.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};

use ocamba_sandbox::{Error, Sandbox};
use serde_json::json;

use crate::Result;
use crate::client::{ask, control};

fn health(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn localhost_is_both_loopback_addresses_that_the_machine_has() -> Result {
    let sandbox = Sandbox::builder().localhost(0).start().await?;
    let port = sandbox.address().port();
    assert_eq!(sandbox.base_url(), format!("http://127.0.0.1:{port}"));
    let mut addresses: Vec<SocketAddr> = vec![(Ipv4Addr::LOCALHOST, port).into()];
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        addresses.push((Ipv6Addr::LOCALHOST, port).into());
        // Its port is taken there too.
        let error = Sandbox::builder().listen((Ipv6Addr::LOCALHOST, port).into()).start().await.unwrap_err();
        assert!(matches!(error, Error::Listen { .. }), "{error}");
    }
    for _ in 0..2 {
        for address in &addresses {
            assert!(health(*address).starts_with("HTTP/1.0 200 "), "{address}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn localhost_fails_when_one_of_its_ports_is_taken() -> Result {
    let Ok(taken) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return Ok(()) };
    let address = taken.local_addr()?;
    let error = Sandbox::builder().localhost(address.port()).start().await.unwrap_err();
    assert!(matches!(&error, Error::Listen { address: named, .. } if *named == address), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn health_needs_no_token_and_counts_nothing() -> Result {
    let sandbox = Sandbox::builder().listen("0.0.0.0:0".parse()?).token("right").steady(1).start().await?;
    for _ in 0..3 {
        let response = ask(&sandbox, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(response.status, 200);
        let expected = json!({ "status": "ok", "name": "ocamba sandbox", "version": env!("CARGO_PKG_VERSION") });
        assert_eq!(response.json(), expected);
    }
    assert_eq!(control(&sandbox, "GET", "journal", "").status, 401);
    assert!(sandbox.journal().is_empty() && sandbox.arrivals().is_empty());
    for headers in ["Host: evil.example", "X: no host", "Host: localhost\r\nOrigin: http://evil.example"] {
        ask(&sandbox, format!("GET /health HTTP/1.1\r\n{headers}\r\n\r\n")).refused(403);
    }
    let other = ask(&sandbox, "POST /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer right\r\n\r\n");
    assert_eq!(other.status, 404);
    Ok(())
}
