//! A connection, from its opening to its end.

use super::link::Link;
use super::shared_protocol::SharedProtocol;
use super::{Channel, FeedbackSink, Scheduler};
use crate::net::Stream;
use crate::protocol::Protocol;
use futures::future::LocalBoxFuture;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

/// What an opening handshake comes to.
pub(crate) struct Opened {
    pub(crate) stream: Box<dyn Stream>,
    /// What is spoken over it from now on.
    pub(crate) protocol: Box<dyn Protocol>,
}

/// Opens a connection, for a client or a server alike: its channel, and the future that carries it to its
/// end, for a loop to poll. `opening` performs the opening handshake; it yields `None` where that fails, and
/// is dropped where the connection is given up.
pub(crate) fn open(
    opening: LocalBoxFuture<'static, Option<Opened>>,
    sink: Rc<dyn FeedbackSink>,
    scheduler: Rc<Scheduler>,
) -> (Rc<dyn Channel>, LocalBoxFuture<'static, ()>) {
    let shared = SharedProtocol::new(Rc::downgrade(&sink));
    let carrier = Carrier {
        shared: shared.clone(),
        scheduler,
        stage: Stage::Opening(opening),
        _sink: sink,
    };
    (shared, Box::pin(carrier))
}

/// Carries one connection.
struct Carrier {
    shared: Rc<SharedProtocol>,
    scheduler: Rc<Scheduler>,
    stage: Stage,
    /// It hears of the end, whether or not there is an object left.
    _sink: Rc<dyn FeedbackSink>,
}

enum Stage {
    Opening(LocalBoxFuture<'static, Option<Opened>>),
    Established(Link),
    /// The protocol has let go of the transport, or there was never one.
    Done,
}

impl Carrier {
    /// `None`: the connection ended before it was established.
    fn poll_opening(&mut self, cx: &mut Context<'_>) -> Poll<Option<Link>> {
        let Stage::Opening(opening) = &mut self.stage else {
            return Poll::Ready(None);
        };
        self.shared.register(cx);
        if !self.shared.is_opening() {
            return Poll::Ready(None);
        }
        let opened = ready!(opening.as_mut().poll(cx));
        // Whoever observed its last step may have given it up.
        if !self.shared.is_opening() {
            return Poll::Ready(None);
        }
        let (stream, protocol) = match opened {
            Some(Opened { stream, protocol }) => (Some(stream), Some(protocol)),
            None => (None, None),
        };
        self.shared.finish_opening(protocol);
        Poll::Ready(stream.map(Link::new))
    }
}

impl Future for Carrier {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if matches!(this.stage, Stage::Opening(_)) {
            let link = ready!(this.poll_opening(cx));
            this.stage = link.map_or(Stage::Done, Stage::Established);
        }
        if let Stage::Established(link) = &mut this.stage {
            ready!(link.poll(&this.shared, &this.scheduler, cx));
        }
        if let Stage::Established(link) = std::mem::replace(&mut this.stage, Stage::Done) {
            link.hand_over(&this.shared);
        }
        Poll::Ready(())
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        if !matches!(self.stage, Stage::Done) {
            self.shared.carrier_was_dropped();
        }
        self.shared.carrier_has_ended();
    }
}
