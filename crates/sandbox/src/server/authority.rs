//! A throwaway certificate authority, and the settings of TLS with its certificates.

use std::fmt::Display;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{NoServerSessionStorage, ServerSessionMemoryCache, StoresServerSessions};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ALL_VERSIONS, ServerConfig};

use crate::faults::TlsFault;
use crate::server::error::Error;

/// An authority that lives as long as its sandbox. Its keys are never written down.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The key of each certificate that it issues.
    key: KeyPair,
    sessions: Arc<dyn StoresServerSessions>,
}

/// The names in every certificate.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const NAME: &str = "Ocamba sandbox (throwaway authority)";

impl Authority {
    pub fn new() -> Result<Self, Error> {
        let key = KeyPair::generate().map_err(certificates)?;
        Ok(Self { issuer: issuer(NAME)?, key, sessions: ServerSessionMemoryCache::new(256) })
    }

    /// Returns the authority's certificate.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Returns the settings of a connection whose client calls the server by one of these names or the local ones.
    pub fn config(&self, fault: Option<TlsFault>, names: Vec<String>) -> Result<Arc<ServerConfig>, Error> {
        let versions: &[_] = match fault {
            Some(TlsFault::Tls12Only) => &[&TLS12],
            Some(TlsFault::Tls13Only) => &[&TLS13],
            _ => ALL_VERSIONS,
        };
        let builder = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_protocol_versions(versions)
            .map_err(certificates)?;
        let key = PrivatePkcs8KeyDer::from(self.key.serialize_der());
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate(fault, names)?], key.into())
            .map_err(certificates)?;
        let protocol = if fault == Some(TlsFault::Http2Only) { "h2" } else { "http/1.1" };
        config.alpn_protocols = vec![protocol.into()];
        match fault {
            None => config.session_storage = self.sessions.clone(),
            Some(TlsFault::NoTickets) => {
                config.session_storage = Arc::new(NoServerSessionStorage {});
                config.send_tls13_tickets = 0;
            }
            // A session that is resumed has no certificate and no version to fail with, so this one is new.
            Some(_) => {}
        }
        Ok(config.into())
    }

    fn certificate(&self, fault: Option<TlsFault>, names: Vec<String>) -> Result<CertificateDer<'static>, Error> {
        let names = match fault {
            Some(TlsFault::OtherHost) => vec!["another-host.example".to_owned()],
            _ => {
                let others = names.into_iter().filter(|name| !LOCAL_NAMES.contains(&name.as_str()));
                LOCAL_NAMES.map(str::to_owned).into_iter().chain(others).collect()
            }
        };
        let mut params = valid_now(CertificateParams::new(names).map_err(certificates)?);
        params.distinguished_name.push(DnType::CommonName, "Ocamba sandbox");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        if fault == Some(TlsFault::ExpiredCertificate) {
            params.not_after = params.not_before + Duration::HOUR;
        }
        let signed = match fault {
            Some(TlsFault::UnknownAuthority) => params.signed_by(&self.key, &*issuer("Unknown authority")?),
            _ => params.signed_by(&self.key, &*self.issuer),
        };
        Ok(signed.map_err(certificates)?.der().clone())
    }
}

fn issuer(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, Error> {
    let mut params = valid_now(CertificateParams::default());
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().map_err(certificates)?).map_err(certificates)
}

/// Some systems refuse certificates that are valid for years.
fn valid_now(mut params: CertificateParams) -> CertificateParams {
    params.not_before = OffsetDateTime::now_utc() - Duration::DAY;
    params.not_after = params.not_before + Duration::days(365);
    params
}

fn certificates(cause: impl Display) -> Error {
    Error::Certificates(cause.to_string())
}
