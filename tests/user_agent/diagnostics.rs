//! What an observer is told, and script is not.

use dom_websocket::{
    Edition, EventLoop, Failure, HandshakeFault, Limits, RedirectFailure, Server, Step, Timeouts,
    UserAgent, UserAgentBuilder, WebSocket, WireFailure,
};
use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::Duration;
use support::{FAILURE, Frame, Gate, Head, Peer, Recorder, Wire, bounded, run_until};

/// What an observer heard: a line for each step, and the causes of failures.
#[derive(Clone, Default)]
struct Heard {
    lines: Rc<RefCell<Vec<String>>>,
    causes: Rc<RefCell<Vec<Failure>>>,
    /// `Debug` of everything.
    debug: Rc<RefCell<String>>,
}

impl Heard {
    fn by(&self, agent: &mut UserAgentBuilder) -> UserAgent {
        let heard = self.clone();
        agent
            .observer(move |observation| {
                heard.lines.borrow_mut().push(observation.to_string());
                heard
                    .debug
                    .borrow_mut()
                    .push_str(&format!("{observation:?}\n"));
                if let Step::Failed(cause) = observation.step {
                    heard.causes.borrow_mut().push(cause.clone());
                }
            })
            .build()
    }

    /// The lines without what each of them begins with.
    fn steps(&self, url: &str) -> Vec<String> {
        let start = format!("#1 {url} ");
        let lines = self.lines.borrow();
        lines
            .iter()
            .map(|line| line.strip_prefix(&start).unwrap_or(line).to_owned())
            .collect()
    }

    /// The one cause.
    #[track_caller]
    fn cause(&self) -> Failure {
        let causes = self.causes.borrow();
        assert_eq!(causes.len(), 1, "{causes:?}");
        causes[0].clone()
    }
}

fn run(url: &str, edition: Edition, agent: &UserAgent) -> Vec<String> {
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

fn close(wire: &mut Wire) {
    wire.send_frame(&Frame::close(1000, ""));
    wire.expect_from_client(&Frame::close(1000, ""));
    wire.finish();
    wire.expect_end();
}

#[test]
fn the_steps_of_a_session() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            close(&mut wire);
        });
        let heard = Heard::default();
        let agent = heard.by(UserAgent::builder().header("X-Test", "secret").unwrap());
        run(&peer.url(), Edition::Living, &agent);
        let (url, address) = (peer.url(), peer.address());
        let steps = heard.steps(&url);
        let [
            resolved,
            connecting,
            connected,
            requested,
            responded,
            opened,
            closed,
        ] = &steps[..]
        else {
            panic!("{steps:#?}");
        };
        assert_eq!(resolved, "resolved 127.0.0.1: 127.0.0.1");
        assert_eq!(*connecting, format!("connecting to {address}"));
        assert_eq!(*connected, format!("connected to {address}"));
        assert_eq!(*requested, format!("requested {url} +X-Test"));
        assert!(responded.starts_with("responded 101 "), "{responded}");
        assert_eq!(opened, "opened");
        assert_eq!(closed, "closed 1000");
        peer.join();
    });
}

#[test]
fn it_is_told_ahead_of_the_events() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.take_upgrade();
            wire.send(&Head::status("403 Forbidden").bytes());
            wire.take_rest();
        });
        let heard = Heard::default();
        let agent = heard.by(&mut UserAgent::builder());
        let event_loop = EventLoop::new();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let causes = Rc::new(RefCell::new(Vec::new()));
        socket.set_onerror({
            let (causes, heard) = (causes.clone(), heard.clone());
            move |_| causes.borrow_mut().push(heard.cause())
        });
        event_loop.run();
        peer.join();
        let Failure::Status(response) = &causes.borrow()[0] else {
            panic!("{causes:?}");
        };
        assert_eq!(response.status(), 403);
    });
}

/// Why a socket fails whose server does this.
#[track_caller]
fn cause(
    edition: Edition,
    agent: &mut UserAgentBuilder,
    script: impl FnOnce(Wire) + Send + 'static,
) -> Failure {
    let peer = Peer::serve(script);
    let heard = Heard::default();
    let events = run(&peer.url(), edition, &heard.by(agent));
    assert!(
        events
            .last()
            .is_some_and(|last| last.contains("close unclean")),
        "{events:?}"
    );
    peer.join();
    heard.cause()
}

fn living(script: impl FnOnce(Wire) + Send + 'static) -> Failure {
    cause(Edition::Living, &mut UserAgent::builder(), script)
}

fn answered(change: impl FnOnce(Head) -> Head + Send + 'static) -> Failure {
    living(|mut wire| {
        wire.accept_upgrade_with(change);
        wire.take_rest();
    })
}

#[test]
fn why_a_handshake_failed() {
    bounded(|| {
        for (field, value) in [
            ("upgrade", "h2c"),
            ("connection", "close"),
            ("sec-websocket-accept", "x"),
            ("sec-websocket-protocol", "x"),
            ("sec-websocket-extensions", "x"),
        ] {
            let fault = HandshakeFault::Field(field);
            assert_eq!(
                answered(|head| head.with(field, value)),
                Failure::Handshake(fault)
            );
        }
        let malformed = Failure::Handshake(HandshakeFault::Malformed);
        assert_eq!(
            answered(|head| head.with_first_line("HTTP/1.1 x")),
            malformed
        );
        assert_eq!(
            answered(|head| head.with_first_line("HTTP/1.0 101 x")),
            malformed
        );
        let mut small = UserAgent::builder();
        small.limits(Limits {
            head: 100,
            ..Limits::default()
        });
        let too_large = cause(Edition::Living, &mut small, |mut wire| {
            wire.accept_upgrade();
            wire.take_rest();
        });
        assert_eq!(too_large, Failure::Handshake(HandshakeFault::TooLarge));
        let ended = living(|mut wire| {
            wire.take_upgrade();
            wire.finish();
            wire.take_rest();
        });
        assert_eq!(ended, Failure::Wire(WireFailure::EndOfStream));
        let reset = living(|mut wire| {
            wire.take_upgrade();
            wire.reset();
        });
        let Failure::Wire(WireFailure::Transport(error)) = reset else {
            panic!("{reset:?}");
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn why_draft_76s_handshake_failed() {
    bounded(|| {
        let answered = |change: fn(Head) -> Head| {
            cause(
                Edition::Html5,
                &mut UserAgent::builder(),
                move |mut wire| {
                    let request = wire.take_request();
                    wire.send(&change(request.response()).bytes());
                    wire.take_rest();
                },
            )
        };
        assert_eq!(
            answered(|head| head.with_tail(&[b'x'; 16])),
            Failure::Handshake(HandshakeFault::Challenge)
        );
        assert_eq!(
            answered(|head| head.with("Sec-WebSocket-Location", "ws://x/")),
            Failure::Handshake(HandshakeFault::Field("sec-websocket-location"))
        );
        let status = answered(|head| head.with_first_line("HTTP/1.1 404 Not Found"));
        assert!(
            matches!(&status, Failure::Status(response) if response.status() == 404),
            "{status:?}"
        );
    });
}

#[test]
fn why_there_was_no_connection() {
    bounded(|| {
        let why = |url: &str, agent: &mut UserAgentBuilder| {
            let heard = Heard::default();
            assert_eq!(run(url, Edition::Living, &heard.by(agent)), FAILURE);
            heard.cause()
        };
        let refused = why("ws://127.0.0.1:1/", UserAgent::builder().blocked_ports([]));
        let Failure::NotConnected(error) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(error.address(), Some(([127, 0, 0, 1], 1).into()));
        let unknown = why("ws://server.invalid/", &mut UserAgent::builder());
        assert!(matches!(unknown, Failure::NotResolved(_)), "{unknown:?}");
        let blocked = why("ws://127.0.0.1:25/", &mut UserAgent::builder());
        assert_eq!(blocked, Failure::PortBlocked(25));
        let control = why("ws://%00@127.0.0.1/", &mut UserAgent::builder());
        assert_eq!(control, Failure::InvalidCredentials);
        let silent = cause(
            Edition::Living,
            UserAgent::builder().timeouts(support::short_timeouts()),
            |mut wire| drop(wire.take_rest()),
        );
        assert_eq!(silent, Failure::OpeningTimedOut);
        #[cfg(feature = "tls")]
        {
            let peer = Peer::serve(|mut wire| {
                wire.take(1);
                wire.send(b"HTTP/1.1 400 Bad Request\r\n\r\n");
                wire.take_rest();
            });
            let tls = why(
                &peer.url().replace("ws:", "wss:"),
                &mut UserAgent::builder(),
            );
            assert!(matches!(tls, Failure::Tls(_)), "{tls:?}");
            peer.join();
        }
    });
}

#[test]
fn why_a_redirect_was_not_followed() {
    bounded(|| {
        for (count, location, failure) in [
            (0, "/", None),
            (1, "/", Some(RedirectFailure::TooMany)),
            (1, "ftp://x/", Some(RedirectFailure::InvalidLocation)),
        ] {
            let peer = Peer::listen(move |listener| {
                for _ in 0..=usize::from(failure == Some(RedirectFailure::TooMany)) {
                    let mut wire = support::accept(&listener);
                    wire.take_upgrade();
                    let found = Head::status("302 Found").with("Location", location);
                    wire.send(&found.bytes());
                    wire.take_rest();
                }
            });
            let heard = Heard::default();
            let agent = heard.by(UserAgent::builder().follow_redirects(count));
            assert_eq!(run(&peer.url(), Edition::Living, &agent), FAILURE);
            peer.join();
            match (heard.cause(), failure) {
                (Failure::Status(response), None) => assert_eq!(response.status(), 302),
                (Failure::Redirect(cause), Some(failure)) => assert_eq!(cause, failure),
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn why_an_open_connection_ended() {
    bounded(|| {
        let opened = |script: fn(&mut Wire)| {
            living(move |mut wire| {
                wire.accept_upgrade();
                script(&mut wire);
                wire.finish();
                wire.take_rest();
            })
        };
        assert_eq!(opened(|_| ()), Failure::Wire(WireFailure::EndOfStream));
        assert_eq!(
            opened(|wire| wire.send(&[0x83, 0])),
            Failure::Wire(WireFailure::Violation)
        );
        assert_eq!(
            opened(|wire| wire.send(&[0x81, 1, 0xff])),
            Failure::Wire(WireFailure::InvalidData)
        );
        let mut small = UserAgent::builder();
        small.limits(Limits {
            message: 10,
            ..Limits::default()
        });
        let too_large = cause(Edition::Living, &mut small, |mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("x".repeat(11)));
            wire.take_rest();
        });
        assert_eq!(too_large, Failure::Wire(WireFailure::TooLarge));
        let mut pinging = UserAgent::builder();
        pinging.timeouts(Timeouts {
            ping: Some(Duration::from_millis(50)),
            pong: Duration::from_millis(50),
            ..Timeouts::default()
        });
        let no_pong = cause(Edition::Living, &mut pinging, |mut wire| {
            wire.accept_upgrade();
            wire.take_rest();
        });
        assert_eq!(no_pong, Failure::Wire(WireFailure::NoPong));
    });
}

#[test]
fn close_is_a_cause_too() {
    bounded(|| {
        let heard = Heard::default();
        let agent = heard.by(&mut UserAgent::builder());
        let event_loop = EventLoop::new();
        let is_asked = Gate::new(&event_loop);
        let asked = is_asked.clone();
        let peer = Peer::serve(move |mut wire| {
            wire.take_upgrade();
            asked.open();
            wire.take_rest();
        });
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let recorder = Recorder::of(&socket);
        is_asked.run(&event_loop);
        socket.close();
        run_until(&event_loop, || recorder.has_ended());
        peer.join();
        assert_eq!(heard.cause(), Failure::Wire(WireFailure::Cancelled));
    });
}

#[test]
fn sockets_are_told_apart() {
    bounded(|| {
        let peer = Peer::listen(|listener| {
            for _ in 0..2 {
                let mut wire = support::accept(&listener);
                wire.accept_upgrade();
                close(&mut wire);
            }
        });
        let heard = Heard::default();
        let agent = heard.by(&mut UserAgent::builder());
        run(&peer.url(), Edition::Living, &agent);
        run(&peer.url(), Edition::Living, &agent);
        peer.join();
        let lines = heard.lines.borrow();
        let count = |number: &str| lines.iter().filter(|line| line.starts_with(number)).count();
        assert_eq!(count("#1 "), count("#2 "));
        assert_eq!(count("#1 ") + count("#2 "), lines.len());
    });
}

/// Draft 76's server repeats the URL that it was asked for.
#[test]
fn no_query_is_told() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.send(support::CLOSING);
            wire.expect(support::CLOSING);
            wire.expect_end();
        });
        let heard = Heard::default();
        let agent = heard.by(&mut UserAgent::builder());
        run(&peer.url_of("/chat?secret"), Edition::Html5, &agent);
        peer.join();
        let told = format!("{:#?}\n{}", heard.lines, heard.debug.borrow());
        assert!(told.contains("/chat") && !told.contains("secret"), "{told}");
    });
}

/// Secrets on every way into a connection; not one of them comes out here.
#[cfg(all(feature = "proxies", feature = "cookies"))]
#[test]
fn no_secret_is_told() {
    use dom_websocket::{CookieJar, Credentials, Proxy};
    use std::future::ready;
    bounded(|| {
        let peer = Peer::listen(|listener| {
            let mut wire = support::accept(&listener);
            wire.take_upgrade();
            wire.send(&Head::asking(&["Basic realm=\"x\""]).bytes());
            let answers = [
                Head::status("401 Unauthorized")
                    .with("WWW-Authenticate", "Basic realm=\"x\"")
                    .with("Set-Cookie", "a=secret"),
                Head::status("302 Found")
                    .with(
                        "Location",
                        "ws://edna:secret@server.invalid/b?secret#secret",
                    )
                    .with("Set-Cookie", "b=secret"),
                Head::status("403 Forbidden")
                    .with("Set-Cookie", "c=secret")
                    .with("Location", "/?secret")
                    .with("X-Harmless", "told"),
            ];
            for answer in answers {
                let mut wire = support::accept(&listener);
                wire.accept_connect();
                wire.take_upgrade();
                wire.send(&answer.bytes());
                wire.take_rest();
            }
        });
        let jar = CookieJar::new();
        jar.set("ws://server.invalid/", "d=secret");
        let proxy = format!("http://edna:secret@{}", peer.address());
        let heard = Heard::default();
        let mut agent = UserAgent::builder();
        agent
            .proxies(Proxy::new(&proxy).unwrap())
            .proxy_credentials(|_| ready(Credentials::new("edna", "secret 2").ok()))
            .server_credentials(|_| ready(Credentials::new("edna", "secret 3").ok()))
            .cookie_jar(&jar)
            .follow_redirects(1)
            .header("Authorization", "Bearer secret")
            .and_then(|agent| agent.header("X-Token", "secret"))
            .unwrap();
        let agent = heard.by(&mut agent);
        let url = "ws://edna:secret@server.invalid/a?token=secret";
        assert_eq!(run(url, Edition::Living, &agent), FAILURE);
        peer.join();
        let told = format!(
            "{:#?}\n{}\n{:?}\n{}",
            heard.lines,
            heard.debug.borrow(),
            heard.causes,
            heard.cause()
        );
        assert!(!told.contains("secret"), "{told}");
        assert!(told.contains("x-harmless: told"), "{told}");
    });
}

/// Whoever observes may hold the socket, and close it in the very step.
#[test]
fn it_may_close_the_socket() {
    bounded(|| {
        for step in [
            "resolved",
            "connecting",
            "connected",
            "requested",
            "responded",
            "opened",
        ] {
            let event_loop = EventLoop::new();
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            let steps = Rc::new(RefCell::new(Vec::new()));
            let socket: Rc<RefCell<Option<WebSocket>>> = Rc::default();
            let opened = WebSocket::builder(&event_loop, &format!("ws://{}/", server.local_addr()))
                .observer({
                    let (steps, socket) = (steps.clone(), socket.clone());
                    move |observation| {
                        let line = observation.step.to_string();
                        if line.starts_with(step) {
                            let socket = socket.borrow().clone();
                            socket.expect("it is open by now").close();
                        }
                        steps.borrow_mut().push(line);
                    }
                })
                .open()
                .unwrap();
            let recorder = Recorder::of(&opened);
            opened.set_onclose(move |_| server.close());
            *socket.borrow_mut() = Some(opened);
            event_loop.run();
            let has = |word: &str| {
                let steps = steps.borrow();
                steps.iter().filter(|step| step.starts_with(word)).count()
            };
            assert_eq!(has("failed") + has("closed"), 1, "{:#?}", steps.borrow());
            if ["responded", "opened"].contains(&step) {
                // It was open by then: the task of `open` is skipped, and the closing handshake done.
                assert_eq!(recorder.finished(), ["CLOSED close clean 1005"]);
            } else {
                assert_eq!(recorder.finished(), FAILURE, "{step}");
                assert_eq!(has("opened"), 0, "{step}");
            }
        }
    });
}

/// Whatever it comes to.
#[test]
fn an_answer_is_told_once() {
    bounded(|| {
        for (status, wrong_accept, redirects) in [
            ("101 x", false, 0),
            ("101 x", true, 0),
            ("404 Not Found", false, 0),
            ("302 Found", false, 1),
        ] {
            let peer = Peer::serve(move |mut wire| {
                if status == "101 x" && !wrong_accept {
                    wire.accept_upgrade();
                    close(&mut wire);
                    return;
                }
                wire.take_upgrade();
                let head = Head::status(status)
                    .with("Upgrade", "websocket")
                    .with("Connection", "Upgrade")
                    .with("Sec-WebSocket-Accept", "wrong");
                wire.send(&head.bytes());
                wire.take_rest();
            });
            let heard = Heard::default();
            let agent = heard.by(UserAgent::builder().follow_redirects(redirects));
            let url = peer.url();
            run(&url, Edition::Living, &agent);
            peer.join();
            let steps = heard.steps(&url);
            let told = steps.iter().filter(|step| step.starts_with("responded"));
            assert_eq!(told.count(), 1, "{steps:#?}");
        }
    });
}
