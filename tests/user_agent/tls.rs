//! `wss:`, with certificates made for the test.

use dom_websocket::{Edition, EventLoop, Server, Timeouts, UserAgent, WebSocket};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use std::cell::{Cell, RefCell};
use std::io::Read;
use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;
use support::{Peer, bounded};

const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];

/// A certificate authority of our own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name, and its key.
    pub(crate) fn issue(
        &self,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> (String, String) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

fn serve(event_loop: &EventLoop, (chain, key): &(String, String)) -> Server {
    let server = Server::builder(event_loop)
        .tls(chain.as_bytes(), key.as_bytes())
        .unwrap()
        .listen("127.0.0.1:0")
        .unwrap();
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    server
}

/// Opens a socket, sends a text that takes many records, closes when it is back; what happened.
fn session(
    event_loop: &EventLoop,
    server: &Server,
    host: &str,
    edition: Edition,
    user_agent: &UserAgent,
) -> Vec<String> {
    let url = format!("wss://{host}:{}/", server.local_addr().port());
    let socket = WebSocket::builder(event_loop, &url)
        .edition(edition)
        .user_agent(user_agent)
        .open()
        .unwrap();
    let log = Rc::new(RefCell::new(Vec::new()));
    for type_ in ["open", "message", "error", "close"] {
        let log = log.clone();
        socket.add_event_listener(type_, move |event| {
            log.borrow_mut().push(match event.as_close_event() {
                Some(close) => format!("close {}", close.was_clean()),
                None => type_.to_owned(),
            });
        });
    }
    let text = "Grüße, 世界! ".repeat(20_000);
    let sent = text.clone();
    socket.set_onopen(move |event| event.target().send(&sent));
    socket.set_onmessage(move |event| {
        assert!(event.data() == text.as_str());
        event.target().close();
    });
    let server = server.clone();
    socket.set_onclose(move |_| server.close());
    event_loop.run();
    log.take()
}

/// What script sees of a server that the client does not believe.
fn refusal(edition: Edition) -> Vec<&'static str> {
    match edition {
        Edition::Html5 => vec!["close false"],
        _ => vec!["error", "close false"],
    }
}

#[test]
fn a_session_with_a_server_that_is_trusted() {
    bounded(|| {
        for edition in EDITIONS {
            for host in ["localhost", "127.0.0.1"] {
                let event_loop = EventLoop::new();
                let authority = Authority::new();
                let server = serve(&event_loop, &authority.issue(host, |_| ()));
                let user_agent = UserAgent::builder()
                    .root_certificates(authority.pem().as_bytes())
                    .unwrap()
                    .build();
                let log = session(&event_loop, &server, host, edition, &user_agent);
                assert_eq!(log, ["open", "message", "close true"], "{edition:?} {host}");
            }
        }
    });
}

/// In place of the system's roots, and only these.
#[cfg(feature = "rustls")]
#[test]
fn a_store_of_roots_can_be_brought() {
    use dom_websocket::rustls::{
        RootCertStore, pki_types::CertificateDer, pki_types::pem::PemObject,
    };
    bounded(|| {
        let (ours, another) = (Authority::new(), Authority::new());
        for (trusted, is_ours) in [(&ours, true), (&another, false)] {
            let mut roots = RootCertStore::empty();
            let pem = trusted.pem();
            roots
                .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
                .unwrap();
            let event_loop = EventLoop::new();
            let server = serve(&event_loop, &ours.issue("localhost", |_| ()));
            let user_agent = UserAgent::builder().root_cert_store(roots).build();
            let log = session(
                &event_loop,
                &server,
                "localhost",
                Edition::Living,
                &user_agent,
            );
            if is_ours {
                assert_eq!(log, ["open", "message", "close true"]);
            } else {
                assert_eq!(log, refusal(Edition::Living));
            }
        }
    });
}

#[test]
fn certificates_that_prove_nothing_fail_the_connection() {
    bounded(|| {
        for edition in EDITIONS {
            let (ours, other) = (Authority::new(), Authority::new());
            for (what, identity) in [
                ("an unknown issuer", other.issue("localhost", |_| ())),
                ("another name", ours.issue("example.com", |_| ())),
                (
                    "out of date",
                    ours.issue("localhost", |params| {
                        params.not_before = date_time_ymd(2009, 1, 1);
                        params.not_after = date_time_ymd(2010, 1, 1);
                    }),
                ),
            ] {
                let event_loop = EventLoop::new();
                let server = serve(&event_loop, &identity);
                let user_agent = UserAgent::builder()
                    .root_certificates(ours.pem().as_bytes())
                    .unwrap()
                    .build();
                let log = session(&event_loop, &server, "localhost", edition, &user_agent);
                assert_eq!(log, refusal(edition), "{edition:?}, {what}");
            }
        }
    });
}

#[test]
fn the_systems_roots_do_not_vouch_for_a_stranger() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serve(&event_loop, &Authority::new().issue("localhost", |_| ()));
        let log = session(
            &event_loop,
            &server,
            "localhost",
            Edition::Living,
            &UserAgent::default(),
        );
        assert_eq!(log, ["error", "close false"]);
    });
}

#[test]
fn whoever_answers_is_believed_only_if_that_is_asked_for() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let server = serve(&event_loop, &Authority::new().issue("example.com", |_| ()));
        let user_agent = UserAgent::builder()
            .dangerously_accept_any_certificate()
            .build();
        let log = session(
            &event_loop,
            &server,
            "localhost",
            Edition::Living,
            &user_agent,
        );
        assert_eq!(log, ["open", "message", "close true"]);
    });
}

#[test]
fn a_server_that_does_not_speak_tls_ends_at_the_bound_or_by_close() {
    bounded(|| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("wss://{}/", listener.local_addr().unwrap());
        // It takes what it gets and says nothing.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || {
                    let _ = stream.map(|mut stream| stream.read_to_end(&mut Vec::new()));
                });
            }
        });
        for closes in [false, true] {
            let event_loop = EventLoop::new();
            let user_agent = UserAgent::builder()
                .timeouts(Timeouts {
                    opening_handshake: Duration::from_millis(if closes { 60_000 } else { 200 }),
                    ..Timeouts::default()
                })
                .build();
            let socket = WebSocket::builder(&event_loop, &url)
                .user_agent(&user_agent)
                .open()
                .unwrap();
            let ends = Rc::new(RefCell::new(Vec::new()));
            let e = ends.clone();
            socket.set_onclose(move |event| e.borrow_mut().push(event.code()));
            if closes {
                let handle = event_loop.handle();
                let closing = socket.clone();
                event_loop.spawn(async move {
                    // The handshake is under way by then.
                    let (woken, wake) = futures::channel::oneshot::channel();
                    std::thread::spawn(move || {
                        std::thread::sleep(Duration::from_millis(100));
                        let _ = woken.send(());
                        handle.queue_task(|| ());
                    });
                    let _ = wake.await;
                    closing.close();
                });
            }
            event_loop.run();
            assert_eq!(*ends.borrow(), [1006]);
        }
    });
}

/// A server that speaks HTTP/2 as well is told by ALPN (RFC 7301) that this is not what follows.
#[test]
fn the_client_says_that_it_speaks_http_1_1() {
    bounded(|| {
        let peer = Peer::listen(|listener| support::accept(&listener).take_some().unwrap());
        let url = peer.url().replace("ws:", "wss:");
        let event_loop = EventLoop::new();
        let _socket = WebSocket::new(&event_loop, &url).unwrap();
        event_loop.run();
        let hello = peer.join();
        let said = b"\0\x10\0\x0b\0\x09\x08http/1.1";
        assert!(hello.windows(said.len()).any(|bytes| bytes == said));
    });
}

#[test]
fn what_is_no_certificate_and_no_key_is_an_error() {
    let event_loop = EventLoop::new();
    let (chain, key) = Authority::new().issue("localhost", |_| ());
    for (chain, key) in [("", &*key), (&*chain, ""), (&*chain, &*chain)] {
        let mut builder = Server::builder(&event_loop);
        assert!(builder.tls(chain.as_bytes(), key.as_bytes()).is_err());
    }
    assert!(UserAgent::builder().root_certificates(b"none").is_err());
}

#[test]
fn a_builder_is_as_it_was_after_certificates_that_it_refuses() {
    bounded(|| {
        let (ours, another) = (Authority::new(), Authority::new());
        let (chain, key) = ours.issue("localhost", |_| ());
        let mut agent = UserAgent::builder();
        agent.root_certificates(ours.pem().as_bytes()).unwrap();
        let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let half_good = another.pem() + "\n" + damaged;
        assert!(agent.root_certificates(half_good.as_bytes()).is_err());
        assert!(agent.client_certificate(chain.as_bytes(), b"").is_err());
        let agent = agent.build();
        for (authority, is_trusted) in [(&ours, true), (&another, false)] {
            let event_loop = EventLoop::new();
            let server = serve(&event_loop, &authority.issue("localhost", |_| ()));
            let log = session(&event_loop, &server, "localhost", Edition::Living, &agent);
            assert_eq!(log.contains(&"open".to_owned()), is_trusted, "{log:?}");
        }
        // A server's goes on without TLS.
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        assert!(builder.tls(chain.as_bytes(), chain.as_bytes()).is_err());
        let server = builder.listen("127.0.0.1:0").unwrap();
        let url = format!("ws://{}/", server.local_addr());
        let socket = WebSocket::new(&event_loop, &url).unwrap();
        let is_open = Rc::new(Cell::new(false));
        socket.set_onopen({
            let is_open = is_open.clone();
            move |_| {
                is_open.set(true);
                server.close();
            }
        });
        event_loop.run();
        assert!(is_open.get());
        assert!(builder.tls(chain.as_bytes(), key.as_bytes()).is_ok());
    });
}

#[test]
fn what_tls_holds_back_leaves_once_a_stalled_peer_reads_again() {
    bounded(|| {
        for count in [1_000, 3_000, 5_000] {
            // The peer reads only while its own loop takes turns.
            let (ours, theirs) = (EventLoop::new(), EventLoop::new());
            let authority = Authority::new();
            let server = serve(&theirs, &authority.issue("localhost", |_| ()));
            let received = Rc::new(Cell::new(0));
            let counting = received.clone();
            server.set_onconnection(move |socket, _| {
                let received = counting.clone();
                socket.set_onmessage(move |_| received.set(received.get() + 1));
            });
            let user_agent = UserAgent::builder()
                .compression(false)
                .root_certificates(authority.pem().as_bytes())
                .unwrap()
                .build();
            let url = format!("wss://localhost:{}/", server.local_addr().port());
            let socket = WebSocket::builder(&ours, &url)
                .user_agent(&user_agent)
                .open()
                .unwrap();
            let turns = |is_done: &dyn Fn() -> bool| {
                while !is_done() {
                    ours.turn();
                    theirs.turn();
                    std::thread::yield_now();
                }
            };
            turns(&|| socket.ready_state() == WebSocket::OPEN);
            for _ in 0..count {
                assert_eq!(socket.send("x".repeat(1024)), Ok(true));
            }
            for _ in 0..100 {
                ours.turn();
            }
            turns(&|| received.get() == count);
        }
    });
}
