//! One server, as far as HTTP/2 knows it.

use crate::event_loop::Shared;
use crate::net::http2::{Http2Client, Http2Options, Lease};
use event_listener::{Event, EventListener};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// The connections to an origin that sockets share. They are of one event loop, which polls them.
pub(super) struct Origin {
    event_loop: Weak<Shared>,
    /// It takes no WebSockets over HTTP/2.
    is_http1: Cell<bool>,
    connections: RefCell<Vec<Http2Client>>,
    /// Somebody finds out, or makes another connection.
    is_dialling: Cell<bool>,
    changed: Rc<Event>,
}

/// The one socket that makes a connection for all. When it is dropped others go on.
pub(super) struct Dialling(Rc<Origin>);

impl Origin {
    pub(super) fn new(event_loop: Weak<Shared>) -> Self {
        Self {
            event_loop,
            is_http1: Cell::new(false),
            connections: RefCell::default(),
            is_dialling: Cell::new(false),
            changed: Rc::default(),
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
        self.changed.notify(usize::MAX);
    }

    /// Told when anything here may have become different.
    pub(super) fn changed(&self) -> EventListener {
        self.changed.listen()
    }

    /// The same, for its connections to tell.
    pub(super) fn teller(&self) -> Rc<Event> {
        self.changed.clone()
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

    /// The right to make one more, unless somebody does or there are enough.
    pub(super) fn begin_dialling(self: &Rc<Self>, options: &Http2Options) -> Option<Dialling> {
        let is_full = self.connections.borrow().len() >= options.connections.max(1);
        if is_full || self.is_dialling.replace(true) {
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
        self.0.changed.notify(usize::MAX);
    }
}
