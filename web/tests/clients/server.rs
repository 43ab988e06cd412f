//! A server on a thread of its own: it sends each message back, speaks `chat`, and closes when it is told `"bye"`.

use dom_websocket::{Answer, EventLoop, Server};
use std::sync::mpsc;
use std::thread;

/// Starts one and yields its URL.
pub(crate) fn echo() -> String {
    let (sender, address) = mpsc::channel();
    thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onrequest(|request| match request.protocols().next() {
            Some(protocol) => Answer::accept_with(protocol),
            None => Answer::accept(),
        });
        server.set_onconnection(|socket, _| {
            socket.set_onmessage(|event| {
                if *event.data() == *"bye" {
                    event.target().close_with(4000, "bye to you")?;
                    return Ok(false);
                }
                event.target().send(event.data())
            });
        });
        sender.send(server.local_addr()).unwrap();
        event_loop.run();
    });
    format!("ws://{}/", address.recv().unwrap())
}

/// Where no connection comes about: the port is one that is blocked, so that no other test can come to listen there.
pub(crate) fn nowhere() -> String {
    "ws://127.0.0.1:1/".to_owned()
}
