//! A connection, from its opening to its end.

use super::link::Link;
use super::shared_protocol::SharedProtocol;
use super::{Channel, FeedbackSink, Scheduler};
use crate::net::Stream;
use crate::protocol::Protocol;
use futures::future::{LocalBoxFuture, poll_fn};
use std::rc::Rc;
use std::task::{Poll, ready};

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
    // Not inside the future: one that is dropped before it is polled has to say so too.
    let carrier = Carrier {
        shared: shared.clone(),
        _sink: sink,
        is_done: false,
    };
    let carrying = async move {
        if let Some(stream) = carrier.open(opening).await {
            let mut link = Link::new(stream);
            poll_fn(|cx| link.poll(&carrier.shared, &scheduler, cx)).await;
            link.hand_over(&carrier.shared);
        }
        carrier.finish();
    };
    (shared, Box::pin(carrying))
}

/// Carries one connection.
struct Carrier {
    shared: Rc<SharedProtocol>,
    /// It hears of the end, whether or not there is an object left.
    _sink: Rc<dyn FeedbackSink>,
    /// The protocol has let go of the transport.
    is_done: bool,
}

impl Carrier {
    /// `None`: the connection ended before it was established.
    async fn open(
        &self,
        mut opening: LocalBoxFuture<'static, Option<Opened>>,
    ) -> Option<Box<dyn Stream>> {
        poll_fn(move |cx| {
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
            Poll::Ready(stream)
        })
        .await
    }

    fn finish(mut self) {
        self.is_done = true;
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        if !self.is_done {
            self.shared.carrier_was_dropped();
        }
        self.shared.carrier_has_ended();
    }
}
