//! Sessions by way of proxies and gates that nobody here wrote: what can't be seen from a program that is
//! run once for each socket.
//!
//! They need the peers that `.ci/run` installs and starts: `USER_AGENT_SERVERS` names the table of them
//! (name, URL, process, traits), `USER_AGENT_CERTIFICATES` the folder of their certificates.

use super::installed::Installed;
use dom_websocket::{
    AuthScheme, BinaryType, Challenge, CookieJar, Credentials, Edition, EventLoop, Failure,
    MessageData, Proxy, ProxyFailure, Step, Timeouts, UserAgent, UserAgentBuilder, WebSocket,
};
use futures::channel::oneshot;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::path::Path;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{FAILURE, Recorder, bounded_by};

const BOUND: Duration = Duration::from_secs(270);
const EDITIONS: [Edition; 2] = [Edition::Living, Edition::Html5];
/// One message, and a closing handshake that the client begins.
const SESSION: [&str; 3] = ["OPEN open", "OPEN message hello", "CLOSED close clean 1005"];

fn url(name: &str) -> String {
    Installed::server("USER_AGENT_SERVERS", name).url
}

/// The server's URL with another host and path.
fn at(name: &str, host: &str, path: &str) -> String {
    let url = url(name);
    let (scheme, _) = url.split_once("://").unwrap();
    let (_, port) = url.rsplit_once(':').unwrap();
    format!("{scheme}://{host}:{port}{path}")
}

fn certificate(name: &str) -> Vec<u8> {
    let folder = std::env::var("USER_AGENT_CERTIFICATES").expect("the folder of certificates");
    std::fs::read(Path::new(&folder).join(name)).expect("the certificate can be read")
}

/// Knows the peers' authority.
fn user_agent() -> UserAgentBuilder {
    let ca = certificate("ca.pem");
    let mut builder = UserAgent::builder();
    builder.root_certificates(&ca).unwrap();
    builder
}

fn by(proxy: &str) -> UserAgentBuilder {
    let mut builder = user_agent();
    builder.proxies(Proxy::new(&url(proxy)).unwrap());
    builder
}

fn open(event_loop: &EventLoop, url: &str, edition: Edition, agent: &UserAgent) -> WebSocket {
    WebSocket::builder(event_loop, url)
        .edition(edition)
        .user_agent(agent)
        .open()
        .unwrap()
}

/// The events of a socket that sends `hello` and closes when that is back, in the living edition's words.
fn session(url: &str, edition: Edition, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = open(&event_loop, url, edition, agent);
    let recorder = Recorder::of(&socket);
    socket.set_onopen(|event| event.target().send("hello"));
    socket.set_onmessage(|event| event.target().close());
    event_loop.run();
    let mut events = recorder.finished();
    if edition == Edition::Html5 {
        // It has no codes, and of a failure no error.
        match events.pop().as_deref() {
            Some("CLOSED close clean") => events.push(SESSION[2].to_owned()),
            Some("CLOSED close unclean") => events.extend(FAILURE.map(str::to_owned)),
            other => panic!("{other:?}"),
        }
    }
    events
}

/// What a provider was asked: who asks (proxies by `true`), how, for what, and how often it has.
type Asked = Rc<RefCell<Vec<(bool, AuthScheme, String, u32)>>>;

/// Does not remember the password at once.
fn forgetful(asked: &Asked) -> impl Fn(Challenge) -> Ready<Option<Credentials>> + 'static {
    let asked = asked.clone();
    move |challenge| {
        asked.borrow_mut().push((
            challenge.is_proxy(),
            challenge.scheme(),
            challenge.realm().to_owned(),
            challenge.attempt(),
        ));
        // None twice: what was refused is not tried again.
        let password = match challenge.attempt() {
            1 => "capes?",
            2 => "capes!",
            _ => "nocapes!",
        };
        ready(Credentials::new("ednamode", password).ok())
    }
}

fn three_times(
    is_proxy: bool,
    scheme: AuthScheme,
    realm: &str,
) -> Vec<(bool, AuthScheme, String, u32)> {
    let realm = realm.to_owned();
    (1..=3)
        .map(|attempt| (is_proxy, scheme, realm.clone(), attempt))
        .collect()
}

#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn proxies_ask_until_the_password_is_right() {
    bounded_by(BOUND, || {
        for (proxy, scheme, realm) in [
            ("squid-basic", AuthScheme::Basic, "capes"),
            ("squid-tls-basic", AuthScheme::Basic, "capes"),
            ("squid-digest", AuthScheme::Digest, "capes"),
            ("squid-either", AuthScheme::Digest, "capes"),
            ("microsocks-password", AuthScheme::Socks5, ""),
        ] {
            for edition in EDITIONS {
                for gate in ["gates", "gates-tls"] {
                    let asked = Asked::default();
                    let agent = by(proxy).proxy_credentials(forgetful(&asked)).build();
                    let events = session(&at(gate, "localhost", "/echo"), edition, &agent);
                    assert_eq!(events, SESSION, "{proxy} {edition:?} {gate}");
                    assert_eq!(*asked.borrow(), three_times(true, scheme, realm), "{proxy}");
                }
            }
        }
    });
}

/// Of a wrong password tinyproxy says 401, which is no question.
#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn a_proxy_that_does_not_ask_again() {
    bounded_by(BOUND, || {
        let asked = Asked::default();
        let cause = Rc::new(RefCell::new(None));
        let agent = by("tinyproxy-basic")
            .proxy_credentials(forgetful(&asked))
            .observer({
                let cause = cause.clone();
                move |observation| {
                    if let Step::Failed(failure) = observation.step {
                        *cause.borrow_mut() = Some(failure.clone());
                    }
                }
            })
            .build();
        let events = session(&at("gates", "127.0.0.1", "/echo"), Edition::Living, &agent);
        assert_eq!(events, FAILURE);
        assert_eq!(asked.borrow().len(), 1);
        let expected = Failure::Proxy(ProxyFailure::Status(401));
        assert_eq!(cause.take(), Some(expected));
    });
}

#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn servers_ask_until_the_password_is_right() {
    bounded_by(BOUND, || {
        let password = at("gates", "127.0.0.1", "/password/");
        for (url, scheme, editions) in [
            (password, AuthScheme::Basic, &EDITIONS[..]),
            (url("digest"), AuthScheme::Digest, &EDITIONS[..1]),
            (url("digest-sha256"), AuthScheme::Digest, &EDITIONS[..1]),
        ] {
            for edition in editions {
                let asked = Asked::default();
                let agent = user_agent().server_credentials(forgetful(&asked)).build();
                assert_eq!(session(&url, *edition, &agent), SESSION, "{url}");
                assert_eq!(
                    *asked.borrow(),
                    three_times(false, scheme, "capes"),
                    "{url}"
                );
            }
        }
    });
}

/// Digest within Digest, over TLS within TLS.
#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn everything_at_once() {
    bounded_by(BOUND, || {
        for edition in EDITIONS {
            let asked = Asked::default();
            let jar = CookieJar::new();
            let agent = by("squid-tls-basic")
                .proxy_credentials(forgetful(&asked))
                .server_credentials(forgetful(&asked))
                .cookie_jar(&jar)
                .follow_redirects(1)
                .build();
            let name = "known-to-the-proxy.example";
            let set = session(&at("gates-tls", name, "/cookies/set"), edition, &agent);
            assert_eq!(set, SESSION);
            let kept = jar.cookies(&format!("wss://{name}/cookies/"));
            assert_eq!(kept.as_deref(), Some("here=2; all=1; secure=4"));
            let protected = at("gates-tls", name, "/password/");
            assert_eq!(session(&protected, edition, &agent), SESSION);
            let proxy = three_times(true, AuthScheme::Basic, "capes");
            let asked = asked.borrow();
            assert!(asked.starts_with(&proxy), "{asked:?}");
            assert!(asked.iter().any(|(is_proxy, ..)| !is_proxy), "{asked:?}");
        }
    });
}

/// What deflate can't make smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    StdRng::seed_from_u64(1080).fill_bytes(&mut bytes);
    bytes
}

#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn every_byte_gets_through() {
    bounded_by(BOUND, || {
        for proxy in ["squid", "squid-tls", "tinyproxy", "microsocks", "dante"] {
            let agent = by(proxy).build();
            for gate in ["gates", "gates-tls"] {
                let event_loop = EventLoop::new();
                let url = at(gate, "localhost", "/echo");
                let socket = open(&event_loop, &url, Edition::Living, &agent);
                socket.set_binary_type(BinaryType::ArrayBuffer);
                let recorder = Recorder::of(&socket);
                let sent = [1, 70_000, 2 << 20].map(|len| MessageData::ArrayBuffer(noise(len)));
                let received = Rc::new(Cell::new(0));
                let counted = received.clone();
                let expected = sent.clone();
                socket.set_onopen(move |event| {
                    for message in &sent {
                        event.target().send(message).unwrap();
                    }
                });
                socket.set_onmessage(move |event| {
                    let i = counted.replace(counted.get() + 1);
                    assert!(
                        *event.data() == expected[i],
                        "message {i} came back changed"
                    );
                    if i + 1 == expected.len() {
                        event.target().close();
                    }
                });
                event_loop.run();
                assert_eq!(received.get(), 3, "{proxy} {gate}");
                assert_eq!(recorder.count_of("error"), 0, "{proxy} {gate}");
            }
        }
    });
}

#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn many_sockets_share_a_proxy() {
    bounded_by(BOUND, || {
        for proxy in ["squid", "tinyproxy", "microsocks", "dante"] {
            let event_loop = EventLoop::new();
            let agent = by(proxy).build();
            let url = at("gates", "localhost", "/echo");
            let sockets: Vec<_> = (0..30)
                .map(|i| {
                    let edition = EDITIONS[i % 2];
                    let socket = open(&event_loop, &url, edition, &agent);
                    let recorder = Recorder::of(&socket);
                    socket.set_onopen(|event| event.target().send("hello"));
                    socket.set_onmessage(|event| event.target().close());
                    (socket, recorder)
                })
                .collect();
            event_loop.run();
            for (_, recorder) in sockets {
                let events = recorder.finished();
                assert_eq!(events[..2], SESSION[..2], "{proxy}");
                assert!(
                    events[2].starts_with("CLOSED close clean"),
                    "{proxy}: {events:?}"
                );
            }
        }
    });
}

/// The next one opens within the first one's `open`, and has its cookies already.
#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn a_cookie_is_there_for_the_next_socket() {
    bounded_by(BOUND, || {
        for edition in EDITIONS {
            let event_loop = EventLoop::new();
            let jar = CookieJar::new();
            let agent = user_agent().cookie_jar(&jar).build();
            let set = at("gates", "127.0.0.1", "/cookies/set");
            let first = open(&event_loop, &set, edition, &agent);
            let second = Rc::new(RefCell::new(None));
            first.set_onopen({
                let (event_loop, second) = (event_loop.clone(), second.clone());
                move |event| {
                    event.target().close();
                    let wanted = at("gates", "127.0.0.1", "/cookies/wanted");
                    let socket = open(&event_loop, &wanted, edition, &agent);
                    let recorder = Recorder::of(&socket);
                    socket.set_onopen(|event| event.target().close());
                    *second.borrow_mut() = Some(recorder);
                }
            });
            event_loop.run();
            let recorder = second.take().expect("the first one opened");
            assert_eq!(recorder.finished()[0], "OPEN open", "{edition:?}");
        }
    });
}

/// A proxy in between gives an idle connection four seconds.
#[test]
#[ignore = "needs the peers that .ci/run installs"]
fn pings_keep_an_idle_connection_open() {
    bounded_by(BOUND, || {
        for pings in [false, true] {
            let event_loop = EventLoop::new();
            let agent = user_agent()
                .timeouts(Timeouts {
                    ping: pings.then_some(Duration::from_millis(300)),
                    ..Timeouts::default()
                })
                .build();
            let url = at("gates", "127.0.0.1", "/impatient/");
            let socket = open(&event_loop, &url, Edition::Living, &agent);
            let recorder = Recorder::of(&socket);
            event_loop.spawn({
                let socket = socket.clone();
                let handle = event_loop.handle();
                async move {
                    let (woken, wake) = oneshot::channel();
                    thread::spawn(move || {
                        thread::sleep(Duration::from_secs(6));
                        let _ = woken.send(());
                        handle.queue_task(|| ());
                    });
                    let _ = wake.await;
                    socket.close();
                }
            });
            event_loop.run();
            let events = recorder.finished();
            if pings {
                assert_eq!(events, ["OPEN open", "CLOSED close clean 1005"]);
            } else {
                assert_eq!(events, [&["OPEN open"], &FAILURE[..]].concat());
            }
        }
    });
}
