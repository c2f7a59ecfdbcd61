//! A minimal server: responds to every request with the same created integration.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::Result;

const BODY: &str = r#"{"id":"1165","company_id":"6197120","name":"Example","type":"sms","provider_id":"1000","settings":{"account_sid":"AC7XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX","auth_token":"464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX","default_phone_number":"+121XXXXXXXXX"},"status":"active","is_default":false}"#;

/// Serves on a free port, which it prints, until the process is killed. With a file for the certificate of its authority, it
/// speaks TLS. It sends each response after the delay.
pub async fn serve(authority: Option<&Path>, delay: Duration) -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let tls = authority.map(acceptor).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("listening on {scheme}://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let tls = tls.clone();
        tokio::spawn(async move {
            match tls {
                Some(tls) => connection(tls.accept(stream).await?, delay).await,
                None => connection(stream, delay).await,
            }
        });
    }
}

/// Makes an authority, whose certificate it writes to the file, and the settings of a server that it has certified.
fn acceptor(authority: &Path) -> Result<TlsAcceptor> {
    let mut params = CertificateParams::new([])?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // OpenSSL takes a certificate with the name of its issuer for a self-signed one.
    params.distinguished_name.push(DnType::CommonName, "ocamba-bench");
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    std::fs::write(authority, issuer.pem())?;
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()])?;
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &issuer)?;
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Responds to each request of a connection once its body is complete.
async fn connection(mut stream: impl AsyncRead + AsyncWrite + Unpin, delay: Duration) -> std::io::Result<()> {
    let head =
        format!("HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", BODY.len());
    let response = head + BODY;
    let mut bytes = Vec::new();
    loop {
        while let Some(length) = request_length(&bytes) {
            bytes.drain(..length);
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            stream.write_all(response.as_bytes()).await?;
            stream.flush().await?;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// The length of the first request, if it is complete.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let length = std::str::from_utf8(&bytes[..head]).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.unwrap_or(0);
    (bytes.len() >= whole).then_some(whole)
}
