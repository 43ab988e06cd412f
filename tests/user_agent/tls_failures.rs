//! What the embedder reads of TLS that fails, and the certificates that vouch for themselves.

use dom_websocket::{Edition, EventLoop, Server, Step, UserAgent, UserAgentBuilder, WebSocket};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::rc::Rc;
use support::{Peer, bounded, run_until};

/// What `openssl req -x509` makes: an authority's certificate, for this name.
fn self_signed(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn out_of_date(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2009, 1, 1);
    params.not_after = date_time_ymd(2010, 1, 1);
}

/// No alternative names.
fn name_in_subject(name: &'static str) -> impl FnOnce(&mut CertificateParams) {
    move |params| {
        params.subject_alt_names.clear();
        params.distinguished_name.push(DnType::CommonName, name);
    }
}

fn not_yet_valid(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2500, 1, 1);
    params.not_after = date_time_ymd(2501, 1, 1);
}

fn serve(event_loop: &EventLoop, identity: Option<&(String, String)>) -> Server {
    let mut builder = Server::builder(event_loop);
    if let Some((chain, key)) = identity {
        builder.tls(chain.as_bytes(), key.as_bytes()).unwrap();
    }
    builder.listen("127.0.0.1:0").unwrap()
}

/// Opens a socket and closes it: the cause of its failure, if it fails.
fn failure(
    event_loop: &EventLoop,
    url: &str,
    edition: Edition,
    builder: &mut UserAgentBuilder,
) -> Option<String> {
    let cause = Rc::new(RefCell::new(None));
    let heard = cause.clone();
    let user_agent = builder
        .observer(move |observation| {
            if let Step::Failed(failure) = observation.step {
                let before = heard.replace(Some(failure.to_string()));
                assert_eq!(before, None, "it is told once");
            }
        })
        .build();
    let socket = WebSocket::builder(event_loop, url)
        .edition(edition)
        .user_agent(&user_agent)
        .open()
        .unwrap();
    socket.set_onopen(|event| event.target().close());
    run_until(event_loop, || socket.ready_state() == WebSocket::CLOSED);
    cause.take()
}

/// Why a client that trusts this certificate does not connect to a server that shows that one, if it does not.
fn failure_of(shown: &(String, String), given: &(String, String)) -> Option<String> {
    let event_loop = EventLoop::new();
    let server = serve(&event_loop, Some(shown));
    let url = format!("wss://localhost:{}/", server.local_addr().port());
    let mut agent = UserAgent::builder();
    agent.root_certificates(given.0.as_bytes()).unwrap();
    failure(&event_loop, &url, Edition::Living, &mut agent)
}

#[test]
fn a_certificate_that_is_trusted_by_name_may_be_an_authoritys() {
    bounded(|| {
        let trusted = self_signed("localhost", |_| ());
        let another = self_signed("localhost", |_| ());
        let name = self_signed("example.com", |_| ());
        let in_its_subject = self_signed("localhost", name_in_subject("LocalHost"));
        let another_subject = self_signed("localhost", name_in_subject("example.com"));
        let both = self_signed("example.com", |params| {
            params
                .distinguished_name
                .push(DnType::CommonName, "localhost");
        });
        let old = self_signed("localhost", out_of_date);
        let new = self_signed("localhost", not_yet_valid);
        for (shown, given, words) in [
            (&trusted, &trusted, None),
            (
                &another,
                &trusted,
                Some("UserAgentBuilder::root_certificates"),
            ),
            (&name, &name, Some("not valid for name \"localhost\"")),
            (&in_its_subject, &in_its_subject, None),
            (&in_its_subject, &trusted, Some("root_certificates")),
            (
                &another_subject,
                &another_subject,
                Some("not valid for name"),
            ),
            (&both, &both, Some("subjectAltName=IP:")),
            (&old, &old, Some("this machine's clock is wrong")),
            (&new, &new, Some("this machine's clock may be wrong")),
        ] {
            let failure = failure_of(shown, given);
            match (&failure, words) {
                (None, None) => {}
                (Some(failure), Some(words)) => assert!(failure.contains(words), "{failure}"),
                _ => panic!("{failure:?} in place of {words:?}"),
            }
        }
    });
}

/// What an authority vouches for that nobody has been told of.
fn vouched_for(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "an authority");
    let issuer = Issuer::new(authority, KeyPair::generate().unwrap());
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &issuer).unwrap();
    (certificate.pem(), key.serialize_pem())
}

#[test]
fn a_certificate_that_is_trusted_by_name_needs_no_authority() {
    bounded(|| {
        let trusted = vouched_for("localhost", |_| ());
        let another = vouched_for("localhost", |_| ());
        let name = vouched_for("example.com", |_| ());
        let old = vouched_for("localhost", out_of_date);
        for (shown, given, words) in [
            (&trusted, &trusted, None),
            (&another, &trusted, Some("or itself")),
            (&name, &name, Some("not valid for name")),
            (&old, &old, Some("this machine's clock is wrong")),
        ] {
            let failure = failure_of(shown, given);
            match (&failure, words) {
                (None, None) => {}
                (Some(failure), Some(words)) => assert!(failure.contains(words), "{failure}"),
                _ => panic!("{failure:?} in place of {words:?}"),
            }
        }
    });
}

/// Somebody else of the issuer's name is trusted, with the same kind of key or with another.
#[test]
fn an_issuer_of_the_same_name_is_another() {
    bounded(|| {
        for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ED25519] {
            let mut namesake = CertificateParams::default();
            namesake.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            namesake
                .distinguished_name
                .push(DnType::CommonName, "an authority");
            let key = KeyPair::generate_for(algorithm).unwrap();
            let namesake = namesake.self_signed(&key).unwrap().pem();
            let shown = vouched_for("localhost", |_| ());
            let failure = failure_of(&shown, &(namesake.clone(), String::new()));
            let failure = failure.expect("it did not sign that");
            assert!(failure.contains("or itself"), "{failure}");
            let both = (shown.0.clone() + &namesake, String::new());
            assert_eq!(failure_of(&shown, &both), None);
        }
    });
}

/// As long as the bound of the opening handshake is far: neither end waits for the other.
#[test]
fn tls_on_one_side_only_fails_at_once_with_words() {
    bounded(|| {
        let event_loop = EventLoop::new();
        for edition in [Edition::Living, Edition::Html5] {
            let with_tls = self_signed("localhost", |_| ());
            let server = serve(&event_loop, Some(&with_tls));
            let url = format!("ws://localhost:{}/", server.local_addr().port());
            let failure = failure(&event_loop, &url, edition, &mut UserAgent::builder());
            let failure = failure.expect("the server speaks TLS");
            assert!(failure.contains("wss: in place of ws:"), "{failure}");
            server.close();
        }
        let server = serve(&event_loop, None);
        let url = format!("wss://localhost:{}/", server.local_addr().port());
        let failure = failure(
            &event_loop,
            &url,
            Edition::Living,
            &mut UserAgent::builder(),
        );
        let failure = failure.expect("the server speaks no TLS");
        assert!(failure.contains("ws: in place of wss:"), "{failure}");
    });
}

#[test]
fn a_server_that_hangs_up_on_tls_may_speak_none() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 5]).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let event_loop = EventLoop::new();
        let failure = failure(
            &event_loop,
            &url,
            Edition::Living,
            &mut UserAgent::builder(),
        );
        assert!(failure.unwrap().contains("may speak no TLS"));
    });
}

#[test]
fn a_server_that_resets_tls_may_speak_none() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.take(1);
            wire.reset();
        });
        let event_loop = EventLoop::new();
        let failure = failure(
            &event_loop,
            &peer.url().replace("ws:", "wss:"),
            Edition::Living,
            &mut UserAgent::builder(),
        );
        peer.join();
        assert!(failure.unwrap().contains("may speak no TLS"));
    });
}

#[cfg(feature = "proxies")]
#[test]
fn the_words_for_a_proxy_without_tls_are_about_the_proxy() {
    bounded(|| {
        for (answer, words) in [
            (
                &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
                "should begin with http: in place of https:",
            ),
            (b"", "may speak no TLS: http: in place of https:"),
        ] {
            let peer = Peer::serve(|mut wire| {
                wire.take(1);
                wire.send(answer);
                wire.finish();
                wire.take_rest();
            });
            let proxy = peer.url().replace("ws:", "https:");
            let mut agent = UserAgent::builder();
            agent.proxies(dom_websocket::Proxy::new(&proxy).unwrap());
            let event_loop = EventLoop::new();
            let failure = failure(
                &event_loop,
                "ws://example.com/",
                Edition::Living,
                &mut agent,
            );
            peer.join();
            let failure = failure.unwrap();
            assert!(
                failure.contains(words) && !failure.contains("ws:"),
                "{failure}"
            );
        }
    });
}

#[test]
fn what_is_wrong_with_an_identity_is_said() {
    let (one, another) = (
        self_signed("localhost", |_| ()),
        self_signed("localhost", |_| ()),
    );
    let event_loop = EventLoop::new();
    let tls = |chain: &str, key: &str| {
        let error = Server::builder(&event_loop)
            .tls(chain.as_bytes(), key.as_bytes())
            .map(drop);
        error.unwrap_err().to_string()
    };
    assert_eq!(
        tls(&one.0, &another.1),
        "the key is another one than the certificate's"
    );
    assert_eq!(tls(&one.1, &one.1), "there is no certificate in it");
    assert_eq!(tls(&one.0, &one.0), "there is no key in it");
    // As `openssl req -x509` writes it unless it is told not to, and as it did once.
    let text = "MIIC\n-----END";
    for encrypted in [
        format!("-----BEGIN ENCRYPTED PRIVATE KEY-----\n{text} ENCRYPTED PRIVATE KEY-----\n"),
        format!(
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n{text} RSA PRIVATE KEY-----\n"
        ),
    ] {
        let error = tls(&one.0, &encrypted);
        assert!(error.starts_with("the key is encrypted"), "{error}");
    }
}

#[test]
fn what_is_no_http_is_not_waited_for() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"SSH-2.0-server\r\n").unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let event_loop = EventLoop::new();
        let failure = failure(
            &event_loop,
            &url,
            Edition::Living,
            &mut UserAgent::builder(),
        );
        assert!(failure.unwrap().contains("malformed"));
    });
}

/// A server can refuse TLS once its handshake is over for the client (TLS 1.3): then too there is something to be done.
#[test]
fn a_refusal_behind_the_handshake_has_its_remedy() {
    use dom_websocket::{Failure, TransportError, WireFailure};
    use futures_rustls::rustls::{AlertDescription, Error};
    use std::io::{self, ErrorKind};
    let of = |kind, alert| {
        let error = io::Error::new(kind, Error::AlertReceived(alert));
        Failure::Wire(WireFailure::Transport(TransportError::from(error))).to_string()
    };
    let asks = of(
        ErrorKind::InvalidData,
        AlertDescription::CertificateRequired,
    );
    assert!(
        asks.contains("UserAgentBuilder::client_certificate"),
        "{asks}"
    );
    let other = of(ErrorKind::InvalidData, AlertDescription::InternalError);
    assert!(!other.contains('`'), "{other}");
    // The end of a connection over `ws:` is no reason to doubt the URL.
    let end = TransportError::from(ErrorKind::UnexpectedEof);
    let end = Failure::Wire(WireFailure::Transport(end)).to_string();
    assert!(!end.contains("ws:"), "{end}");
}
