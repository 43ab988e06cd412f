//! Opens a connection's transport, and carries bytes between it and the protocol engine.

use super::link::Link;
use super::{Channel, Commons};
use crate::net::Stream;
use crate::protocol::{Failure, Protocol, Response, Transport};
use futures::future::{LocalBoxFuture, poll_fn};
use std::any::Any;
use std::rc::Rc;
use std::task::{Poll, ready};
use std::time::Duration;

/// Opens transports for one connection.
pub(crate) trait Opener {
    /// Opens one. `rejection` is the response that turned us away over the one before, if there was
    /// one.
    fn open(
        &mut self,
        rejection: Option<Box<Response>>,
    ) -> LocalBoxFuture<'_, Result<Opened, Failure>>;
}

/// A transport that has been opened.
pub(crate) struct Opened {
    pub(crate) stream: Box<dyn Stream>,
    /// The engine that speaks over it, where that is not the one that waited for it.
    pub(crate) engine: Option<Box<dyn Protocol>>,
    /// Dropped once the opening handshake is over, whatever its end: another connection's turn.
    pub(crate) turn: Option<Box<dyn Any>>,
    /// How much of the opening handshake's time it took.
    pub(crate) spent: Duration,
}

/// Opens a transport and drives one connection over it until the engine lets go of it.
pub(crate) fn drive(
    channel: Rc<Channel>,
    mut opener: Box<dyn Opener>,
    commons: Rc<Commons>,
) -> LocalBoxFuture<'static, ()> {
    // Not inside the future: one that is dropped before it is polled has to say so too.
    let driver = Driver {
        channel,
        is_done: false,
    };
    Box::pin(async move {
        let mut rejection = None;
        while let Some(opened) = driver.open(opener.open(rejection)).await {
            driver.channel.start(opened.engine, opened.spent);
            let mut link = Link::new(opened.stream, opened.turn);
            let channel = &driver.channel;
            rejection = poll_fn(|cx| link.poll(channel, &commons, cx)).await;
            if rejection.is_none() {
                break;
            }
        }
        driver.finish();
    })
}

struct Driver {
    channel: Rc<Channel>,
    /// The engine has let go of the transport.
    is_done: bool,
}

impl Driver {
    fn finish(mut self) {
        self.is_done = true;
    }

    /// `None`: the connection ended before there was a transport.
    async fn open(
        &self,
        mut opening: LocalBoxFuture<'_, Result<Opened, Failure>>,
    ) -> Option<Opened> {
        poll_fn(|cx| {
            self.channel.register(cx);
            if self.channel.transport() == Transport::Released {
                return Poll::Ready(None);
            }
            Poll::Ready(match ready!(opening.as_mut().poll(cx)) {
                // Whoever observed its last step may have closed it.
                Ok(_) if self.channel.transport() == Transport::Released => None,
                Ok(opened) => Some(opened),
                Err(cause) => {
                    self.channel.drive(|engine| engine.fail(cause));
                    None
                }
            })
        })
        .await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.is_done {
            self.channel.driver_was_dropped();
        }
    }
}
