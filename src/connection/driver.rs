//! Carries bytes between a transport and a protocol engine, and tells the engine the time.

use super::Channel;
use crate::net::Stream;
use crate::net::runtime;
use crate::protocol::Transport;
use futures::future::{LocalBoxFuture, poll_fn};
use std::any::Any;
use std::cell::RefCell;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

/// Slices shown to one write.
const SLICES: usize = 32;

/// The memory that all connections of one event loop read into, one after the other: an idle
/// connection holds none.
pub(crate) type ReadBuffer = Rc<RefCell<Box<[u8]>>>;

/// A transport that has been opened.
pub(crate) struct Dialled {
    pub(crate) stream: Box<dyn Stream>,
    /// Dropped once the opening handshake is over, whatever its end: another connection's turn.
    pub(crate) turn: Option<Box<dyn Any>>,
}

/// Opens a transport and drives one connection over it until the engine lets go of it.
pub(crate) async fn drive(
    channel: Rc<Channel>,
    dial: LocalBoxFuture<'static, io::Result<Dialled>>,
    buffer: ReadBuffer,
) {
    let mut driver = Driver {
        channel,
        buffer,
        timer: None,
        write_has_failed: false,
        write_is_shut: false,
        input_has_ended: false,
        is_done: false,
    };
    if let Some(mut dialled) = driver.open(dial).await {
        let Dialled { stream, turn } = &mut dialled;
        poll_fn(|cx| driver.poll(&mut **stream, turn, cx)).await;
    }
    driver.is_done = true;
}

struct Driver {
    channel: Rc<Channel>,
    buffer: ReadBuffer,
    timer: Option<(Instant, LocalBoxFuture<'static, ()>)>,
    write_has_failed: bool,
    write_is_shut: bool,
    input_has_ended: bool,
    is_done: bool,
}

impl Driver {
    /// `None`: the connection ended before there was a transport.
    async fn open(
        &mut self,
        mut dial: LocalBoxFuture<'static, io::Result<Dialled>>,
    ) -> Option<Dialled> {
        poll_fn(|cx| {
            self.channel.register(cx);
            self.poll_timer(cx);
            if self.transport() == Transport::Released {
                return Poll::Ready(None);
            }
            match ready!(dial.as_mut().poll(cx)) {
                Ok(dialled) => Poll::Ready(Some(dialled)),
                Err(_) => {
                    self.channel
                        .drive(|engine| engine.handle_transport_failure());
                    Poll::Ready(None)
                }
            }
        })
        .await
    }

    fn transport(&self) -> Transport {
        self.channel.drive(|engine| engine.transport())
    }

    /// One round: send what is queued, read once, look at the clock.
    fn poll(
        &mut self,
        stream: &mut dyn Stream,
        turn: &mut Option<Box<dyn Any>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.channel.register(cx);
        self.write(stream, cx);
        self.read(stream, cx);
        self.poll_timer(cx);
        if turn.is_some() && self.channel.is_established() {
            *turn = None;
        }
        match self.transport() {
            Transport::Released => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    fn write(&mut self, stream: &mut dyn Stream, cx: &mut Context<'_>) {
        while !self.write_has_failed {
            let written = self.channel.drive(|engine| {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let filled = engine.poll_transmit(&mut slices);
                (filled > 0 && engine.transport() != Transport::Released)
                    .then(|| Pin::new(&mut *stream).poll_write_vectored(cx, &slices[..filled]))
            });
            match written {
                None => break,
                Some(Poll::Pending) => return,
                Some(Poll::Ready(Ok(count))) if count > 0 => self
                    .channel
                    .drive(|engine| engine.handle_transmitted(count, Instant::now())),
                // What the peer sent before is still to be read: the read side will end.
                Some(Poll::Ready(_)) => self.write_has_failed = true,
            }
        }
        if self.transport() == Transport::Finishing
            && !self.write_is_shut
            && Pin::new(&mut *stream).poll_close(cx).is_ready()
        {
            self.write_is_shut = true;
        }
    }

    /// Reads once. A connection that had something to read is polled again in the same turn, once
    /// the tasks have run: by then what they sent can leave first.
    fn read(&mut self, stream: &mut dyn Stream, cx: &mut Context<'_>) {
        let reads = match self.transport() {
            Transport::Open => self.channel.has_room(cx),
            Transport::Finishing => true,
            Transport::Paused | Transport::Released => false,
        };
        if !reads || self.input_has_ended {
            return;
        }
        let mut buffer = self.buffer.borrow_mut();
        match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
            Poll::Pending => return,
            Poll::Ready(Ok(count)) if count > 0 => {
                let bytes = &buffer[..count];
                self.channel
                    .drive(|engine| engine.handle_input(bytes, Instant::now()));
            }
            Poll::Ready(Ok(_)) if !self.write_has_failed => {
                self.input_has_ended = true;
                self.channel
                    .drive(|engine| engine.handle_end_of_input(Instant::now()));
            }
            // An error, or an end behind a failed write, which has used the error up.
            Poll::Ready(_) => {
                self.input_has_ended = true;
                self.channel
                    .drive(|engine| engine.handle_transport_failure());
            }
        }
        cx.waker().wake_by_ref();
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) {
        loop {
            let Some(deadline) = self.channel.drive(|engine| engine.poll_timeout()) else {
                self.timer = None;
                return;
            };
            let now = Instant::now();
            if deadline <= now {
                self.timer = None;
                self.channel.drive(|engine| engine.handle_timeout(now));
                continue;
            }
            match &mut self.timer {
                Some((set_for, timer)) if *set_for == deadline => {
                    if timer.as_mut().poll(cx).is_pending() {
                        return;
                    }
                    self.timer = None;
                }
                timer => *timer = Some((deadline, Box::pin(runtime::sleep(deadline - now)))),
            }
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.is_done {
            self.channel.driver_was_dropped();
        }
    }
}
