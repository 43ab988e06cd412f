//! A server for clients that may be up to anything, and for one beside them.

use super::http2_client::{Client, run};
use dom_websocket::{EventLoop, Http2Options, Limits, Server, ServerBuilder};
use support::http2::{begin, take_end};
use support::run_with;

/// A server that sends all back, as `set` has it.
pub(super) fn serving(event_loop: &EventLoop, set: impl FnOnce(&mut ServerBuilder<'_>)) -> Server {
    let mut builder = Server::builder(event_loop);
    set(&mut builder);
    let server = builder.listen("127.0.0.1:0").unwrap();
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    server
}

pub(super) fn options(set: impl FnOnce(&mut Http2Options)) -> Http2Options {
    let mut options = Http2Options::default();
    set(&mut options);
    options
}

/// The same where a socket that nobody reads has enough with 10,000 bytes.
pub(super) fn serving_few(event_loop: &EventLoop, set: impl FnOnce(&mut Http2Options)) -> Server {
    serving(event_loop, |builder| {
        builder.http2(options(set));
        builder.limits(Limits {
            undispatched: 10_000,
            ..Limits::of_server()
        });
    })
}

/// Another client gets what it asks for.
pub(super) fn serves_others(event_loop: &EventLoop, server: &Server) {
    run(event_loop, server, async |address| {
        Client::new(address)
            .await
            .open("/")
            .await
            .echo("hello")
            .await;
    });
}

/// Sends these bytes to a server, and hears how the connection ends.
pub(super) fn end_of(bytes: Vec<u8>) -> Option<u32> {
    let event_loop = EventLoop::new();
    let server = serving(&event_loop, |_| ());
    let code = run_with(&event_loop, &server, move |mut wire| {
        let _ = wire.try_send(&begin(&[]));
        let _ = wire.try_send(&bytes);
        take_end(&mut wire)
    });
    serves_others(&event_loop, &server);
    code
}
