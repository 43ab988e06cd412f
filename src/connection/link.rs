//! The transport below a protocol: carries bytes both ways, and tells the time.

use super::Scheduler;
use super::shared_protocol::SharedProtocol;
use crate::net::{Stream, TakenSocket};
use crate::protocol::{Protocol, Timer, Transport, TransportError};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

/// Slices shown to one write.
const SLICES: usize = 32;

pub(super) struct Link {
    stream: Box<dyn Stream>,
    /// So many bytes were written, some of which the transport may hold back (TLS does). They have left when it is
    /// flushed.
    unflushed: Option<usize>,
    write_error: Option<Box<TransportError>>,
    write_is_shut: bool,
    input_has_ended: bool,
    /// The time for the tasks of what was read was over; they have had one more round.
    tasks_were_late: bool,
    /// The transport is somebody else's, who gets this ahead of it.
    handed_over: Option<Vec<u8>>,
}

impl Link {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self {
            stream,
            // The opening handshake was over before its last bytes had left, perhaps.
            unflushed: Some(0),
            write_error: None,
            write_is_shut: false,
            input_has_ended: false,
            tasks_were_late: false,
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
        shared: &Rc<SharedProtocol>,
        scheduler: &Scheduler,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        shared.register(cx);
        scheduler.note(shared);
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
            self.tell_time(shared, protocol, scheduler, cx);
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
        while self.write_error.is_none()
            && self.is_flushed(protocol, cx)
            && protocol.transport() != Transport::Released
        {
            let mut slices = [IoSlice::new(&[]); SLICES];
            let filled = protocol.poll_transmit(&mut slices);
            if filled == 0 {
                break;
            }
            let stream = Pin::new(&mut *self.stream);
            match stream.poll_write_vectored(cx, &slices[..filled]) {
                Poll::Pending => break,
                Poll::Ready(Ok(count)) if count > 0 => self.unflushed = Some(count),
                Poll::Ready(Ok(_)) => self.fail_to_write(protocol, io::ErrorKind::WriteZero),
                Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
            }
        }
        let is_finishing = protocol.transport() == Transport::Finishing && !self.write_is_shut;
        if is_finishing && self.unflushed.is_none() {
            match Pin::new(&mut *self.stream).poll_close(cx) {
                Poll::Pending => return,
                Poll::Ready(Ok(())) => protocol.handle_end_of_output(Instant::now()),
                Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
            }
            self.write_is_shut = true;
        }
    }

    /// Whether all that was written has left, which the protocol is told.
    fn is_flushed(&mut self, protocol: &mut dyn Protocol, cx: &mut Context<'_>) -> bool {
        let Some(written) = self.unflushed else {
            return true;
        };
        match Pin::new(&mut *self.stream).poll_flush(cx) {
            Poll::Pending => return false,
            Poll::Ready(Ok(())) => {
                self.unflushed = None;
                protocol.handle_transmitted(written, Instant::now());
            }
            Poll::Ready(Err(error)) => self.fail_to_write(protocol, error),
        }
        self.write_error.is_none()
    }

    /// Lets go of the transport once all that was to be sent has left; why not, where that can't be.
    fn let_go(&mut self, protocol: &mut dyn Protocol) -> Result<(), io::ErrorKind> {
        if self.write_error.is_some() {
            return Err(io::ErrorKind::NotConnected);
        }
        if protocol.is_flushed() && self.unflushed.is_none() {
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
        self.write_error = Some(Box::new(error.clone()));
        self.unflushed = None;
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
        let is_released = protocol.transport() == Transport::Released;
        if is_released || !protocol.wants_input() {
            protocol.handle_pause(Instant::now());
            if !is_released {
                self.stream.hold(cx);
            }
            return;
        }
        if protocol.holds_input() {
            self.stream.hold(cx);
            protocol.handle_input(&[], Instant::now());
            return scheduler.want_another_round(cx);
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
                if let Some(error) = self.write_error.as_deref().cloned().or(read_error) {
                    protocol.handle_transport_failure(error);
                }
            }
        }
        scheduler.want_another_round(cx);
    }

    /// Says so if an instant that the protocol waits for has come, and has the link polled again at the next. If that has
    /// come already, it is in the next round, behind the tasks of what has been read.
    fn tell_time(
        &mut self,
        shared: &Rc<SharedProtocol>,
        protocol: &mut dyn Protocol,
        scheduler: &Scheduler,
        cx: &mut Context<'_>,
    ) {
        let mut deadline = protocol.poll_timeout();
        let due = deadline.and_then(|(timer, at)| Some((timer, reached(at)?)));
        if let Some((timer, now)) = due {
            scheduler.want_another_round(cx);
            // Nothing may have run at all meanwhile, the tasks neither.
            if timer == Timer::TasksDone && !std::mem::replace(&mut self.tasks_were_late, true) {
                return;
            }
            protocol.handle_timeout(now);
            deadline = protocol.poll_timeout();
        }
        if let Some((_, deadline)) = deadline {
            scheduler.wake_at(shared, deadline);
        }
    }
}

/// The time, if that instant has come.
fn reached(instant: Instant) -> Option<Instant> {
    let now = Instant::now();
    (instant <= now).then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::channel::Nobody;
    use crate::connection::{Channel, FeedbackSink};
    use crate::net::runtime::{Current, Runtime};
    use crate::protocol::opening::{Agreed, Role};
    use crate::protocol::{ConnectionOptions, Delivery, Feedback, Payload, Wire, WireFailure};
    use futures::io::{AsyncRead, AsyncWrite};
    use futures::task::noop_waker_ref;
    use std::net::TcpStream;
    use std::rc::Rc;
    use std::sync::{Arc, Mutex, PoisonError};
    use std::time::Duration;

    /// What a transport that holds back what it took has, as TLS does.
    #[derive(Default)]
    struct Held {
        input: Vec<u8>,
        taken: Vec<u8>,
        /// So much of it has left.
        sent: usize,
        lets_through: bool,
        /// The peer says nothing more, and is there.
        stays: bool,
        /// It takes nothing any more.
        is_full: bool,
    }

    #[derive(Clone, Default)]
    struct Holding(Arc<Mutex<Held>>);

    impl Holding {
        fn look<T>(&self, look: impl FnOnce(&mut Held) -> T) -> T {
            look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }

    impl Stream for Holding {
        fn into_tcp(self: Box<Self>) -> io::Result<Result<(TcpStream, Vec<u8>), Box<dyn Stream>>> {
            Ok(Err(self))
        }
    }

    impl AsyncRead for Holding {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.look(|held| {
                if held.input.is_empty() && held.stays {
                    return Poll::Pending;
                }
                let count = held.input.len().min(buffer.len());
                buffer[..count].copy_from_slice(&held.input[..count]);
                held.input.drain(..count);
                Poll::Ready(Ok(count))
            })
        }
    }

    impl AsyncWrite for Holding {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.look(|held| {
                if held.is_full {
                    return Poll::Ready(Ok(0));
                }
                held.taken.extend(bytes);
                Poll::Ready(Ok(bytes.len()))
            })
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.look(|held| match held.lets_through {
                true => {
                    held.sent = held.taken.len();
                    Poll::Ready(Ok(()))
                }
                false => Poll::Pending,
            })
        }

        fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.poll_flush(cx)
        }
    }

    /// A server's end of a connection, whose first input this is: polls it.
    fn server_of(
        stream: &Holding,
        wire: Wire,
        options: ConnectionOptions,
    ) -> impl FnMut() -> Poll<()> {
        shared_with_server(stream, wire, options).1
    }

    /// The same, and what it shares with the object.
    fn shared_with_server(
        stream: &Holding,
        wire: Wire,
        options: ConnectionOptions,
    ) -> (Rc<SharedProtocol>, impl FnMut() -> Poll<()>) {
        let sink: Rc<dyn FeedbackSink> = Rc::new(Nobody);
        let shared = SharedProtocol::new(Rc::downgrade(&sink));
        let agreed = Agreed::new(wire, Role::Server);
        let protocol = agreed.connect(&Arc::new(options), [0; 32], Instant::now());
        shared.finish_opening(Some(protocol));
        let mut link = Link::new(Box::new(stream.clone()));
        let scheduler = Scheduler::default();
        let polled = shared.clone();
        let poll = move || {
            let _held = &sink;
            let mut cx = Context::from_waker(noop_waker_ref());
            link.poll(&polled, &scheduler, &mut cx)
        };
        (shared, poll)
    }

    /// A peer that has ended TCP, too, and reads on: what the transport took is not lost with it.
    #[test]
    fn nothing_is_lost_that_the_transport_holds_back() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        for (wire, closing) in [
            (Wire::Rfc6455, &b"\x88\x80\0\0\0\0"[..]),
            (Wire::Hixie76, b"\xff\0"),
        ] {
            let stream = Holding::default();
            stream.look(|held| held.input = closing.to_vec());
            let mut poll = server_of(&stream, wire, ConnectionOptions::default());
            for _ in 0..4 {
                assert!(poll().is_pending(), "{wire:?}: its answer has not left");
            }
            stream.look(|held| held.lets_through = true);
            assert!(poll().is_ready(), "{wire:?}");
            let (sent, taken) = stream.look(|held| (held.sent, held.taken.len()));
            assert_eq!((sent, taken), (2, 2), "{wire:?}");
        }
    }

    /// A program that stood still comes back to a time that is over: its tasks have their turn first.
    #[test]
    fn time_for_tasks_is_over_when_they_could_have_run() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        let stream = Holding::default();
        // A text, and a frame of no kind.
        let input = b"\x81\x81\0\0\0\0x\x83\x80\0\0\0\0";
        stream.look(|held| {
            held.input = input.to_vec();
            (held.lets_through, held.stays) = (true, true);
        });
        let mut options = ConnectionOptions::default();
        options.timeouts.end_of_stream = Duration::ZERO;
        let mut poll = server_of(&stream, Wire::Rfc6455, options);
        assert!(poll().is_pending());
        assert!(poll().is_pending());
        assert_eq!(stream.look(|held| held.taken.len()), 0, "they may send");
        for _ in 0..4 {
            let _ = poll();
        }
        let taken = stream.look(|held| held.taken.clone());
        assert_eq!(taken, b"\x88\x02\x03\xea");
    }

    /// An end of what is read, behind it, is no end that the peer chose.
    #[test]
    fn a_transport_that_takes_nothing_is_lost() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        let stream = Holding::default();
        stream.look(|held| (held.lets_through, held.is_full) = (true, true));
        let options = ConnectionOptions::default();
        let (shared, mut poll) = shared_with_server(&stream, Wire::Rfc6455, options);
        assert!(shared.send(Payload::Text("x")));
        assert!(poll().is_ready());
        let told: Vec<_> = std::iter::from_fn(|| shared.take_feedback()).collect();
        let Some(Feedback::Closed(closure)) = told.last() else {
            panic!("{told:?}");
        };
        let lost = WireFailure::Transport(io::ErrorKind::WriteZero.into());
        assert_eq!(closure.cause.as_deref(), Some(&lost));
    }

    /// What the opening handshake sent last may be in it still.
    #[test]
    fn a_transport_is_given_away_when_all_has_left() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        let stream = Holding::default();
        stream.look(|held| held.stays = true);
        let options = ConnectionOptions {
            half_open: true,
            delivery: Delivery::Bytes,
            ..ConnectionOptions::default()
        };
        let (shared, mut poll) = shared_with_server(&stream, Wire::Simplified, options);
        let _taken = shared.take_socket();
        for _ in 0..3 {
            assert!(poll().is_pending());
        }
        stream.look(|held| held.lets_through = true);
        assert!(poll().is_ready());
    }

    #[test]
    fn nothing_is_read_until_what_has_been_is_taken() {
        let runtime = Current::new().unwrap();
        let _entered = runtime.enter();
        let stream = Holding::default();
        for (wire, head, end) in [
            (Wire::Rfc6455, &b"\x81\xe4\0\0\0\0"[..], &b""[..]),
            (Wire::Hixie76, b"\0", b"\xff"),
        ] {
            let text = [head, &[b'x'; 100], end].concat();
            stream.look(|held| {
                held.input = text.repeat(10_000);
                (held.lets_through, held.stays) = (true, true);
            });
            let left = || stream.look(|held| held.input.len());
            let all = left();
            let mut options = ConnectionOptions::default();
            options.limits.undispatched = 1000;
            let (shared, mut poll) = shared_with_server(&stream, wire, options);
            let mut poll_often = || (0..20).for_each(|_| assert!(poll().is_pending()));
            poll_often();
            let some = left();
            assert!(0 < some && some < all, "{wire:?}");
            poll_often();
            assert_eq!(left(), some, "{wire:?}");
            while shared.take_feedback().is_some() {}
            poll_often();
            assert!(left() < some, "{wire:?}");
        }
    }
}
