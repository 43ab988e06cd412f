//! Names and passwords for servers.

use dom_websocket::{
    AuthScheme, Challenge, Credentials, Edition, EventLoop, Step, Timeouts, UserAgent, WebSocket,
};
use futures::channel::oneshot;
use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};
use std::net::TcpListener;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{AMPLE, FAILURE, Frame, Gate, Head, Peer, Recorder, accept, bounded};

pub(crate) const SESSION: [&str; 2] = ["OPEN open", "CLOSED close clean 1000"];
pub(crate) const BASIC: &str = "Basic realm=\"capes\"";
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

pub(crate) fn living(url: &str, agent: &UserAgent) -> Vec<String> {
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
pub(crate) fn ask(listener: &TcpListener, challenges: &[&str]) -> Option<String> {
    let mut wire = accept(listener);
    let request = wire.take_upgrade();
    wire.send(&asking(challenges).bytes());
    wire.take_rest();
    authorization(&request)
}

/// Opens one client's connection, and closes it; the credentials that it came with.
pub(crate) fn serve(listener: &TcpListener) -> Option<String> {
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
pub(crate) fn was_not_called(listener: &TcpListener) {
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "another client");
}

/// Always the same.
pub(crate) fn ednamode() -> UserAgent {
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
        let steps = Rc::new(RefCell::new(Vec::new()));
        let agent = UserAgent::builder()
            .observer({
                let steps = steps.clone();
                move |observation| {
                    if let Step::Authenticating { proxy, attempt } = observation.step {
                        steps.borrow_mut().push((proxy, attempt));
                    }
                }
            })
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
        assert_eq!(steps.take(), [(false, 1), (false, 2)]);
    });
}

/// RFC 7617 section 2: a name with a colon would end there. A digest has room for it.
#[test]
fn a_name_with_a_colon_is_for_digests_alone() {
    bounded(|| {
        let agent = UserAgent::builder()
            .server_credentials(|_| ready(Credentials::new("edna:mode", "nocapes!").ok()))
            .build();
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            listener
        });
        assert_eq!(living(&peer.url(), &agent), FAILURE);
        was_not_called(&peer.join());
        let peer = Peer::listen(|listener| {
            ask(
                &listener,
                &["Digest realm=\"x\", nonce=\"n\", qop=\"auth\""],
            );
            serve(&listener).unwrap()
        });
        assert_eq!(living(&peer.url(), &agent), SESSION);
        let digest = peer.join();
        assert!(
            digest.starts_with("Digest username=\"edna:mode\""),
            "{digest}"
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
fn whoever_types_a_password_has_time() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            ask(&listener, &[BASIC]);
            serve(&listener)
        });
        let agent = UserAgent::builder()
            .timeouts(Timeouts {
                opening_handshake: AMPLE,
                ..Timeouts::default()
            })
            .server_credentials(|_| async {
                let (typed, password) = oneshot::channel();
                thread::spawn(move || {
                    thread::sleep(AMPLE + Duration::from_millis(300));
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
