//! TLS by rustls with ring: whom to trust, and who the client is.

use std::path::Path;
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
use super::roots::Roots;
use crate::env;
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
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(fail)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(ExplainingVerifier(self.verifier(provider)?)));
        let mut config = match &self.client {
            Some((chain, key)) => builder.with_client_auth_cert(chain.clone(), key.clone_key()).map_err(fail)?,
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Returns the judge of servers: by the certificates that the user gave, by `SSL_CERT_FILE` and `SSL_CERT_DIR` where set,
    /// else by the system's, and by those that the variables of a language name.
    fn verifier(&self, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
        let (file, folders) = (env::path("SSL_CERT_FILE"), env::path("SSL_CERT_DIR"));
        #[cfg(any(target_vendor = "apple", windows))]
        if file.is_none() && folders.is_none() {
            let mut extra = self.roots.clone();
            for source in &self.roots_of_language {
                extra.extend(certificates(source).map_err(|error| error.to_string())?);
            }
            return match rustls_platform_verifier::Verifier::new_with_extra_roots(extra, provider) {
                Ok(verifier) => Ok(Arc::new(verifier)),
                Err(e) => Err(format!("TLS could not be set up ({e})")),
            };
        }
        let mut roots = Roots::new(provider);
        if !self.roots.is_empty() {
            let given = self.roots.clone();
            roots = roots.or_else(move || Ok(store(given.clone())));
        }
        #[cfg(not(any(target_vendor = "apple", windows)))]
        if file.is_none() && folders.is_none() {
            roots = roots.or_else(|| Ok(system_roots()));
        }
        if let Some(file) = file {
            roots = roots.or_else(move || roots_of("SSL_CERT_FILE", Some(&file), None));
        }
        for folder in folders.iter().flat_map(std::env::split_paths) {
            roots = roots.or_else(move || roots_of("SSL_CERT_DIR", None, Some(&folder)));
        }
        for source in self.roots_of_language.clone() {
            roots = roots.or_else(move || certificates(&source).map(store).map_err(|error| error.to_string()));
        }
        Ok(Arc::new(roots.read_first()?))
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

fn store(certificates: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(certificates);
    store
}

/// Returns the certificates of a file or folder that a variable names in place of the system's.
fn roots_of(variable: &str, file: Option<&Path>, folder: Option<&Path>) -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_certs_from_paths(file, folder);
    let store = store(found.certs);
    if store.is_empty() {
        let why = found.errors.first().map_or_else(|| "no certificate".to_owned(), ToString::to_string);
        return Err(format!("{variable} has no certificate that can be read ({why})"));
    }
    Ok(store)
}

/// Returns the certificates of the system, or Mozilla's where it has none.
#[cfg(not(any(target_vendor = "apple", windows)))]
fn system_roots() -> RootCertStore {
    let places = openssl_probe::probe();
    // The file has the same certificates as the folders, and is read faster.
    let file = places.cert_file.as_deref().map(|file| (Some(file), None));
    let folders = places.cert_dir.iter().map(|folder| (None, Some(folder.as_path())));
    let mut found = file.into_iter().chain(folders).map(|(file, folder)| roots_of("the system", file, folder));
    found.find_map(Result::ok).unwrap_or_else(|| webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
}
