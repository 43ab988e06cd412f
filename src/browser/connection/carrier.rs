//! A connection, from the call of the browser's constructor to its `close` event.

use super::socket::Socket;
use super::{Channel, FeedbackSink, Scheduler};
use crate::net::runtime;
use crate::protocol::ConnectionOptions;
use futures::future::LocalBoxFuture;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// No event says that what was queued has left: so often it is looked for, where somebody waits for it.
const LOOK: Duration = Duration::from_millis(10);

/// What the browser is to open.
pub(crate) struct Opened {
    pub(crate) url: String,
    pub(crate) protocols: Vec<String>,
    pub(crate) options: Arc<ConnectionOptions>,
}

/// Opens a connection: its channel, and a future that lasts as long, for a loop to poll.
pub(crate) fn open(
    opening: LocalBoxFuture<'static, Option<Opened>>,
    sink: Rc<dyn FeedbackSink>,
    _: Rc<Scheduler>,
) -> (Rc<dyn Channel>, LocalBoxFuture<'static, ()>) {
    let socket = Socket::new(Rc::downgrade(&sink));
    let carrier = Carrier {
        socket: socket.clone(),
        opening: Some(opening),
        next_look: None,
        is_done: false,
        sink,
    };
    (socket, Box::pin(carrier))
}

/// Carries one connection.
struct Carrier {
    socket: Rc<Socket>,
    /// The browser has not been asked yet.
    opening: Option<LocalBoxFuture<'static, Option<Opened>>>,
    next_look: Option<LocalBoxFuture<'static, ()>>,
    is_done: bool,
    /// It hears of the end, whether or not there is an object left.
    sink: Rc<dyn FeedbackSink>,
}

impl Future for Carrier {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.socket.register(cx);
        if let (Some(opening), false) = (&mut this.opening, this.socket.has_ended()) {
            let opened = ready!(opening.as_mut().poll(cx));
            this.opening = None;
            this.socket.connect(opened);
        }
        while !this.socket.has_ended() {
            if !this.socket.is_watched() {
                this.next_look = None;
                return Poll::Pending;
            }
            let look = this
                .next_look
                .get_or_insert_with(|| Box::pin(runtime::sleep(LOOK)));
            ready!(look.as_mut().poll(cx));
            this.next_look = None;
            this.socket.tell_room();
        }
        this.is_done = true;
        Poll::Ready(())
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.socket.let_go();
        if !self.is_done {
            // The loop is gone.
            self.socket.tell_room();
            self.sink.abandon();
        }
    }
}
