//! Whether a server's certificate is to be trusted.

use futures_rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use futures_rustls::rustls::client::WebPkiServerVerifier;
use futures_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use futures_rustls::rustls::client::verify_server_name;
use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::server::ParsedCertificate;
use futures_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::Arc;
use std::time::Duration;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::name::Name;

/// As WebPKI has it; and a certificate that is trusted itself may be a server's own where WebPKI has no place for it: those
/// that `openssl req -x509` makes say that they are an authority's, and may have their name in the subject only; and one that an
/// authority vouches for need not be that authority's to be trusted alone. Its name, its time and its key are verified all the
/// same.
#[derive(Debug)]
pub(super) struct TrustsItself {
    pub(super) web_pki: Arc<WebPkiServerVerifier>,
    pub(super) trusted: Vec<CertificateDer<'static>>,
}

/// WebPKI's "CA used as end entity", which rustls has no name for.
pub(super) fn is_of_an_authority(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(error) if error.to_string() == "CaUsedAsEndEntity")
}

/// WebPKI's "unsupported certificate version", likewise.
pub(super) fn is_of_version_1(error: &CertificateError) -> bool {
    matches!(error, CertificateError::Other(error) if error.to_string() == "UnsupportedCertVersion")
}

/// None of the issuers that are trusted has signed it, whether they have the name of its own or not.
pub(super) fn is_of_another_issuer(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
    )
}

fn is_of_another_name(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
    )
}

/// Verifies a certificate that is trusted itself: its time and its name.
fn verify_trusted(
    certificate: &CertificateDer<'_>,
    name: &ServerName<'_>,
    now: UnixTime,
) -> Result<(), Error> {
    let parsed = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let contents = parsed.tbs_certificate();
    let validity = contents.validity();
    let now = Duration::from_secs(now.as_secs());
    if now < validity.not_before.to_unix_duration() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > validity.not_after.to_unix_duration() {
        return Err(CertificateError::Expired.into());
    }
    let verified = verify_server_name(&ParsedCertificate::try_from(certificate)?, name);
    match contents.get_extension::<SubjectAltName>() {
        // RFC 6125 section 6.4.4: the subject's name counts where there are no others.
        Ok(None) if is_common_name(contents.subject(), name) => Ok(()),
        _ => verified,
    }
}

fn is_common_name(subject: &Name, name: &ServerName<'_>) -> bool {
    match (subject.common_name(), name) {
        (Ok(Some(common_name)), ServerName::DnsName(name)) => {
            common_name.value().eq_ignore_ascii_case(name.as_ref())
        }
        _ => false,
    }
}

impl ServerCertVerifier for TrustsItself {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.web_pki
                .verify_server_cert(certificate, others, name, ocsp_response, now);
        match &verified {
            Err(Error::InvalidCertificate(error))
                if (is_of_an_authority(error)
                    || is_of_another_name(error)
                    || is_of_another_issuer(error))
                    && self.trusted.iter().any(|trusted| trusted == certificate) =>
            {
                verify_trusted(certificate, name, now).map(|()| ServerCertVerified::assertion())
            }
            _ => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web_pki
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.web_pki
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web_pki.supported_verify_schemes()
    }
}

/// For tests: whoever answers is believed.
#[derive(Debug)]
pub(super) struct AcceptsAny(pub(super) Arc<CryptoProvider>);

impl ServerCertVerifier for AcceptsAny {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
