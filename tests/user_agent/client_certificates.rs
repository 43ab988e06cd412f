//! Who is shown which certificate of a client's.

use crate::proxied::events;
use crate::tls::Authority;
use dom_websocket::{Failure, Proxies, Proxy, Step, UserAgent, UserAgentBuilder};
use futures_rustls::rustls::pki_types::pem::PemObject;
use futures_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use futures_rustls::rustls::server::WebPkiClientVerifier;
use futures_rustls::rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use support::bounded;

/// What asks for a certificate, and may go on without one.
fn asks(authority: &Authority, may_go_without: bool) -> Arc<ServerConfig> {
    let mut roots = RootCertStore::empty();
    let pem = authority.pem();
    roots.add(certificate(&pem)).unwrap();
    let mut verifier = WebPkiClientVerifier::builder(roots.into());
    if may_go_without {
        verifier = verifier.allow_unauthenticated();
    }
    let (chain, key) = authority.issue("localhost", |_| ());
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let config = ServerConfig::builder()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(vec![certificate(&chain)], key)
        .unwrap();
    Arc::new(config)
}

fn certificate(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// The server's side of TLS, when its handshake is over.
fn secure<S: Read + Write>(
    config: &Arc<ServerConfig>,
    mut below: S,
) -> io::Result<StreamOwned<ServerConnection, S>> {
    let mut tls = ServerConnection::new(config.clone()).unwrap();
    while tls.is_handshaking() {
        tls.complete_io(&mut below)?;
    }
    Ok(StreamOwned::new(tls, below))
}

fn shown<S: Read + Write>(
    tls: &StreamOwned<ServerConnection, S>,
) -> Option<CertificateDer<'static>> {
    let certificates = tls.conn.peer_certificates()?;
    Some(certificates.first()?.clone().into_owned())
}

/// Reads a head and answers it.
fn answer(stream: &mut (impl Read + Write), text: &[u8]) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    stream.write_all(text)?;
    stream.flush()
}

type Shown = [Option<CertificateDer<'static>>; 2];

/// An `https:` proxy with a `wss:` server behind it, in one: what each was shown.
fn serve(config: Arc<ServerConfig>) -> (u16, JoinHandle<io::Result<Shown>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let (tcp, _) = listener.accept()?;
        let mut proxy = secure(&config, tcp)?;
        answer(&mut proxy, b"HTTP/1.1 200 OK\r\n\r\n")?;
        let by_proxy = shown(&proxy);
        let mut server = secure(&config, proxy)?;
        answer(
            &mut server,
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        )?;
        Ok([by_proxy, shown(&server)])
    });
    (port, serving)
}

fn user_agent(authority: &Authority, port: u16) -> UserAgentBuilder {
    let proxy = Proxy::new(&format!("https://localhost:{port}")).unwrap();
    let mut builder = UserAgent::builder();
    builder
        .root_certificates(authority.pem().as_bytes())
        .unwrap()
        .proxies(Proxies::from(proxy));
    builder
}

#[test]
fn a_server_and_a_proxy_are_shown_their_own() {
    bounded(|| {
        let authority = Authority::new();
        let config = asks(&authority, true);
        let [alice, tunnel] = ["alice", "tunnel"].map(|name| authority.issue(name, |_| ()));
        for (to_server, to_proxy) in [(true, false), (false, true), (true, true), (false, false)] {
            let (port, serving) = serve(config.clone());
            let mut builder = user_agent(&authority, port);
            if to_server {
                builder
                    .client_certificate(alice.0.as_bytes(), alice.1.as_bytes())
                    .unwrap();
            }
            if to_proxy {
                builder
                    .proxy_client_certificate(tunnel.0.as_bytes(), tunnel.1.as_bytes())
                    .unwrap();
            }
            events("wss://localhost/", &builder.build());
            let shown = serving.join().unwrap().unwrap();
            let expected = [
                to_proxy.then(|| certificate(&tunnel.0)),
                to_server.then(|| certificate(&alice.0)),
            ];
            assert_eq!(shown, expected);
        }
    });
}

#[test]
fn a_proxy_that_wants_one_is_told_from_a_server_that_does() {
    bounded(|| {
        let authority = Authority::new();
        let (port, serving) = serve(asks(&authority, false));
        let (chain, key) = authority.issue("alice", |_| ());
        let failures = Rc::<RefCell<Vec<Failure>>>::default();
        let heard = failures.clone();
        let mut builder = user_agent(&authority, port);
        builder
            .client_certificate(chain.as_bytes(), key.as_bytes())
            .unwrap()
            .observer(move |observation| {
                if let Step::Failed(failure) = observation.step {
                    heard.borrow_mut().push(failure.clone());
                }
            });
        events("wss://localhost/", &builder.build());
        assert!(serving.join().unwrap().is_err());
        let failures: Vec<_> = failures.take().iter().map(ToString::to_string).collect();
        assert!(
            matches!(&*failures, [one] if one.contains("UserAgentBuilder::proxy_client_certificate")),
            "{failures:?}"
        );
    });
}
