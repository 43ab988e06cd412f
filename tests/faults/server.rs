//! A server of ours on a thread of its own, which sends each message back.

use dom_websocket::{EventLoop, Server, ServerBuilder, Turn};
use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use support::{Gate, Recorder};

pub(crate) struct EchoServer {
    address: SocketAddr,
    is_over: Gate,
    thread: JoinHandle<Vec<Vec<String>>>,
}

impl EchoServer {
    pub(crate) fn start(prepare: impl FnOnce(&mut ServerBuilder<'_>) + Send + 'static) -> Self {
        Self::start_at("127.0.0.1:0", prepare)
    }

    pub(crate) fn start_at(
        address: &'static str,
        prepare: impl FnOnce(&mut ServerBuilder<'_>) + Send + 'static,
    ) -> Self {
        let (tell, told) = mpsc::channel();
        let thread = thread::spawn(move || {
            let event_loop = EventLoop::new();
            let mut builder = Server::builder(&event_loop);
            prepare(&mut builder);
            let server = builder.listen(address).unwrap();
            let sockets = Rc::<RefCell<Vec<_>>>::default();
            server.set_onconnection({
                let sockets = sockets.clone();
                move |socket, _| {
                    socket.set_onmessage(|event| event.target().send(event.data()));
                    let recorder = Recorder::of(&socket);
                    sockets.borrow_mut().push((socket, recorder));
                }
            });
            let is_over = Gate::new(&event_loop);
            tell.send((server.local_addr(), is_over.clone())).unwrap();
            let (wake, woken) = mpsc::channel();
            event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
            while !is_over.is_open() {
                if event_loop.turn() != Turn::More {
                    woken.recv().unwrap();
                }
            }
            event_loop.clear_wake_up();
            server.close();
            // All of its connections come to an end.
            event_loop.run();
            let sockets = sockets.take();
            sockets
                .iter()
                .map(|(_, recorder)| recorder.finished())
                .collect()
        });
        let (address, is_over) = told.recv().unwrap();
        Self {
            address,
            is_over,
            thread,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its clients are gone. What happened to each of its sockets.
    pub(crate) fn join(self) -> Vec<Vec<String>> {
        self.is_over.open();
        self.thread.join().unwrap()
    }
}
