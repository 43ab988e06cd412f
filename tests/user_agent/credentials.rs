//! Names and passwords for servers.

use dom_websocket::{
    AuthScheme, Challenge, Credentials, Edition, EventLoop, Timeouts, UserAgent, WebSocket,
};
use futures::channel::oneshot;
use md5::{Digest, Md5};
use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::net::TcpListener;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{FAILURE, Frame, Gate, Head, Peer, Recorder, accept, bounded};

const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];
const BASIC: &str = "Basic realm=\"capes\"";
/// `ednamode:nocapes!`
const EDNAMODE: &str = "Basic ZWRuYW1vZGU6bm9jYXBlcyE=";

fn events(url: &str, edition: Edition, agent: &UserAgent) -> Vec<String> {
    let event_loop = EventLoop::new();
    let socket = WebSocket::builder(&event_loop, url)
        .edition(edition)
        .user_agent(agent)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    event_loop.run();
    recorder.finished()
}

fn living(url: &str, agent: &UserAgent) -> Vec<String> {
    events(url, Edition::Living, agent)
}

fn asking(challenges: &[&str]) -> Head {
    challenges
        .iter()
        .fold(Head::status("401 Unauthorized"), |head, challenge| {
            head.and("WWW-Authenticate", challenge)
        })
}

/// Asks one client for credentials; those that it came with.
fn ask(listener: &TcpListener, challenges: &[&str]) -> Option<String> {
    let mut wire = accept(listener);
    let request = wire.take_upgrade();
    wire.send(&asking(challenges).bytes());
    wire.take_rest();
    authorization(&request)
}

/// Opens one client's connection, and closes it; the credentials that it came with.
fn serve(listener: &TcpListener) -> Option<String> {
    let mut wire = accept(listener);
    let request = wire.accept_upgrade();
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
    authorization(&request)
}

fn authorization(request: &Head) -> Option<String> {
    request.field("Authorization").map(str::to_owned)
}

#[track_caller]
fn was_not_called(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "another client");
}

/// Always the same.
fn ednamode() -> UserAgent {
    UserAgent::builder()
        .server_credentials(|_| ready(Credentials::new("ednamode", "nocapes!").ok()))
        .build()
}

#[test]
fn those_of_the_url_are_sent_unasked() {
    bounded(|| {
        for (user, field) in [
            ("ednamode:nocapes!", EDNAMODE),
            ("%C3%A9dna:a%40b%3A%2F", "Basic w6lkbmE6YUBiOi8="),
            ("edna", "Basic ZWRuYTo="),
            (":mode", "Basic Om1vZGU="),
        ] {
            let peer = Peer::listen(|listener| serve(&listener));
            let url = format!("ws://{user}@{}/", peer.address());
            assert_eq!(living(&url, &UserAgent::default()), SESSION);
            assert_eq!(peer.join().as_deref(), Some(field));
        }
    });
}

#[test]
fn those_of_the_url_with_a_control_character_are_not_sent() {
    bounded(|| {
        for edition in [Edition::Living, Edition::Html5] {
            for user in [
                "edna%0D%0AX-Evil:%20yes",
                "edna:%0A",
                "edna:%00",
                "%7F:mode",
            ] {
                let peer = Peer::listen(|listener| {
                    listener.set_nonblocking(true).unwrap();
                    thread::sleep(Duration::from_millis(20));
                    let Ok((stream, _)) = listener.accept() else {
                        return Vec::new();
                    };
                    stream.set_nonblocking(false).unwrap();
                    support::Wire::new(stream).take_rest().0
                });
                let url = format!("ws://{user}@{}/", peer.address());
                let events = events(&url, edition, &ednamode());
                assert_eq!(
                    events.last(),
                    FAILURE
                        .last()
                        .map(|last| match edition {
                            Edition::Html5 => "CLOSED close unclean".to_owned(),
                            _ => (*last).to_owned(),
                        })
                        .as_ref()
                );
                assert_eq!(peer.join(), b"", "{user}");
            }
        }
    });
}

#[test]
fn draft_76_sends_none_unasked() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = accept(&listener);
            let first = wire.take_request();
            wire.send(&asking(&[BASIC]).bytes());
            wire.take_rest();
            let mut wire = accept(&listener);
            let second = wire.accept_client();
            wire.send(support::CLOSING);
            wire.expect(support::CLOSING);
            wire.expect_end();
            [authorization(&first), authorization(&second)]
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        let agent = UserAgent::builder()
            .server_credentials(|_| ready(None))
            .build();
        let events = events(&url, Edition::Html5, &agent);
        assert_eq!(events, ["OPEN open", "CLOSED close clean"]);
        assert_eq!(peer.join(), [None, Some(EDNAMODE.to_owned())]);
    });
}

#[test]
fn a_401_fails_where_nobody_answers_it() {
    bounded(|| {
        for url in ["ws://PEER/", "ws://ednamode:nocapes!@PEER/"] {
            let peer = Peer::listen(|listener| {
                ask(&listener, &[BASIC]);
                listener
            });
            let url = url.replace("PEER", &peer.address().to_string());
            assert_eq!(living(&url, &UserAgent::default()), FAILURE);
            was_not_called(&peer.join());
        }
    });
}

#[test]
fn the_provider_is_asked_as_often_as_the_server_asks() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            [
                ask(&listener, &["Basic realm=\"first\""]),
                ask(
                    &listener,
                    &["Negotiate", "Basic realm=\"second\", charset=\"UTF-8\""],
                ),
                serve(&listener),
            ]
        });
        let host = peer.address().to_string();
        let asked = Rc::new(RefCell::new(Vec::new()));
        let agent = UserAgent::builder()
            .server_credentials({
                let asked = asked.clone();
                move |challenge: Challenge| {
                    assert!(!challenge.is_proxy());
                    assert_eq!(challenge.host(), host);
                    assert_eq!(challenge.scheme(), AuthScheme::Basic);
                    let attempt = challenge.attempt();
                    asked
                        .borrow_mut()
                        .push((attempt, challenge.realm().to_owned()));
                    ready(Credentials::new(format!("user{attempt}"), attempt.to_string()).ok())
                }
            })
            .build();
        assert_eq!(living(&peer.url(), &agent), SESSION);
        assert_eq!(
            peer.join(),
            [None, Some("Basic dXNlcjE6MQ=="), Some("Basic dXNlcjI6Mg==")]
                .map(|a| a.map(str::to_owned))
        );
        assert_eq!(
            *asked.borrow(),
            [(1, "first".to_owned()), (2, "second".to_owned())]
        );
    });
}

#[test]
fn those_of_the_url_go_first_and_count() {
    bounded(|| {
        let peer = Peer::listen(|listener| [ask(&listener, &[BASIC]), serve(&listener)]);
        let agent = UserAgent::builder()
            .server_credentials(|challenge| {
                let password = challenge.attempt().to_string();
                ready(Credentials::new("edna", password).ok())
            })
            .build();
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        assert_eq!(living(&url, &agent), SESSION);
        let [first, second] = peer.join();
        assert_eq!(first.as_deref(), Some(EDNAMODE));
        assert_eq!(
            second.as_deref(),
            Some("Basic ZWRuYToy"),
            "the second attempt's"
        );
    });
}

#[test]
fn a_field_of_ones_own_is_in_the_place_of_the_urls() {
    bounded(|| {
        let peer = Peer::listen(|listener| serve(&listener));
        let event_loop = EventLoop::new();
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        let socket = WebSocket::builder(&event_loop, &url)
            .header("Authorization", "Bearer x")
            .unwrap()
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(recorder.finished(), SESSION);
        assert_eq!(peer.join().as_deref(), Some("Bearer x"));
    });
}

#[test]
fn a_server_that_asks_for_ever_is_given_up() {
    bounded(|| {
        const WRONG_REALM: &str = "Digest realm=\"x\", nonce=\"n\", qop=\"auth\"";
        for (challenge, times_asked, requests) in [
            (BASIC.to_owned(), 2, 2),
            (WRONG_REALM.to_owned(), 2, 2),
            (format!("{WRONG_REALM}, stale=true"), 1, 11),
        ] {
            let peer = Peer::listen(move |listener| {
                let mut count = 0;
                // The client's last word is that it is gone, and ours is a call of our own.
                while ask_unless_over(&listener, &challenge) {
                    count += 1;
                }
                count
            });
            // It always says the same.
            let asked = Rc::new(Cell::new(0));
            let counted = asked.clone();
            let agent = UserAgent::builder()
                .server_credentials(move |_| {
                    counted.set(counted.get() + 1);
                    ready(Credentials::new("ednamode", "nocapes!").ok())
                })
                .build();
            assert_eq!(living(&peer.url(), &agent), FAILURE);
            std::net::TcpStream::connect(peer.address()).unwrap();
            assert_eq!(peer.join(), requests);
            assert_eq!(asked.get(), times_asked);
        }
    });
}

fn ask_unless_over(listener: &TcpListener, challenge: &str) -> bool {
    let mut wire = accept(listener);
    if wire.take_some().unwrap().is_empty() {
        return false;
    }
    wire.send(&asking(&[challenge]).bytes());
    wire.take_rest();
    true
}

#[test]
fn challenges_that_nobody_can_answer() {
    bounded(|| {
        for challenges in [
            &[][..],
            &["Negotiate"],
            &["Bearer realm=\"x\""],
            &["Digest realm=\"x\", nonce=\"n\", algorithm=ROT13"],
            // Without `qop` nothing tells the client's nonce, which this is of.
            &["Digest realm=\"x\", nonce=\"n\", algorithm=MD5-sess"],
            // The password itself is not for who could do without.
            &["Digest realm=\"Umhänge\", nonce=\"n\", qop=\"auth\"", BASIC],
            &["Digest realm=\"x\""],
            &["Digest realm=\"x"],
            &["Basic"],
            &[","],
        ] {
            let peer = Peer::listen(move |listener| {
                ask(&listener, challenges);
                listener
            });
            let agent = UserAgent::builder()
                .server_credentials(|challenge| -> Ready<Option<Credentials>> {
                    panic!("{challenge:?}")
                })
                .build();
            assert_eq!(living(&peer.url(), &agent), FAILURE, "{challenges:?}");
            was_not_called(&peer.join());
        }
    });
}

fn md5(text: &str) -> String {
    let digest = Md5::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The parameters of a Digest.
fn parameter<'a>(digest: &'a str, name: &str) -> &'a str {
    let parameters = digest.strip_prefix("Digest ").unwrap();
    parameters
        .split(", ")
        .flat_map(|parameter| parameter.split(','))
        .filter_map(|parameter| parameter.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, value)| value.trim_matches('"'))
        .unwrap_or_else(|| panic!("no {name} in {digest}"))
}

/// RFC 7616 section 3.4.1.
#[test]
fn a_digest_proves_the_password() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let challenge =
                "Digest realm=\"capes\", nonce=\"dcd98b\", qop=\"auth\", opaque=\"5ccc\"";
            // Basic would tell it.
            assert_eq!(ask(&listener, &[BASIC, challenge]), None);
            serve(&listener).unwrap()
        });
        let url = peer.url_of("/chat?a=b");
        assert_eq!(living(&url, &ednamode()), SESSION);
        let digest = peer.join();
        let value = |name| parameter(&digest, name);
        assert_eq!(value("username"), "ednamode");
        assert_eq!(value("realm"), "capes");
        assert_eq!(value("nonce"), "dcd98b");
        assert_eq!(value("opaque"), "5ccc");
        assert_eq!(value("uri"), "/chat?a=b");
        assert_eq!(value("qop"), "auth");
        assert_eq!(value("nc"), "00000001");
        let expected = md5(&[
            &*md5("ednamode:capes:nocapes!"),
            "dcd98b",
            value("nc"),
            value("cnonce"),
            "auth",
            &md5("GET:/chat?a=b"),
        ]
        .join(":"));
        assert_eq!(value("response"), expected);
        assert!(!digest.contains("nocapes"));
    });
}

/// RFC 7616 section 3.4: `username*` is for those that know UTF-8.
#[test]
fn a_name_that_is_not_ascii_goes_as_the_server_can_read_it() {
    for (charset, sent) in [
        ("", "Digest username=\"é\\\"dna\\\\\", "),
        (
            ", charset=UTF-8",
            "Digest username*=UTF-8''%C3%A9%22dna%5C, ",
        ),
    ] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let challenge =
                    format!("Digest realm=\"capes\", nonce=\"n\", qop=\"auth\"{charset}");
                ask(&listener, &[&challenge]);
                serve(&listener).unwrap()
            });
            let agent = UserAgent::builder()
                .server_credentials(|_| ready(Credentials::new("é\"dna\\", "nocapes!").ok()))
                .build();
            assert_eq!(living(&peer.url_of("/x"), &agent), SESSION);
            let digest = peer.join();
            assert!(digest.starts_with(sent), "{digest}");
            let value = |name| parameter(&digest, name);
            let expected = md5(&[
                &*md5("é\"dna\\:capes:nocapes!"),
                "n",
                value("nc"),
                value("cnonce"),
                "auth",
                &md5("GET:/x"),
            ]
            .join(":"));
            assert_eq!(value("response"), expected);
        });
    }
}

/// Some servers would have the request's body in the digest, too: without one they are not told so.
#[test]
fn a_digest_is_of_the_request_alone() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let challenge = "Digest realm=\"capes\", nonce=\"n\", qop=\"auth,auth-int\"";
            ask(&listener, &[challenge]);
            serve(&listener).unwrap()
        });
        assert_eq!(living(&peer.url_of("/x"), &ednamode()), SESSION);
        let digest = peer.join();
        let value = |name| parameter(&digest, name);
        assert_eq!(value("qop"), "auth");
        let expected = md5(&[
            &*md5("ednamode:capes:nocapes!"),
            "n",
            value("nc"),
            value("cnonce"),
            "auth",
            &md5("GET:/x"),
        ]
        .join(":"));
        assert_eq!(value("response"), expected);
    });
}

/// RFC 7616 section 3.4: it is told again, also to a server that knows no `qop`.
#[test]
fn a_digest_says_by_which_algorithm_it_is() {
    for algorithm in ["SHA-256", "SHA-512-256"] {
        bounded(move || {
            let peer = Peer::listen(move |listener| {
                let challenge =
                    format!("Digest realm=\"capes\", nonce=\"n\", algorithm={algorithm}");
                ask(&listener, &[&challenge]);
                serve(&listener).unwrap()
            });
            assert_eq!(living(&peer.url_of("/x"), &ednamode()), SESSION);
            assert_eq!(parameter(&peer.join(), "algorithm"), algorithm);
        });
    }
}

#[test]
fn a_realm_may_be_in_any_language() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(&listener, &["Basic realm=\"Umhänge\", charset=\"UTF-8\""]);
            serve(&listener)
        });
        assert_eq!(living(&peer.url(), &ednamode()), SESSION);
        assert_eq!(peer.join().as_deref(), Some(EDNAMODE));
    });
}

#[test]
fn those_of_the_url_answer_without_a_provider() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(&listener, &["Digest realm=\"capes\", nonce=\"n\""]);
            serve(&listener).unwrap()
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        assert_eq!(living(&url, &UserAgent::default()), SESSION);
        assert_eq!(parameter(&peer.join(), "username"), "ednamode");
        // Basic has been tried.
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            was_not_called(&listener);
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        assert_eq!(living(&url, &UserAgent::default()), FAILURE);
        peer.join();
    });
}

#[test]
fn draft_76_does_not_look_at_those_of_the_url() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            let request = wire.accept_client();
            wire.send(support::CLOSING);
            wire.expect(support::CLOSING);
            wire.expect_end();
            authorization(&request)
        });
        let url = format!("ws://edna%0D:mode@{}/", peer.address());
        let events = events(&url, Edition::Html5, &UserAgent::default());
        assert_eq!(events, ["OPEN open", "CLOSED close clean"]);
        assert_eq!(peer.join(), None);
    });
}

#[test]
fn the_urls_password_can_be_digested_too() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(
                &listener,
                &["Digest realm=\"capes\", nonce=\"n\", qop=\"auth\""],
            );
            serve(&listener).unwrap()
        });
        let url = format!("ws://ednamode:nocapes!@{}/", peer.address());
        let agent = UserAgent::builder()
            .server_credentials(|_| ready(None))
            .build();
        assert_eq!(living(&url, &agent), SESSION);
        assert_eq!(parameter(&peer.join(), "username"), "ednamode");
    });
}

#[test]
fn whoever_types_a_password_has_time() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            serve(&listener)
        });
        let agent = UserAgent::builder()
            .timeouts(Timeouts {
                opening_handshake: Duration::from_millis(300),
                ..Timeouts::default()
            })
            .server_credentials(|_| async {
                let (typed, password) = oneshot::channel();
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(500));
                    typed.send(Credentials::new("ednamode", "nocapes!").unwrap())
                });
                password.await.ok()
            })
            .build();
        assert_eq!(living(&peer.url(), &agent), SESSION);
        assert_eq!(peer.join().as_deref(), Some(EDNAMODE));
    });
}

#[test]
fn close_while_the_provider_thinks() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::listen(|listener| ask(&listener, &[BASIC]));
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let agent = UserAgent::builder()
            .server_credentials(move |_| {
                asked.open();
                std::future::pending()
            })
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        is_asked.run(&event_loop);
        recorder.calling(|| socket.close());
        event_loop.run();
        peer.join();
        assert_eq!(recorder.finished(), FAILURE);
    });
}

#[test]
fn others_go_on_while_the_provider_thinks() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            serve(&listener);
        });
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let agent = UserAgent::builder()
            .server_credentials(move |_| {
                asked.open();
                std::future::pending()
            })
            .build();
        let open = || {
            let socket = WebSocket::builder(&event_loop, &peer.url())
                .user_agent(&agent)
                .open()
                .unwrap();
            (Recorder::of(&socket), socket)
        };
        let (first, first_socket) = open();
        is_asked.run(&event_loop);
        let (second, _socket) = open();
        support::run_until(&event_loop, || second.has_ended());
        assert_eq!(second.finished(), SESSION);
        first_socket.close();
        event_loop.run();
        assert_eq!(first.finished(), FAILURE);
        peer.join();
    });
}
