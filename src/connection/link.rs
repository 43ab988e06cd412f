//! The transport below a protocol: carries bytes both ways, and tells the time.

use super::Scheduler;
use super::shared_protocol::SharedProtocol;
use crate::net::runtime;
use crate::net::{Stream, TakenSocket};
use crate::protocol::{Protocol, Transport, TransportError};
use futures::future::LocalBoxFuture;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

/// Slices shown to one write.
const SLICES: usize = 32;

pub(super) struct Link {
    stream: Box<dyn Stream>,
    timer: Option<(Instant, LocalBoxFuture<'static, ()>)>,
    /// The transport may hold back some of what it took (TLS does).
    may_be_unflushed: bool,
    write_error: Option<TransportError>,
    write_is_shut: bool,
    input_has_ended: bool,
    /// The transport is somebody else's, who gets this ahead of it.
    handed_over: Option<Vec<u8>>,
}

impl Link {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            timer: None,
            // The opening handshake was over before its last bytes had left, perhaps.
            may_be_unflushed: true,
            write_error: None,
            write_is_shut: false,
            input_has_ended: false,
            handed_over: None,
        }
    }

    /// Gives the transport away, if somebody has asked for it.
    pub(super) fn hand_over(self, shared: &SharedProtocol) {
        if let Some(unread) = self.handed_over {
            shared.give_transport(TakenSocket::new(self.stream, unread));
        }
    }

    /// One round: send what is queued, read once, look at the clock. Ends once the protocol has let go of
    /// the transport.
    pub(super) fn poll(
        &mut self,
        shared: &SharedProtocol,
        scheduler: &Scheduler,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        shared.register(cx);
        let mut wanted = Ok(());
        let is_released = shared.drive(|protocol| {
            self.write(protocol, cx);
            if self.write_error.is_some() {
                shared.lose_output();
            }
            if shared.is_transport_wanted() {
                wanted = self.let_go(protocol);
            }
            if self.handed_over.is_some() {
                // What went along is not to be told.
                shared.announce_anew();
            }
            self.read(protocol, scheduler, cx);
            // What has come by now counts, however late it is looked at.
            self.tell_time(protocol, scheduler, cx);
            protocol.transport() == Transport::Released
        });
        shared.tell_room();
        if let Err(why) = wanted {
            shared.keep_transport(why);
        }
        match is_released {
            Some(false) => Poll::Pending,
            Some(true) | None => Poll::Ready(()),
        }
    }

    fn write(&mut self, protocol: &mut dyn Protocol, cx: &mut Context<'_>) {
        while self.write_error.is_none() && protocol.transport() != Transport::Released {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = protocol.poll_transmit(&mut slices);
            if filled == 0 {
                break;
            }
            let stream = Pin::new(&mut *self.stream);
            match stream.poll_write_vectored(cx, &slices[..filled]) {
                Poll::Pending => break,
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.may_be_unflushed = true;
                    protocol.handle_transmitted(count, Instant::now());
                }
                Poll::Ready(Ok(_)) => self.fail_to_write(protocol, io::ErrorKind::WriteZero),
                Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
            }
        }
        if self.may_be_unflushed && self.write_error.is_none() {
            match Pin::new(&mut *self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.may_be_unflushed = false,
                Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
                Poll::Pending => return,
            }
        }
        if protocol.transport() == Transport::Finishing && !self.write_is_shut {
            match Pin::new(&mut *self.stream).poll_close(cx) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => protocol.handle_end_of_output(Instant::now()),
                Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
            }
            self.write_is_shut = true;
        }
    }

    /// Lets go of the transport once all that was to be sent has left; why not, where that can't be.
    fn let_go(&mut self, protocol: &mut dyn Protocol) -> Result<(), io::ErrorKind> {
        if self.write_error.is_some() {
            return Err(io::ErrorKind::NotConnected);
        }
        if protocol.is_flushed() && !self.may_be_unflushed {
            let is_sending = protocol.is_sending();
            self.handed_over = protocol.hand_over();
            match self.handed_over {
                Some(_) => {}
                None if is_sending => return Err(io::ErrorKind::Unsupported),
                None => return Err(io::ErrorKind::NotConnected),
            }
        }
        Ok(())
    }

    /// What the peer sent before is still to be read: the read side will end, if it has not.
    fn fail_to_write(&mut self, protocol: &mut dyn Protocol, error: impl Into<TransportError>) {
        let error = error.into();
        self.write_error = Some(error.clone());
        if self.input_has_ended {
            protocol.handle_transport_failure(error);
        }
    }

    /// Reads once. Whoever had something to read is polled again in the next round: what the tasks
    /// in between send leaves first.
    fn read(&mut self, protocol: &mut dyn Protocol, scheduler: &Scheduler, cx: &mut Context<'_>) {
        if self.input_has_ended {
            return;
        }
        if protocol.transport() == Transport::Released || !protocol.wants_input() {
            protocol.handle_pause(Instant::now());
            return;
        }
        let mut buffer = scheduler.read_buffer();
        let len = protocol.read_size().min(buffer.len());
        match Pin::new(&mut *self.stream).poll_read(cx, &mut buffer[..len]) {
            Poll::Pending => return,
            Poll::Ready(Ok(count)) if count > 0 => {
                protocol.handle_input(&buffer[..count], Instant::now());
            }
            Poll::Ready(Ok(_)) if self.write_error.is_none() => {
                self.input_has_ended = true;
                protocol.handle_end_of_input(Instant::now());
            }
            // An error, or an end behind a failed write, which has used the error up.
            Poll::Ready(end) => {
                self.input_has_ended = true;
                let read_error = end.err().map(TransportError::from);
                if let Some(error) = self.write_error.clone().or(read_error) {
                    protocol.handle_transport_failure(error);
                }
            }
        }
        scheduler.want_another_round(cx);
    }

    /// Says so if an instant that the protocol waits for has come, and has the link polled again at the
    /// next. If that has come already, it is in the next round, behind the tasks of what has been read.
    fn tell_time(
        &mut self,
        protocol: &mut dyn Protocol,
        scheduler: &Scheduler,
        cx: &mut Context<'_>,
    ) {
        let mut deadline = protocol.poll_timeout();
        if let Some(now) = deadline.and_then(|(_, at)| reached(at)) {
            protocol.handle_timeout(now);
            scheduler.want_another_round(cx);
            deadline = protocol.poll_timeout();
        }
        let Some((_, deadline)) = deadline else {
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
                scheduler.want_another_round(cx);
            }
        }
    }
}

/// The time, if that instant has come.
fn reached(instant: Instant) -> Option<Instant> {
    let now = Instant::now();
    (instant <= now).then_some(now)
}
