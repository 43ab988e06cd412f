//! TLS below a connection (hixie-76 section 4.1 step 4, RFC 6455 section 4.1 step 5).

mod remedy;
mod verifier;

pub(crate) use remedy::remedy;

use super::stream::IntoTcp;
use super::{Alpn, Stream, TcpTransport};
use futures_rustls::pki_types::pem::{self, PemObject};
use futures_rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use futures_rustls::rustls::client::WebPkiServerVerifier;
use futures_rustls::rustls::crypto::ring;
use futures_rustls::rustls::{self, RootCertStore};
use futures_rustls::rustls::{ClientConfig, ProtocolVersion, ServerConfig};
use futures_rustls::{TlsAcceptor, TlsConnector, client, server};
use std::error::Error;
use std::fmt;
use std::io;
use std::sync::{Arc, OnceLock};
use verifier::{AcceptsAny, TrustsItself};

/// The names of what is spoken within (RFC 7301).
const HTTP_1: &[u8] = b"http/1.1";
#[cfg(feature = "http2")]
const HTTP_2: &[u8] = b"h2";

impl Alpn {
    /// In the order of preference.
    fn names(self) -> Vec<Vec<u8>> {
        match self {
            Self::Http1 => vec![HTTP_1.to_vec()],
            #[cfg(feature = "http2")]
            Self::Either => vec![HTTP_2.to_vec(), HTTP_1.to_vec()],
            #[cfg(feature = "http2")]
            Self::Http2 => vec![HTTP_2.to_vec()],
        }
    }
}

impl<S: Stream + 'static> Stream for client::TlsStream<S> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        Ok(Err(self))
    }
}

impl<S: Stream + 'static> Stream for server::TlsStream<S> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        Ok(Err(self))
    }
}

/// Certificates or a key that can't be used.
///
/// ```
/// use dom_websocket::{TlsError, UserAgent};
///
/// let error: TlsError = UserAgent::builder().root_certificates(b"no certificate").unwrap_err();
/// eprintln!("{error}");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsError {
    message: String,
}

impl TlsError {
    fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
        }
    }

    /// What an identity can't be used for.
    fn of_identity(error: rustls::Error) -> Self {
        match error {
            rustls::Error::InconsistentKeys(_) => {
                Self::new("the key is another one than the certificate's")
            }
            rustls::Error::General(why) => Self::new(format_args!(
                "the key can't be used, which may be RSA of 2048 bits and more, ECDSA on P-256 or P-384, or Ed25519: {why}"
            )),
            rustls::Error::InvalidCertificate(why) if verifier::is_of_version_1(&why) => {
                Self::new("the certificate is none of version 3 of X.509")
            }
            error => Self::new(error),
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for TlsError {}

fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(TlsError::new)?;
    if certificates.is_empty() {
        return Err(TlsError::new("there is no certificate in it"));
    }
    Ok(certificates)
}

/// Whom a client trusts, and who it is.
#[derive(Clone, Default)]
pub(crate) struct ClientTls {
    /// In place of the system's.
    roots: Option<RootCertStore>,
    /// Those of them that may be a server's own.
    trusted: Vec<CertificateDer<'static>>,
    accepts_any: bool,
    /// What it shows to a server that asks.
    identity: Option<Arc<Identity>>,
    /// What it shows to a proxy that asks.
    #[cfg(feature = "proxies")]
    proxy_identity: Option<Arc<Identity>>,
    /// Made for the first connection: reading the system's roots takes a while.
    connectors: OnceLock<Result<Connectors, String>>,
}

/// For each that may be offered to a server: tickets of sessions are all of theirs. A proxy has its own.
#[derive(Clone)]
struct Connectors {
    #[cfg(feature = "proxies")]
    proxy: TlsConnector,
    http1: TlsConnector,
    #[cfg(feature = "http2")]
    either: TlsConnector,
    #[cfg(feature = "http2")]
    http2: TlsConnector,
}

impl Connectors {
    fn new(config: &ClientConfig, #[cfg(feature = "proxies")] proxy_config: &ClientConfig) -> Self {
        let with_alpn = |config: &ClientConfig, alpn: Alpn| {
            let mut config = config.clone();
            config.alpn_protocols = alpn.names();
            TlsConnector::from(Arc::new(config))
        };
        let offering = |alpn| with_alpn(config, alpn);
        Self {
            #[cfg(feature = "proxies")]
            proxy: with_alpn(proxy_config, Alpn::Http1),
            http1: offering(Alpn::Http1),
            #[cfg(feature = "http2")]
            either: offering(Alpn::Either),
            #[cfg(feature = "http2")]
            http2: offering(Alpn::Http2),
        }
    }

    fn offering(&self, alpn: Alpn) -> &TlsConnector {
        match alpn {
            Alpn::Http1 => &self.http1,
            #[cfg(feature = "http2")]
            Alpn::Either => &self.either,
            #[cfg(feature = "http2")]
            Alpn::Http2 => &self.http2,
        }
    }
}

/// A certificate with those that vouch for it, and its key.
type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(chain: &[u8], key: &[u8]) -> Result<Identity, TlsError> {
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| no_key(key, &error))?;
    Ok((certificates(chain)?, key))
}

/// What is in this PEM, if it is no key that can be read.
fn no_key(pem: &[u8], error: &pem::Error) -> TlsError {
    // PKCS #8 says so in its label, what OpenSSL wrote before that in a field (RFC 1421).
    let is_encrypted = [
        &b"BEGIN ENCRYPTED PRIVATE KEY"[..],
        b"Proc-Type: 4,ENCRYPTED",
    ];
    let has = |words: &[u8]| memchr::memmem::find(pem, words).is_some();
    match error {
        _ if is_encrypted.into_iter().any(has) => {
            TlsError::new("the key is encrypted: `openssl pkey -in FILE` writes it without")
        }
        pem::Error::NoItemsFound => TlsError::new("there is no key in it"),
        error => TlsError::new(error),
    }
}

/// A client's. What is wrong with it is said now, not with the first connection.
fn client_identity(chain: &[u8], key: &[u8]) -> Result<Arc<Identity>, TlsError> {
    let identity = identity(chain, key)?;
    let (chain, key) = (identity.0.clone(), identity.1.clone_key());
    ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TlsError::new)?
        .with_root_certificates(RootCertStore::empty())
        .with_client_auth_cert(chain, key)
        .map_err(TlsError::of_identity)?;
    Ok(Arc::new(identity))
}

/// A client's TLS connection.
pub(crate) struct Secured {
    pub(crate) stream: Box<dyn Stream>,
    /// As the protocol's own text writes it: `TLSv1.3`.
    pub(crate) version: &'static str,
    /// The server has chosen HTTP/2.
    #[cfg(feature = "http2")]
    pub(crate) is_http2: bool,
}

impl ClientTls {
    pub(crate) fn trust_roots(&mut self, roots: RootCertStore) {
        let trusted = self.roots.get_or_insert_with(RootCertStore::empty);
        trusted.extend(roots.roots);
    }

    pub(crate) fn identify(&mut self, chain: &[u8], key: &[u8]) -> Result<(), TlsError> {
        self.identity = Some(client_identity(chain, key)?);
        Ok(())
    }

    #[cfg(feature = "proxies")]
    pub(crate) fn identify_to_proxies(&mut self, chain: &[u8], key: &[u8]) -> Result<(), TlsError> {
        self.proxy_identity = Some(client_identity(chain, key)?);
        Ok(())
    }

    pub(crate) fn trust(&mut self, pem: &[u8]) -> Result<(), TlsError> {
        // All of them, or none.
        let mut roots = RootCertStore::empty();
        let certificates = certificates(pem)?;
        for certificate in &certificates {
            roots.add(certificate.clone()).map_err(TlsError::new)?;
        }
        self.trust_roots(roots);
        self.trusted.extend(certificates);
        Ok(())
    }

    pub(crate) fn accept_any(&mut self) {
        self.accepts_any = true;
    }

    /// Performs the handshake with the server of this name, which is sent to it (SNI).
    pub(crate) async fn connect(
        &self,
        host: &str,
        alpn: Alpn,
        stream: impl Stream + 'static,
    ) -> io::Result<Secured> {
        let connector = self.prepared()?.offering(alpn);
        connect(connector, host, stream).await
    }

    /// The same with a proxy, which speaks HTTP/1.1.
    #[cfg(feature = "proxies")]
    pub(crate) async fn connect_to_proxy(
        &self,
        host: &str,
        stream: impl Stream + 'static,
    ) -> io::Result<Secured> {
        connect(&self.prepared()?.proxy, host, stream).await
    }

    fn prepared(&self) -> io::Result<&Connectors> {
        let connectors = self.connectors.get_or_init(|| self.connectors());
        connectors
            .as_ref()
            .map_err(|error| io::Error::other(error.as_str()))
    }

    fn connectors(&self) -> Result<Connectors, String> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = if self.accepts_any {
            let verifier = Arc::new(AcceptsAny(provider));
            builder
                .dangerous()
                .with_custom_certificate_verifier(verifier)
        } else {
            match &self.roots {
                None => builder.with_root_certificates(system_roots()),
                Some(roots) if self.trusted.is_empty() => {
                    builder.with_root_certificates(roots.clone())
                }
                Some(roots) => {
                    let roots = Arc::new(roots.clone());
                    let web_pki = WebPkiServerVerifier::builder_with_provider(roots, provider)
                        .build()
                        .map_err(|error| error.to_string())?;
                    let trusted = self.trusted.clone();
                    builder
                        .dangerous()
                        .with_custom_certificate_verifier(Arc::new(TrustsItself {
                            web_pki,
                            trusted,
                        }))
                }
            }
        };
        let showing = |identity: Option<&Identity>| match identity {
            None => Ok(builder.clone().with_no_client_auth()),
            Some((chain, key)) => builder
                .clone()
                .with_client_auth_cert(chain.clone(), key.clone_key())
                .map_err(|error| error.to_string()),
        };
        Ok(Connectors::new(
            &showing(self.identity.as_deref())?,
            #[cfg(feature = "proxies")]
            &showing(self.proxy_identity.as_deref())?,
        ))
    }
}

async fn connect(
    connector: &TlsConnector,
    host: &str,
    stream: impl Stream + 'static,
) -> io::Result<Secured> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let stream = connector.connect(name, stream).await?;
    let session = stream.get_ref().1;
    let version = session.protocol_version();
    Ok(Secured {
        #[cfg(feature = "http2")]
        is_http2: session.alpn_protocol() == Some(HTTP_2),
        version: match version {
            Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
            Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
            _ => "TLS",
        },
        stream: Box::new(stream),
    })
}

/// Those that can be read; one that can't be read vouches for nobody.
fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

/// Who a server is.
#[derive(Clone)]
pub(crate) struct ServerTls(Arc<ServerConfig>);

impl ServerTls {
    pub(crate) fn new(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let (chain, key) = identity(chain, key)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::new)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::of_identity)?;
        config.alpn_protocols = Alpn::Http1.names();
        Ok(Self(Arc::new(config)))
    }

    /// The same server, which takes HTTP/2 rather than HTTP/1.1.
    #[cfg(feature = "http2")]
    pub(crate) fn preferring_http2(&self) -> Self {
        let mut config = ServerConfig::clone(&self.0);
        config.alpn_protocols = Alpn::Either.names();
        Self(Arc::new(config))
    }

    pub(crate) async fn accept(&self, stream: TcpTransport) -> io::Result<Box<dyn Stream>> {
        let acceptor = TlsAcceptor::from(self.0.clone());
        Ok(Box::new(acceptor.accept(stream).await?))
    }
}
