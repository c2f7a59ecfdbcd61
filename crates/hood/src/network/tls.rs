//! TLS by rustls with ring: whom to trust, and who the client is.

use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::sync::OnceCell;

use super::certificate::ExplainingVerifier;
use super::connect_error::ConnectError;
use super::options::NetworkOptions;
use super::pem_source::PemSource;
use crate::error::{Error, Stage};

/// Settings of TLS. The system's certificates are read when the first connection is made, beside it.
pub struct Tls {
    roots: Vec<CertificateDer<'static>>,
    roots_of_language: Vec<PemSource>,
    client: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    /// Reads the certificates of the options.
    pub fn new(options: &NetworkOptions) -> Result<Arc<Self>, Error> {
        let mut roots = Vec::new();
        for source in &options.roots {
            roots.extend(certificates(source)?);
        }
        let client = options.client_certificate.as_ref().map(client_certificate).transpose()?;
        let roots_of_language = options.roots_of_language.clone();
        Ok(Arc::new(Self { roots, roots_of_language, client, config: OnceCell::new() }))
    }

    /// Returns the configuration of handshakes.
    pub async fn config(self: &Arc<Self>) -> Result<Arc<ClientConfig>, ConnectError> {
        let own = self.clone();
        let load = async || match tokio::task::spawn_blocking(move || own.load()).await {
            Ok(loaded) => loaded.map(Arc::new).map_err(|why| ConnectError::lasting(Stage::Tls, why)),
            Err(_) => Err(ConnectError::new(Stage::Tls, "the certificates of this machine could not be read")),
        };
        self.config.get_or_try_init(load).await.cloned()
    }

    fn load(&self) -> Result<ClientConfig, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let fail = |e: rustls::Error| format!("TLS could not be set up ({e})");
        let mut roots = self.roots.clone();
        for source in &self.roots_of_language {
            roots.extend(certificates(source).map_err(|error| error.to_string())?);
        }
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(fail)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(ExplainingVerifier(verifier(&roots, provider)?)));
        let mut config = match &self.client {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(fail)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Returns the certificates of a text in PEM.
fn certificates(source: &PemSource) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = source.read()?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let certificates = read.map_err(|_| source.refuse("is not valid PEM"))?;
    let mut store = RootCertStore::empty();
    if store.add_parsable_certificates(certificates.iter().cloned()).0 == 0 {
        return Err(source.refuse("has no certificate; it should be PEM, with lines as -----BEGIN CERTIFICATE-----"));
    }
    Ok(certificates)
}

fn client_certificate(source: &PemSource) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let key = PrivateKeyDer::from_pem_slice(source.read()?.as_bytes())
        .map_err(|_| source.refuse("has no private key; the PEM needs the certificates and their unencrypted key"))?;
    let chain = certificates(source)?;
    let provider = rustls::crypto::ring::default_provider();
    rustls::sign::CertifiedKey::from_der(chain.clone(), key.clone_key(), &provider)
        .map_err(|_| source.refuse("has a private key that does not belong to its first certificate"))?;
    Ok((chain, key))
}

/// Returns the judge of servers' certificates: by `SSL_CERT_FILE` and `SSL_CERT_DIR` where set, else by the system.
fn verifier(
    extra: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let mut store = RootCertStore::empty();
    match roots_of_env() {
        Some(Ok(roots)) => _ = store.add_parsable_certificates(roots),
        // An image may name a file that it does not have.
        Some(Err(why)) if extra.is_empty() => return Err(why),
        Some(Err(_)) => {}
        None => {
            #[cfg(any(target_vendor = "apple", windows))]
            return match rustls_platform_verifier::Verifier::new_with_extra_roots(extra.iter().cloned(), provider) {
                Ok(verifier) => Ok(Arc::new(verifier)),
                Err(e) => Err(format!("TLS could not be set up ({e})")),
            };
            #[cfg(not(any(target_vendor = "apple", windows)))]
            add_system_roots(&mut store);
        }
    }
    store.add_parsable_certificates(extra.iter().cloned());
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider).build();
    verifier
        .map(|verifier| verifier as Arc<dyn ServerCertVerifier>)
        .map_err(|e| format!("TLS could not be set up ({e})"))
}

/// Returns the certificates that the environment names in place of the system's.
fn roots_of_env() -> Option<Result<Vec<CertificateDer<'static>>, String>> {
    let (file, folders) = (crate::env::path("SSL_CERT_FILE"), crate::env::path("SSL_CERT_DIR"));
    if file.is_none() && folders.is_none() {
        return None;
    }
    let mut found = rustls_native_certs::load_certs_from_paths(file.as_deref(), None);
    for folder in folders.iter().flat_map(std::env::split_paths) {
        let of_folder = rustls_native_certs::load_certs_from_paths(None, Some(&folder));
        found.certs.extend(of_folder.certs);
        found.errors.extend(of_folder.errors);
    }
    if found.certs.is_empty() {
        let why = found.errors.first().map_or_else(|| "no certificate".to_owned(), ToString::to_string);
        return Some(Err(format!("SSL_CERT_FILE or SSL_CERT_DIR has no certificate that can be read ({why})")));
    }
    Some(Ok(found.certs))
}

/// Adds the certificates of the system, or Mozilla's where it has none.
#[cfg(not(any(target_vendor = "apple", windows)))]
fn add_system_roots(store: &mut RootCertStore) {
    let places = openssl_probe::probe();
    // The file has the same certificates as the folders, and is read faster.
    let file = places.cert_file.as_deref().map(|file| (Some(file), None));
    let folders = places.cert_dir.iter().map(|folder| (None, Some(folder.as_path())));
    for (file, folder) in file.into_iter().chain(folders) {
        store.add_parsable_certificates(rustls_native_certs::load_certs_from_paths(file, folder).certs);
        if !store.is_empty() {
            return;
        }
    }
    store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
}
