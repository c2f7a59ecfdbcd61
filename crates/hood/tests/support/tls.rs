//! A server with TLS, whose authority exists only here, and a proxy.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::{read_request, response};

/// An authority of its own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Returns a certificate for a host, and its key, both in PEM; `edit` changes it before it is signed.
    pub fn issue(&self, host: &str, edit: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let mut params = CertificateParams::new([host.to_owned()]).expect("a host");
        params.distinguished_name.push(DnType::CommonName, "the server");
        edit(&mut params);
        let key = KeyPair::generate().expect("a key");
        (params.signed_by(&key, &self.issuer).expect("a certificate").pem(), key.serialize_pem())
    }
}

/// Returns the configuration of a server with a certificate and its key; with an authority, it asks clients for one.
pub fn config((pem, key): &(String, String), of_clients: Option<&Authority>) -> ServerConfig {
    use rustls::pki_types::pem::PemObject;

    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
    let builder = ServerConfig::builder_with_provider(provider.clone());
    // In TLS 1.2, a server refuses the client's certificate within the handshake.
    let builder = match of_clients {
        Some(_) => builder.with_protocol_versions(&[&rustls::version::TLS12]),
        None => builder.with_safe_default_protocol_versions(),
    };
    let builder = builder.expect("versions");
    let builder = match of_clients {
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(certificate(&authority.pem)).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
        None => builder.with_no_client_auth(),
    };
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
    builder.with_single_cert(vec![certificate(pem)], key).expect("a configuration")
}

/// Starts a server that creates what is requested, and returns its port.
pub async fn serve(config: ServerConfig) -> u16 {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    each_connection(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            read_request(&mut stream).await;
            let _ = stream.write_all(&response(201, r#"{"id": "7"}"#)).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

/// Starts a server whose response is followed by a fatal alert, in one packet.
pub async fn serve_with_alert(config: ServerConfig) -> u16 {
    let config = Arc::new(config);
    each_connection(move |mut stream| {
        let mut session = ServerConnection::new(config.clone()).expect("a session");
        async move {
            let mut request = Vec::new();
            while !request.windows(4).any(|bytes| bytes == b"\r\n\r\n") || !request.ends_with(b"}") {
                let mut bytes = vec![0; 4096];
                let length = stream.read(&mut bytes).await.unwrap_or(0);
                if length == 0 {
                    return;
                }
                session.read_tls(&mut &bytes[..length]).expect("room");
                session.process_new_packets().expect("TLS");
                while session.wants_write() {
                    let mut out = Vec::new();
                    session.write_tls(&mut out).expect("memory");
                    stream.write_all(&out).await.expect("a client");
                }
                let mut plain = [0; 4096];
                if let Ok(length) = std::io::Read::read(&mut session.reader(), &mut plain) {
                    request.extend_from_slice(&plain[..length]);
                }
            }
            session.writer().write_all(&response(201, r#"{"id": "7"}"#)).expect("memory");
            // What is no TLS makes the session end with an alert.
            session.read_tls(&mut b"no TLS at all".as_slice()).expect("room");
            assert!(session.process_new_packets().is_err());
            let mut out = Vec::new();
            while session.wants_write() {
                session.write_tls(&mut out).expect("memory");
            }
            let _ = stream.write_all(&out).await;
            let _ = stream.read(&mut [0]).await;
        }
    })
    .await
}

/// Starts a proxy for tunnels to this machine, and returns its port and the number of its tunnels. With a login in Base64,
/// it refuses all others.
pub async fn proxy(login: Option<&'static str>) -> (u16, Arc<AtomicUsize>) {
    let tunnels = Arc::new(AtomicUsize::new(0));
    let count = tunnels.clone();
    let port = each_connection(move |mut stream| {
        let count = count.clone();
        async move {
            let request = read_head(&mut stream).await;
            if login.is_some_and(|login| !request.contains(&format!("Basic {login}"))) {
                let _ =
                    stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
                return;
            }
            let port = request.split([' ', ':']).nth(2).and_then(|port| port.parse::<u16>().ok()).expect("CONNECT");
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await;
    (port, tunnels)
}

/// Starts a server that speaks TLS, and passes what it reads to another port of this machine.
pub async fn encrypted(config: ServerConfig, to: u16) -> u16 {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    each_connection(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)).await else { return };
            let _ = copy_bidirectional(&mut stream, &mut server).await;
        }
    })
    .await
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Listens, and serves each connection.
pub async fn each_connection<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    port
}
