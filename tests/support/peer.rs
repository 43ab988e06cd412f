//! A scripted peer on a thread of its own.

use super::wire::Wire;
use std::net::{SocketAddr, TcpListener};
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

/// A server or client that plays a script.
pub struct Peer<T = ()> {
    address: SocketAddr,
    thread: JoinHandle<T>,
}

impl<T: Send + 'static> Peer<T> {
    /// A server that plays this script with the one client that it accepts.
    pub fn serve(script: impl FnOnce(Wire) -> T + Send + 'static) -> Self {
        Self::listen(|listener| script(accept(&listener)))
    }

    /// A server that accepts for itself.
    pub fn listen(script: impl FnOnce(TcpListener) -> T + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = thread::spawn(move || script(listener));
        Self { address, thread }
    }

    /// A client of the server at this address.
    pub fn call(address: SocketAddr, script: impl FnOnce(Wire) -> T + Send + 'static) -> Self {
        let thread = thread::spawn(move || script(Wire::connect(address)));
        Self { address, thread }
    }

    /// What a client opens to meet this peer.
    pub fn url(&self) -> String {
        self.url_of("/")
    }

    pub fn url_of(&self, resource: &str) -> String {
        format!("ws://{}{resource}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The script's end; if it failed, so does the test.
    pub fn join(self) -> T {
        self.thread
            .join()
            .unwrap_or_else(|panic| resume_unwind(panic))
    }
}

pub fn accept(listener: &TcpListener) -> Wire {
    Wire::new(listener.accept().unwrap().0)
}
