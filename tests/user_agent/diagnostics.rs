//! What an observer is told, and script is not.

use dom_websocket::{
    Edition, EventLoop, Failure, Server, Step, UserAgent, UserAgentBuilder, WebSocket, WireFailure,
};
use std::cell::RefCell;
use std::rc::Rc;
use support::{FAILURE, Frame, Gate, Head, Peer, Recorder, Wire, bounded, run_until};

/// What an observer heard: a line for each step, and the causes of failures.
#[derive(Clone, Default)]
pub(crate) struct Heard {
    lines: Rc<RefCell<Vec<String>>>,
    causes: Rc<RefCell<Vec<Failure>>>,
    /// `Debug` of everything.
    debug: Rc<RefCell<String>>,
}

impl Heard {
    pub(crate) fn by(&self, agent: &mut UserAgentBuilder) -> UserAgent {
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
    pub(crate) fn cause(&self) -> Failure {
        let causes = self.causes.borrow();
        assert_eq!(causes.len(), 1, "{causes:?}");
        causes[0].clone()
    }
}

pub(crate) fn run(url: &str, edition: Edition, agent: &UserAgent) -> Vec<String> {
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
