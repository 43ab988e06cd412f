//! Builders are kept, used again, and survive what they refuse.

use dom_websocket::{
    Document, Edition, EventLoop, InvalidHeader, Limits, Server, UserAgent, WebSocket,
};
use std::cell::RefCell;
use std::rc::Rc;
use support::{Recorder, bounded};

/// A server that notes the values of the field `X-Test` of each client, and ends each connection.
fn server(event_loop: &EventLoop) -> (Server, Rc<RefCell<Vec<String>>>) {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    server.set_onconnection({
        let seen = seen.clone();
        move |socket, request| {
            let fields = request.fields().filter(|(name, _)| *name == "x-test");
            let values: Vec<_> = fields.map(|(_, value)| value).collect();
            seen.borrow_mut().push(values.join(" "));
            socket.close();
        }
    });
    (server, seen)
}

/// Runs until these sockets are closed.
fn run(event_loop: &EventLoop, server: Server, sockets: &[WebSocket]) {
    let recorders: Vec<_> = sockets.iter().map(Recorder::of).collect();
    support::run_until(event_loop, || {
        let mut sockets = sockets.iter();
        sockets.all(|socket| socket.ready_state() == WebSocket::CLOSED)
    });
    server.close();
    event_loop.run();
    for recorder in recorders {
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "CLOSED close clean 1005"]
        );
    }
}

#[test]
fn a_builder_is_as_it_was_after_a_field_that_it_refuses() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, seen) = server(&event_loop);
        let mut agent = UserAgent::builder();
        agent.header("X-Test", "agent").unwrap();
        let error = agent.header("X-Test", "two\r\nlines").err();
        assert_eq!(error, Some(InvalidHeader::Value));
        let url = format!("ws://{}/", server.local_addr());
        let mut builder = WebSocket::builder(&event_loop, &url);
        builder.user_agent(&agent.build());
        builder.header("X-Test", "socket").unwrap();
        let error = builder.header("Host", "elsewhere").err();
        assert_eq!(error, Some(InvalidHeader::Reserved));
        let socket = builder.open().unwrap();
        run(&event_loop, server, &[socket]);
        assert_eq!(*seen.borrow(), ["agent socket"]);
    });
}

#[test]
fn each_open_opens_another_socket_with_the_settings_of_the_moment() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, seen) = server(&event_loop);
        let url = format!("ws://{}/", server.local_addr());
        let mut builder = WebSocket::builder(&event_loop, &url);
        builder.header("X-Test", "1").unwrap();
        let first = builder.open().unwrap();
        let second = builder.header("X-Test", "2").unwrap().open().unwrap();
        let third = builder.open().unwrap();
        assert!(first != second && second != third);
        run(&event_loop, server, &[first, second, third]);
        assert_eq!(*seen.borrow(), ["1", "1 2", "1 2"]);
    });
}

#[test]
fn an_open_that_throws_takes_nothing_away() {
    let event_loop = EventLoop::new();
    let mut builder = WebSocket::builder(&event_loop, "ws://example.com/");
    builder.edition(Edition::Html5).origin("no origin");
    assert_eq!(builder.open().unwrap_err().name(), "SyntaxError");
    assert_eq!(builder.open().unwrap_err().name(), "SyntaxError");
    let socket = builder.origin("null").open().unwrap();
    assert_eq!(socket.edition(), Edition::Html5);
}

#[test]
fn sockets_of_one_builder_share_its_document() {
    let event_loop = EventLoop::new();
    let document = Document::default();
    let mut builder = WebSocket::builder(&event_loop, "ws://example.com/");
    builder.document(&document);
    let _sockets = [builder.open().unwrap(), builder.open().unwrap()];
    assert!(!document.unload(), "both were connecting");
    assert_eq!(builder.open().unwrap_err().name(), "InvalidStateError");
}

#[test]
fn each_build_makes_another_user_agent_with_the_settings_of_the_moment() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, seen) = server(&event_loop);
        let url = format!("ws://{}/", server.local_addr());
        let numbers = Rc::new(RefCell::new(Vec::new()));
        let mut builder = UserAgent::builder();
        builder.header("X-Test", "1").unwrap();
        builder.observer({
            let numbers = numbers.clone();
            move |observation| {
                if matches!(observation.step, dom_websocket::Step::Opened) {
                    numbers.borrow_mut().push(observation.socket);
                }
            }
        });
        let first = builder.build();
        let mut copy = builder.clone();
        let second = builder.header("X-Test", "2").unwrap().build();
        let third = copy.header("X-Test", "3").unwrap().build();
        let sockets = [first, second, third].map(|agent| {
            let mut builder = WebSocket::builder(&event_loop, &url);
            builder.user_agent(&agent).open().unwrap()
        });
        run(&event_loop, server, &sockets);
        let mut seen = seen.take();
        seen.sort();
        assert_eq!(seen, ["1", "1 2", "1 3"]);
        // Each counts its own sockets; all have the one observer.
        assert_eq!(*numbers.borrow(), [1, 1, 1]);
    });
}

#[test]
fn each_listen_makes_another_server_with_the_settings_of_the_moment() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let mut builder = Server::builder(&event_loop);
        builder.edition(Edition::Html5);
        let html5 = builder.listen("127.0.0.1:0").unwrap();
        assert!(builder.listen(html5.local_addr()).is_err(), "it is taken");
        builder.edition(Edition::Living);
        let living = builder.listen("127.0.0.1:0").unwrap();
        for (server, takes) in [(html5, Edition::Html5), (living, Edition::Living)] {
            let url = format!("ws://{}/", server.local_addr());
            server.set_onconnection(|socket, _| socket.close());
            for edition in [Edition::Html5, Edition::Living] {
                let mut builder = WebSocket::builder(&event_loop, &url);
                let socket = builder.edition(edition).open().unwrap();
                let recorder = Recorder::of(&socket);
                support::run_until(&event_loop, || socket.ready_state() == WebSocket::CLOSED);
                let is_opened = recorder.events().contains(&"OPEN open".to_owned());
                assert_eq!(is_opened, edition == takes, "{edition:?} at {takes:?}");
            }
        }
    });
}

#[test]
fn no_builder_shows_what_can_be_a_secret() {
    let event_loop = EventLoop::new();
    let mut agent = UserAgent::builder();
    agent.header("Authorization", "secret").unwrap();
    agent.limits(Limits::default());
    let url = "ws://secret:secret@example.com/?secret";
    let mut socket = WebSocket::builder(&event_loop, url);
    socket.header("Authorization", "secret").unwrap();
    let server = Server::builder(&event_loop);
    let shown = format!("{agent:?} {socket:?} {server:?}");
    assert!(!shown.contains("secret"), "{shown}");
}
