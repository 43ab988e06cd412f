//! A handle is equal to its clones, and can be a key, as an object is of JavaScript's `Map`.

// What changes in a handle's object is not compared.
#![allow(clippy::mutable_key_type)]

use dom_websocket::{
    AbortController, Document, EventListener, EventLoop, Server, UserAgent, WebSocket,
};
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

/// Two of a kind that look the same, as keys.
#[track_caller]
fn are_told_apart<T: Clone + Debug + Eq + Hash>(one: &T, other: &T) {
    assert_eq!(*one, one.clone());
    assert_ne!(one, other);
    let names = HashMap::from([(one.clone(), "one"), (other.clone(), "other")]);
    assert_eq!((names[one], names[other]), ("one", "other"));
}

#[test]
fn sockets_of_the_same_url() {
    let event_loop = EventLoop::new();
    let socket = || WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    let (one, other) = (socket(), socket());
    are_told_apart(&one, &other);
    // Also that which a listener is handed.
    let names = HashMap::from([(other, "other"), (one.clone(), "one")]);
    one.add_event_listener("test", move |event| {
        assert_eq!(names[event.target()], "one")
    });
    let event = dom_websocket::Event::new("test", Default::default());
    assert_eq!(one.dispatch_event(&event), Ok(true));
}

#[test]
fn what_belongs_to_script() {
    are_told_apart(&Document::default(), &Document::default());
    let listener = || EventListener::new(|_| ());
    are_told_apart(&listener(), &listener());
    let (one, other) = (AbortController::new(), AbortController::new());
    are_told_apart(&one, &other);
    are_told_apart(&one.signal(), &other.signal());
    assert_eq!(one.signal(), one.signal());
}

#[test]
fn what_belongs_to_the_host() {
    let (one, other) = (EventLoop::new(), EventLoop::new());
    are_told_apart(&one, &other);
    are_told_apart(&UserAgent::default(), &UserAgent::default());
    let server = || Server::listen(&one, "127.0.0.1:0").unwrap();
    are_told_apart(&server(), &server());
    #[cfg(feature = "cookies")]
    are_told_apart(
        &dom_websocket::CookieJar::new(),
        &dom_websocket::CookieJar::new(),
    );
}
