//! Explains why a server's certificate is not accepted: whose it is, and what to do.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use httpdate::fmt_http_date;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, SignatureScheme};

use crate::printable::is_hidden;

/// A judge of certificates whose errors explain themselves.
#[derive(Debug)]
pub struct ExplainingVerifier(pub Arc<dyn ServerCertVerifier>);

/// Why a certificate is not accepted.
#[derive(Debug)]
pub struct Explanation(pub String);

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Explanation {}

impl ServerCertVerifier for ExplainingVerifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.verify_server_cert(certificate, intermediates, server, ocsp, now).map_err(|error| match error {
            Error::InvalidCertificate(why) => {
                let text = explain(&why, certificate, server, now);
                CertificateError::Other(OtherError(Arc::new(Explanation(text)))).into()
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }

    fn root_hint_subjects(&self) -> Option<&[DistinguishedName]> {
        self.0.root_hint_subjects()
    }
}

fn explain(why: &CertificateError, certificate: &CertificateDer<'_>, server: &ServerName<'_>, now: UnixTime) -> String {
    let parsed = webpki::EndEntityCert::try_from(certificate).ok();
    let subject = parsed.as_ref().map(|cert| name(cert.subject())).unwrap_or_default();
    let issuer = parsed.as_ref().map(|cert| name(cert.issuer())).unwrap_or_default();
    let server = server.to_str();
    let clock = || format!("the clock of this machine says {}", date(now));
    let reason = match why {
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("has expired on {}; {}", date(*not_after), clock())
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("is valid from {}; {}: set the clock", date(*not_before), clock())
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            let names: Vec<_> = parsed.iter().flat_map(|cert| cert.valid_dns_names()).collect();
            format!("is not for {server} (it is for: {}); check the base URL", names.join(", "))
        }
        CertificateError::UnknownIssuer => "is of an authority that is not trusted; if it is your company's, a proxy's or \
                                            your own, pass its root certificate as root_certificates, or set \
                                            OCAMBA_ROOT_CERTIFICATES"
            .to_owned(),
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "is an authority's own, and none of a server; give the server a certificate that the authority issued for it"
                .to_owned()
        }
        other => format!("is not accepted ({other})"),
    };
    format!("the certificate of {server} (subject \"{subject}\", issuer \"{issuer}\") {reason}")
}

/// Describes a certificate: its subject, issuer and last day.
pub fn describe(certificate: &CertificateDer<'_>) -> String {
    let Ok(parsed) = webpki::EndEntityCert::try_from(certificate) else { return "that cannot be read".to_owned() };
    let until = last_day(certificate).map(|day| format!(", valid until {day}")).unwrap_or_default();
    format!("\"{}\" from \"{}\"{until}", name(parsed.subject()), name(parsed.issuer()))
}

/// Returns the end of the validity: the second of two times in DER, as `YYYY-MM-DD`.
fn last_day(der: &[u8]) -> Option<String> {
    let time = |at: usize| {
        // A tag, a length of one byte, and the text: YYMMDD… or YYYYMMDD….
        let length = usize::from(*der.get(at + 1)?);
        let text = std::str::from_utf8(der.get(at + 2..at + 2 + length)?).ok()?;
        let (century, text) = match der.get(at)? {
            23 if length == 13 => (if text < "50" { "20" } else { "19" }, text),
            24 if length == 15 => text.split_at_checked(2)?,
            _ => return None,
        };
        Some((at + 2 + length, format!("{century}{}-{}-{}", text.get(..2)?, text.get(2..4)?, text.get(4..6)?)))
    };
    (0..der.len()).find_map(|at| Some(time(time(at)?.0)?.1))
}

fn date(time: UnixTime) -> String {
    fmt_http_date(UNIX_EPOCH + Duration::from_secs(time.as_secs()))
}

/// Returns the common name of a distinguished name in DER, or else its organization.
fn name(der: &[u8]) -> String {
    const COMMON_NAME: [u8; 5] = [6, 3, 0x55, 4, 3];
    const ORGANIZATION: [u8; 5] = [6, 3, 0x55, 4, 10];
    let value = |attribute: &[u8; 5]| {
        let at = der.windows(5).position(|bytes| bytes == attribute)? + 5;
        // A tag, a length of one byte, and the text.
        let length = usize::from(*der.get(at + 1)?);
        let text = der.get(at + 2..at + 2 + length)?;
        Some(String::from_utf8_lossy(text).chars().filter(|c| !is_hidden(*c)).collect())
    };
    value(&COMMON_NAME).or_else(|| value(&ORGANIZATION)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_day_is_the_second_of_two_times() {
        let times = |first: &str, second: &str| {
            let der =
                |text: &str| [&[if text.len() == 13 { 23 } else { 24 }, text.len() as u8], text.as_bytes()].concat();
            last_day(&[b"\x30\x17".as_slice(), &der(first), &der(second), b"rest"].concat())
        };
        assert_eq!(times("250101000000Z", "270304050607Z").as_deref(), Some("2027-03-04"));
        assert_eq!(times("250101000000Z", "20570304050607Z").as_deref(), Some("2057-03-04"));
        assert_eq!(times("250101000000Z", "205703040506070Z").as_deref(), None);
        assert_eq!(last_day(b""), None);
    }

    #[test]
    fn name_is_the_common_name_or_the_organization() {
        let common = [b"\x06\x03\x55\x04\x0a\x0c\x03Org\x06\x03\x55\x04\x03\x0c\x05My CA".as_slice(), b"rest"].concat();
        assert_eq!(name(&common), "My CA");
        assert_eq!(name(b"\x06\x03\x55\x04\x0a\x0c\x03Org"), "Org");
        for broken in [b"".as_slice(), b"\x06\x03\x55\x04\x03", b"\x06\x03\x55\x04\x03\x0c\xffshort"] {
            assert_eq!(name(broken), "");
        }
    }
}
