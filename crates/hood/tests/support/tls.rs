//! A server with TLS, whose authority exists only here: for certificates that the sandbox does not have.

use std::sync::Arc;

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::{read_request, response};

/// An authority of its own.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
}

impl Authority {
    /// Creates a root.
    pub fn new(name: &str) -> Self {
        Self::signed(name, |params, key| params.self_signed(key))
    }

    /// Creates an authority below this one.
    pub fn intermediate(&self, name: &str) -> Self {
        Self::signed(name, |params, key| params.signed_by(key, &self.issuer))
    }

    fn signed(
        name: &str,
        sign: impl FnOnce(&CertificateParams, &KeyPair) -> Result<Certificate, rcgen::Error>,
    ) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let pem = sign(&params, &key).expect("a certificate").pem();
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

/// Returns the configuration of a server with its certificates and their key; with an authority, it asks clients for one.
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
    let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().expect("certificates");
    builder.with_single_cert(chain, key).expect("a configuration")
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
