//! A server of ours, with clients of ours on the same loop or raw ones.

use super::gate::Gate;
use super::peer::Peer;
use super::recorder::Recorder;
use super::wire::Wire;
use dom_websocket::{EventLoop, Server, WebSocket};
use std::cell::RefCell;
use std::rc::Rc;

/// A server, and the sockets of its connections in the order of their establishment.
pub struct Backend {
    pub server: Server,
    pub sockets: Rc<RefCell<Vec<WebSocket>>>,
}

impl Backend {
    /// Each connection goes through `prepare` first.
    pub fn new(event_loop: &EventLoop, prepare: impl Fn(&WebSocket) + 'static) -> Self {
        let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
        let sockets = Rc::<RefCell<Vec<WebSocket>>>::default();
        server.set_onconnection({
            let sockets = sockets.clone();
            move |socket, _| {
                prepare(&socket);
                sockets.borrow_mut().push(socket);
            }
        });
        Self { server, sockets }
    }

    /// A server that sends each message back.
    pub fn echoing(event_loop: &EventLoop) -> Self {
        Self::new(event_loop, |socket| {
            socket.set_onmessage(|event| event.target().send(event.data().as_str().unwrap()));
        })
    }

    pub fn url(&self) -> String {
        format!("ws://{}/", self.server.local_addr())
    }

    /// A client of this server.
    pub fn open(&self, event_loop: &EventLoop) -> (WebSocket, Recorder) {
        let socket = super::html5(event_loop, &self.url()).unwrap();
        let recorder = Recorder::of(&socket);
        (socket, recorder)
    }

    pub fn count(&self) -> usize {
        self.sockets.borrow().len()
    }
}

/// A client that counts up to this number with a server, both on this loop.
pub fn count_to(event_loop: &EventLoop, last: usize) -> Recorder {
    let backend = Backend::echoing(event_loop);
    let (socket, recorder) = backend.open(event_loop);
    socket.set_onopen(|event| event.target().send("0"));
    socket.set_onmessage(move |event| {
        let number: usize = event.data().to_string().parse().unwrap();
        if number == last {
            event.target().close();
        } else {
            event.target().send((number + 1).to_string()).unwrap();
        }
    });
    socket.set_onclose(move |_| backend.server.close());
    recorder
}

/// Drives the loop until this client's script is over, and the server's connections too.
pub fn run_with<T: Send + 'static>(
    event_loop: &EventLoop,
    server: &Server,
    script: impl FnOnce(Wire) -> T + Send + 'static,
) -> T {
    let is_over = Gate::new(event_loop);
    let client = Peer::call(server.local_addr(), {
        let is_over = OpenWhenDropped(is_over.clone());
        move |wire| {
            let _is_over = is_over;
            script(wire)
        }
    });
    is_over.run(event_loop);
    client.join()
}

/// A script that fails is over too.
struct OpenWhenDropped(Gate);

impl Drop for OpenWhenDropped {
    fn drop(&mut self) {
        self.0.open();
    }
}
