//! A server to talk to.

use dom_websocket::{Answer, EventLoop, Server};
use std::io;

/// Echoes messages, and agrees to the first subprotocol that is asked for. At `/leave` it closes at once, with code 4001.
pub fn listen(event_loop: &EventLoop, address: &str) -> io::Result<Server> {
    let server = Server::listen(event_loop, address)?;
    server.set_onrequest(|request| match request.protocols().next() {
        Some(protocol) => Answer::accept_with(protocol),
        None => Answer::accept(),
    });
    server.set_onconnection(|socket, request| {
        if request.resource_name() == "/leave" {
            socket.set_onopen(|event| event.target().close_with(4001, "had enough"));
        }
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    Ok(server)
}
