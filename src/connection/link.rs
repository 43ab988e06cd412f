//! One transport below a channel: carries bytes both ways, and tells the engine the time.

use super::{Channel, Commons};
use crate::net::Stream;
use crate::net::runtime;
use crate::protocol::{Response, Transport, TransportError};
use futures::future::LocalBoxFuture;
use std::any::Any;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// Slices shown to one write.
const SLICES: usize = 32;

pub(super) struct Link {
    stream: Box<dyn Stream>,
    /// Dropped once the opening handshake is over.
    turn: Option<Box<dyn Any>>,
    is_opening: bool,
    timer: Option<(Instant, LocalBoxFuture<'static, ()>)>,
    /// The transport may hold back some of what it took (TLS does).
    may_be_unflushed: bool,
    write_error: Option<TransportError>,
    write_is_shut: bool,
    input_has_ended: bool,
}

impl Link {
    pub(super) fn new(stream: Box<dyn Stream>, turn: Option<Box<dyn Any>>) -> Self {
        Self {
            stream,
            turn,
            is_opening: true,
            timer: None,
            may_be_unflushed: false,
            write_error: None,
            write_is_shut: false,
            input_has_ended: false,
        }
    }

    /// One round: send what is queued, read once, look at the clock. Ends once the engine has let go of
    /// the transport, or has been turned away and may try another one.
    pub(super) fn poll(
        &mut self,
        channel: &Channel,
        commons: &Commons,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Box<Response>>> {
        channel.register(cx);
        self.write(channel, cx);
        self.read(channel, commons, cx);
        // What has come by now counts, however late it is looked at.
        if fire_timer(channel) {
            commons.want_another_round(cx);
        }
        self.arm_timer(channel, commons, cx);
        if self.is_opening {
            if let Some(rejection) = channel.drive(|engine| engine.take_rejection()) {
                return Poll::Ready(Some(rejection));
            }
            if channel.is_established() {
                self.is_opening = false;
                self.turn = None;
            }
        }
        match channel.transport() {
            Transport::Released => Poll::Ready(None),
            _ => Poll::Pending,
        }
    }

    fn write(&mut self, channel: &Channel, cx: &mut Context<'_>) {
        while self.write_error.is_none() {
            let stream = &mut *self.stream;
            let written = channel.drive(|engine| {
                let mut slices = [IoSlice::new(&[]); SLICES];
                let filled = engine.poll_transmit(&mut slices);
                (filled > 0 && engine.transport() != Transport::Released)
                    .then(|| Pin::new(stream).poll_write_vectored(cx, &slices[..filled]))
            });
            match written {
                None | Some(Poll::Pending) => break,
                Some(Poll::Ready(Ok(count))) if count > 0 => {
                    self.may_be_unflushed = true;
                    channel.drive(|engine| engine.handle_transmitted(count, Instant::now()));
                }
                Some(Poll::Ready(Ok(_))) => self.fail_to_write(channel, io::ErrorKind::WriteZero),
                Some(Poll::Ready(Err(error))) => self.fail_to_write(channel, error),
            }
        }
        if self.may_be_unflushed && self.write_error.is_none() {
            match Pin::new(&mut *self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.may_be_unflushed = false,
                Poll::Ready(Err(error)) => self.fail_to_write(channel, error),
                Poll::Pending => return,
            }
        }
        if channel.transport() == Transport::Finishing
            && !self.write_is_shut
            && Pin::new(&mut *self.stream).poll_close(cx).is_ready()
        {
            self.write_is_shut = true;
        }
    }

    /// What the peer sent before is still to be read: the read side will end, if it has not.
    fn fail_to_write(&mut self, channel: &Channel, error: impl Into<TransportError>) {
        let error = error.into();
        self.write_error = Some(error.clone());
        if self.input_has_ended {
            channel.drive(|engine| engine.handle_transport_failure(error));
        }
    }

    /// Reads once. Whoever had something to read is polled again in the next round: what the tasks
    /// in between send leaves first.
    fn read(&mut self, channel: &Channel, commons: &Commons, cx: &mut Context<'_>) {
        let reads = match channel.transport() {
            Transport::Open => channel.has_room(cx),
            Transport::Finishing => true,
            Transport::Paused | Transport::Released => false,
        };
        if self.input_has_ended {
            return;
        }
        if !reads {
            channel.drive(|engine| engine.handle_pause(Instant::now()));
            return;
        }
        let mut buffer = commons.read_buffer();
        match Pin::new(&mut *self.stream).poll_read(cx, &mut buffer) {
            Poll::Pending => return,
            Poll::Ready(Ok(count)) if count > 0 => {
                let bytes = &buffer[..count];
                channel.drive(|engine| engine.handle_input(bytes, Instant::now()));
            }
            Poll::Ready(Ok(_)) if self.write_error.is_none() => {
                self.input_has_ended = true;
                channel.drive(|engine| engine.handle_end_of_input(Instant::now()));
            }
            // An error, or an end behind a failed write, which has used the error up.
            Poll::Ready(end) => {
                self.input_has_ended = true;
                let read_error = end.err().map(TransportError::from);
                if let Some(error) = self.write_error.clone().or(read_error) {
                    channel.drive(|engine| engine.handle_transport_failure(error));
                }
            }
        }
        drop(buffer);
        commons.want_another_round(cx);
    }

    /// Has the link polled again at the instant that the engine waits for. If it has come already,
    /// that is in the next round, behind the tasks of what has been read.
    fn arm_timer(&mut self, channel: &Channel, commons: &Commons, cx: &mut Context<'_>) {
        let Some(deadline) = channel.drive(|engine| engine.poll_timeout()) else {
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
                commons.want_another_round(cx);
            }
        }
    }
}

/// Tells the engine of an instant that has come, if it has.
fn fire_timer(channel: &Channel) -> bool {
    let Some(deadline) = channel.drive(|engine| engine.poll_timeout()) else {
        return false;
    };
    let now = Instant::now();
    if deadline > now {
        return false;
    }
    channel.drive(|engine| engine.handle_timeout(now));
    true
}
