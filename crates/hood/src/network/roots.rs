//! Judges servers by the root certificates of several sources, each of which is read only if those before it refuse a server.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};

use super::certificate::Explanation;

/// Root certificates of several sources. A server is accepted if any of them accepts it; most need only the first, and to read
/// the others may take longer than the handshake.
pub struct Roots {
    sources: Vec<Source>,
    provider: Arc<CryptoProvider>,
}

struct Source {
    read: Box<ReadRoots>,
    verifier: OnceLock<Result<Arc<WebPkiServerVerifier>, String>>,
}

/// Reads the certificates of a source. An error names the source.
type ReadRoots = dyn Fn() -> Result<RootCertStore, String> + Send + Sync;

impl Roots {
    pub fn new(provider: Arc<CryptoProvider>) -> Self {
        Self { sources: Vec::new(), provider }
    }

    /// Adds a source, to be read after those before it.
    pub fn or_else(mut self, read: impl Fn() -> Result<RootCertStore, String> + Send + Sync + 'static) -> Self {
        self.sources.push(Source { read: Box::new(read), verifier: OnceLock::new() });
        self
    }

    /// Reads the first source that has certificates.
    ///
    /// # Errors
    ///
    /// No source has any: that of the first.
    pub fn read_first(self) -> Result<Self, String> {
        let mut all = self.sources.iter().map(|source| source.verifier(&self.provider));
        match all.next() {
            Some(Err(why)) if !all.any(|verifier| verifier.is_ok()) => Err(why.clone()),
            _ => Ok(self),
        }
    }
}

impl Source {
    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<&Arc<WebPkiServerVerifier>, &String> {
        let build = || {
            let store = Arc::new((self.read)()?);
            let verifier = WebPkiServerVerifier::builder_with_provider(store, provider.clone()).build();
            verifier.map_err(|e| format!("TLS could not be set up ({e})"))
        };
        self.verifier.get_or_init(build).as_ref()
    }
}

impl ServerCertVerifier for Roots {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = Error::from(CertificateError::UnknownIssuer);
        let mut refused = unknown.clone();
        for source in &self.sources {
            let error = match source.verifier(&self.provider) {
                Ok(verifier) => match verifier.verify_server_cert(certificate, intermediates, server, ocsp, now) {
                    Ok(accepted) => return Ok(accepted),
                    Err(error) => error,
                },
                Err(why) => CertificateError::Other(OtherError(Arc::new(Explanation(why.clone())))).into(),
            };
            // A source that does not know the issuer has the least to say.
            if refused == unknown {
                refused = error;
            }
        }
        Err(refused)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

impl fmt::Debug for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Roots").field("sources", &self.sources.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

    use super::*;

    /// An authority's certificate, and that of a server which it issued.
    fn authority() -> (CertificateDer<'static>, CertificateDer<'static>) {
        let mut params = CertificateParams::new(Vec::new()).expect("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let root = params.self_signed(&key).expect("a certificate").der().clone();
        let issuer = Issuer::new(params, key);
        let params = CertificateParams::new(["localhost".to_owned()]).expect("a server");
        let server = params.signed_by(&KeyPair::generate().expect("a key"), &issuer).expect("a certificate");
        (root, server.der().clone())
    }

    #[test]
    fn source_is_read_only_if_those_before_it_refuse_a_server() {
        let [(one, of_one), (two, of_two), (_, of_none)] = [authority(), authority(), authority()];
        let reads = Arc::new([const { AtomicUsize::new(0) }; 4]);
        let source = |n: usize, root: Option<&CertificateDer<'static>>| {
            let (reads, root) = (reads.clone(), root.cloned());
            move || {
                reads[n].fetch_add(1, Ordering::Relaxed);
                let mut store = RootCertStore::empty();
                store.add(root.clone().ok_or("the file is missing")?).map(|()| store).map_err(|e| e.to_string())
            }
        };
        let provider = || Arc::new(rustls::crypto::ring::default_provider());
        let roots = Roots::new(provider()).or_else(source(0, None)).or_else(source(1, Some(&one)));
        let roots = roots.or_else(source(2, Some(&two))).or_else(source(3, None)).read_first().expect("a source");
        let accepts = |server: &CertificateDer<'_>| {
            let name = ServerName::try_from("localhost").expect("a name");
            roots.verify_server_cert(server, &[], &name, &[], UnixTime::now()).map(drop)
        };
        let counts = || reads.each_ref().map(|count| count.load(Ordering::Relaxed));
        accepts(&of_one).expect("of the first");
        assert_eq!(counts(), [1, 1, 0, 0]);
        accepts(&of_two).expect("of the second");
        assert_eq!(counts(), [1, 1, 1, 0]);
        let refused = accepts(&of_none).expect_err("of none").to_string();
        assert!(refused.contains("the file is missing"), "{refused}");
        assert_eq!(counts(), [1, 1, 1, 1]);
        let none = Roots::new(provider()).or_else(source(0, None)).read_first();
        assert_eq!(none.expect_err("no certificates"), "the file is missing");
    }
}
