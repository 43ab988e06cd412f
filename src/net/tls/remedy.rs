//! What can be done about an error of TLS.

use futures_rustls::rustls::{AlertDescription, CertificateError, Error, InvalidMessage};
use std::io;

/// What the embedder can do about an error of a client's connection, to a server or to a proxy, if there is anything.
pub(crate) fn remedy(error: &io::Error, is_proxy: bool) -> Option<&'static str> {
    let Some(tls) = error.get_ref().and_then(|e| e.downcast_ref::<Error>()) else {
        return match (error.kind(), is_proxy) {
            (io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset, false) => {
                Some("the server may speak no TLS: ws: in place of wss:")
            }
            (io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset, true) => {
                Some("it may speak no TLS: http: in place of https:")
            }
            _ => None,
        };
    };
    match tls {
        Error::InvalidMessage(InvalidMessage::InvalidContentType) if is_proxy => {
            Some("it speaks no TLS, so its URL should begin with http: in place of https:")
        }
        Error::InvalidCertificate(certificate) => of_certificate(certificate),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Some("the server speaks no TLS, so the URL should begin with ws: in place of wss:")
        }
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => Some(
            "the server must offer TLS 1.2 or 1.3 with a cipher suite of these days, and a key that is RSA, ECDSA on P-256 or P-384, or Ed25519",
        ),
        Error::AlertReceived(AlertDescription::CertificateRequired) if is_proxy => {
            Some("it asks for a certificate: `UserAgentBuilder::proxy_client_certificate`")
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            Some("the server asks for a certificate: `UserAgentBuilder::client_certificate`")
        }
        Error::AlertReceived(
            AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired,
        ) => Some(if is_proxy {
            "it did not take the certificate of `UserAgentBuilder::proxy_client_certificate`"
        } else {
            "the server did not take the certificate of `UserAgentBuilder::client_certificate`"
        }),
        Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
            Some("what the server speaks at this port is no HTTP, or not this version of it")
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            Some("the server has no certificate for the URL's host")
        }
        _ => None,
    }
}

fn of_certificate(error: &CertificateError) -> Option<&'static str> {
    match error {
        error if super::verifier::is_of_another_issuer(error) => Some(
            "to trust it, give its issuer's certificate, or itself, to `UserAgentBuilder::root_certificates`",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Some("the server needs a new one, or this machine's clock is wrong")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Some("this machine's clock may be wrong")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some(
                "the URL's host must be a name in the certificate, or an address there: `-addext subjectAltName=IP:127.0.0.1` of `openssl req`, say",
            )
        }
        CertificateError::Other(_) if super::verifier::is_of_version_1(error) => {
            Some("the server needs a certificate of version 3 of X.509")
        }
        CertificateError::Other(_) if super::verifier::is_of_an_authority(error) => Some(
            "it is an authority's: to trust exactly this one, give it to `UserAgentBuilder::root_certificates`",
        ),
        _ => None,
    }
}
