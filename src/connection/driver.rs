//! Carries bytes between a transport and a protocol engine, and tells the engine the time.

use super::{Channel, Commons};
use crate::net::Stream;
use crate::net::runtime;
use crate::protocol::Transport;
use futures::future::{LocalBoxFuture, poll_fn};
use std::any::Any;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// Slices shown to one write.
const SLICES: usize = 32;

/// A transport that has been opened.
pub(crate) struct Dialled {
    pub(crate) stream: Box<dyn Stream>,
    /// Dropped once the opening handshake is over, whatever its end: another connection's turn.
    pub(crate) turn: Option<Box<dyn Any>>,
    /// How much of the opening handshake's time it took.
    pub(crate) spent: Duration,
}

/// Opens a transport and drives one connection over it until the engine lets go of it.
pub(crate) fn drive(
    channel: Rc<Channel>,
    dial: LocalBoxFuture<'static, io::Result<Dialled>>,
    commons: Rc<Commons>,
) -> LocalBoxFuture<'static, ()> {
    // Not inside the future: one that is dropped before it is polled has to say so too.
    let mut driver = Driver {
        channel,
        commons,
        timer: None,
        may_be_unflushed: false,
        write_has_failed: false,
        write_is_shut: false,
        input_has_ended: false,
        is_done: false,
    };
    Box::pin(async move {
        if let Some(mut dialled) = driver.open(dial).await {
            let Dialled { stream, turn, .. } = &mut dialled;
            poll_fn(|cx| driver.poll(&mut **stream, turn, cx)).await;
        }
        driver.finish();
    })
}

struct Driver {
    channel: Rc<Channel>,
    commons: Rc<Commons>,
    timer: Option<(Instant, LocalBoxFuture<'static, ()>)>,
    /// The transport may hold back some of what it took (TLS does).
    may_be_unflushed: bool,
    write_has_failed: bool,
    write_is_shut: bool,
    input_has_ended: bool,
    is_done: bool,
}

impl Driver {
    /// The engine has let go of the transport.
    fn finish(mut self) {
        self.is_done = true;
    }

    /// `None`: the connection ended before there was a transport.
    async fn open(
        &mut self,
        mut dial: LocalBoxFuture<'static, io::Result<Dialled>>,
    ) -> Option<Dialled> {
        poll_fn(|cx| {
            self.channel.register(cx);
            if self.transport() == Transport::Released {
                return Poll::Ready(None);
            }
            match ready!(dial.as_mut().poll(cx)) {
                Ok(dialled) => {
                    self.channel.start(dialled.spent);
                    Poll::Ready(Some(dialled))
                }
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

    /// One round: look at the clock, send what is queued, read once.
    fn poll(
        &mut self,
        stream: &mut dyn Stream,
        turn: &mut Option<Box<dyn Any>>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.channel.register(cx);
        self.fire_timer();
        self.write(stream, cx);
        self.read(stream, cx);
        self.arm_timer(cx);
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
                None | Some(Poll::Pending) => break,
                Some(Poll::Ready(Ok(count))) if count > 0 => {
                    self.may_be_unflushed = true;
                    self.channel
                        .drive(|engine| engine.handle_transmitted(count, Instant::now()));
                }
                Some(Poll::Ready(_)) => self.fail_to_write(),
            }
        }
        if self.may_be_unflushed && !self.write_has_failed {
            match Pin::new(&mut *stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.may_be_unflushed = false,
                Poll::Ready(Err(_)) => self.fail_to_write(),
                Poll::Pending => return,
            }
        }
        if self.transport() == Transport::Finishing
            && !self.write_is_shut
            && Pin::new(&mut *stream).poll_close(cx).is_ready()
        {
            self.write_is_shut = true;
        }
    }

    /// What the peer sent before is still to be read: the read side will end, if it has not.
    fn fail_to_write(&mut self) {
        self.write_has_failed = true;
        if self.input_has_ended {
            self.channel
                .drive(|engine| engine.handle_transport_failure());
        }
    }

    /// Reads once. Whoever had something to read is polled again in the next round: what the tasks
    /// in between send leaves first.
    fn read(&mut self, stream: &mut dyn Stream, cx: &mut Context<'_>) {
        let reads = match self.transport() {
            Transport::Open => self.channel.has_room(cx),
            Transport::Finishing => true,
            Transport::Paused | Transport::Released => false,
        };
        if !reads || self.input_has_ended {
            return;
        }
        let mut buffer = self.commons.read_buffer();
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
        drop(buffer);
        self.commons.want_another_round(cx);
    }

    /// Tells the engine of an instant that has come.
    fn fire_timer(&self) {
        let now = Instant::now();
        let deadline = self.channel.drive(|engine| engine.poll_timeout());
        if deadline.is_some_and(|deadline| deadline <= now) {
            self.channel.drive(|engine| engine.handle_timeout(now));
        }
    }

    /// Has the driver polled again at the instant that the engine waits for. If it has come already,
    /// that is in the next round, behind the tasks of what has been read.
    fn arm_timer(&mut self, cx: &mut Context<'_>) {
        let Some(deadline) = self.channel.drive(|engine| engine.poll_timeout()) else {
            self.timer = None;
            return;
        };
        if !matches!(&self.timer, Some((set_for, _)) if *set_for == deadline) {
            let left = deadline.saturating_duration_since(Instant::now());
            self.timer = Some((deadline, Box::pin(runtime::sleep(left))));
        }
        if let Some((_, timer)) = &mut self.timer {
            if timer.as_mut().poll(cx).is_ready() {
                self.timer = None;
                self.commons.want_another_round(cx);
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
