//! One server, as far as HTTP/2 knows it.

use crate::event_loop::Shared;
use crate::net::http2::{Http2Client, Http2Options, Lease, Queue};
use crate::user_agent::throttle::{MAX_WAITING, TooManyWaiting};
use event_listener::EventListener;
use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

/// The connections to an origin that sockets share. They are of one event loop, which polls them.
pub(super) struct Origin {
    event_loop: Weak<Shared>,
    /// It takes no WebSockets over HTTP/2.
    is_http1: Cell<bool>,
    connections: RefCell<Vec<Http2Client>>,
    /// Somebody finds out, or makes another connection.
    is_dialling: Cell<bool>,
    queue: Rc<Queue>,
}

/// The one socket that makes a connection for all. When it is dropped others go on.
pub(super) struct Dialling(Rc<Origin>);

/// Until there may be a place, or somebody has to make one.
pub(super) struct Waiting {
    origin: Rc<Origin>,
    listener: EventListener,
}

impl Origin {
    pub(super) fn new(event_loop: Weak<Shared>) -> Self {
        Self {
            event_loop,
            is_http1: Cell::new(false),
            connections: RefCell::default(),
            is_dialling: Cell::new(false),
            queue: Rc::default(),
        }
    }

    /// Who polls its connections.
    pub(super) fn event_loop(&self) -> &Weak<Shared> {
        &self.event_loop
    }

    pub(super) fn is_http1(&self) -> bool {
        self.is_http1.get()
    }

    /// From now on HTTP/1.1 is spoken with it.
    pub(super) fn remember_http1(&self) {
        self.is_http1.set(true);
        self.queue.tell_all();
    }

    /// Waits for a place, where there is none and none is to be made.
    pub(super) fn wait(self: &Rc<Self>) -> Result<Waiting, TooManyWaiting> {
        Ok(Waiting {
            listener: self.queue.line_up(MAX_WAITING).ok_or(TooManyWaiting)?,
            origin: self.clone(),
        })
    }

    /// Who waits for places of its connections.
    pub(super) fn queue(&self) -> Rc<Queue> {
        self.queue.clone()
    }

    /// A place on one of its connections.
    pub(super) fn lease(&self) -> Option<Lease> {
        let mut connections = self.connections.borrow_mut();
        connections.retain(Http2Client::is_open);
        connections.iter().find_map(Http2Client::lease)
    }

    pub(super) fn add(&self, connection: Http2Client) {
        self.connections.borrow_mut().push(connection);
    }

    /// The right to make one more, unless somebody does or there are enough. So there are where one has no streams and no room for
    /// any: the server wants none for now (RFC 9113 section 5.1.2), and would say so again.
    pub(super) fn begin_dialling(self: &Rc<Self>, options: &Http2Options) -> Option<Dialling> {
        let connections = self.connections.borrow();
        let are_enough = connections.len() >= options.connections.max(1)
            || connections.iter().any(Http2Client::is_unused);
        if are_enough || self.is_dialling.replace(true) {
            return None;
        }
        Some(Dialling(self.clone()))
    }

    /// Nothing would be lost with it but what is remembered.
    pub(super) fn is_unused(&self) -> bool {
        let is_connected = || self.connections.borrow().iter().any(Http2Client::is_open);
        self.event_loop.strong_count() == 0 || !(self.is_dialling.get() || is_connected())
    }
}

impl Drop for Dialling {
    fn drop(&mut self) {
        self.0.is_dialling.set(false);
        self.0.queue.tell_all();
    }
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.listener).poll(cx)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let Origin {
            queue, connections, ..
        } = &*self.origin;
        queue.leave();
        if queue.is_empty() {
            // Nobody has a use for them any more.
            connections
                .borrow()
                .iter()
                .for_each(Http2Client::wake_driver);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_wait_as_for_a_host() {
        let origin = Rc::new(Origin::new(Weak::new()));
        let mut waiting: Vec<_> = (0..MAX_WAITING).map(|_| origin.wait().unwrap()).collect();
        assert!(origin.wait().is_err());
        waiting.pop();
        assert!(origin.wait().is_ok());
        drop(waiting);
        assert!(origin.queue.is_empty());
    }
}
