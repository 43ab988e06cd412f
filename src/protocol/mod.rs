//! The protocol floor: what goes over the wire, with no socket, clock, thread or callback in it.
//!
//! An engine is a pure state machine. Bytes, instants and random numbers come in as arguments;
//! what the standard calls the *feedback from the protocol* comes out of one queue.

mod acceptor;
mod client_handshake;
mod edition;
mod failure;
mod feedback;
pub(crate) mod head;
pub(crate) mod hixie76;
mod limits;
mod output;
#[cfg(test)]
mod pair;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod rfc6455;
mod unopened;
pub(crate) mod url;
mod utf8;

pub(crate) use acceptor::{Acceptor, ServerOptions};
pub(crate) use client_handshake::{ClientHandshake, Retries};
pub use edition::Edition;
pub use failure::{Failure, HandshakeFault, ProxyFailure, RedirectFailure, TransportError};
pub(crate) use feedback::{Closure, Feedback, Message};
pub use limits::{Limits, Timeouts};
pub use request::{Answer, Request};
pub use response::Response;
pub(crate) use unopened::Unopened;

use std::io::IoSlice;
use std::time::Instant;

/// One connection's protocol engine, as its driver sees it.
///
/// The law: **call one input or mutator, then drain `poll_feedback`, then look at `transport`,
/// `poll_transmit` and `poll_timeout`.** What they say holds until the next input or mutator.
///
/// * *Inputs* (`handle_*`) tell the engine what happened to the transport or to the clock.
/// * *Mutators* are what the object above asks for.
/// * *Outputs* (`poll_*`, `transport`) are what the driver has to do.
///
/// No input panics or loops. What an engine holds is bounded by its [`Limits`], and by what one input
/// comes to: its messages become feedback at once, and the driver pauses behind them.
pub(crate) trait Protocol {
    // Inputs

    /// It is this connection's turn: the opening handshake's bound starts to run.
    fn handle_start(&mut self, now: Instant);
    /// The peer sent these bytes. Any split of a stream into calls gives the same feedback.
    fn handle_input(&mut self, bytes: &[u8], now: Instant);
    /// The peer ended its direction (FIN).
    fn handle_end_of_input(&mut self, now: Instant);
    /// The transport took the first `count` bytes of what `poll_transmit` showed.
    fn handle_transmitted(&mut self, count: usize, now: Instant);
    /// The transport is gone (reset, for one): nothing more comes in or goes out.
    fn handle_transport_failure(&mut self, error: TransportError) {
        self.fail(Failure::Transport(error));
    }
    /// Reading pauses: much of what was read has not been dispatched.
    fn handle_pause(&mut self, _: Instant) {}
    /// The instant that `poll_timeout` named has come.
    fn handle_timeout(&mut self, now: Instant);

    /// The task of [`Feedback::Violated`] runs, so all before it have run.
    fn handle_tasks_done(&mut self, _: Instant) {}

    // Mutators

    /// Server: the application's answer to [`Feedback::Requested`].
    fn answer(&mut self, answer: Answer, now: Instant);
    /// "Send data using the WebSocket". False if it can't be sent: the connection is not
    /// established, its closing handshake has started, or the queue is full, in which case the
    /// connection is closed.
    fn send(&mut self, data: Payload<'_>) -> bool;
    /// "Start the WebSocket closing handshake", with this code and reason where the protocol carries
    /// them. A reason without a code can't be expressed.
    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant);
    /// "Fail the WebSocket connection" over what is known on our side: it is closed without a
    /// handshake.
    fn fail(&mut self, cause: Failure);
    /// The object is gone, or its document is: ends the connection as the edition says, once what is
    /// queued has left. Nobody is left to hear the answer.
    fn abandon(&mut self, why: Abandoned, now: Instant);

    // Outputs

    /// The next occurrence, in order. [`Feedback::Closed`] is the last one and comes once.
    fn poll_feedback(&mut self) -> Option<Feedback>;
    /// The bytes to send next; how many of `slices` were filled.
    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize;
    /// When to call `handle_timeout`.
    fn poll_timeout(&self) -> Option<Instant>;
    /// What to do with the transport.
    fn transport(&self) -> Transport;

    /// Client: the response that turned us away, where [`Retries`] allow for another attempt. The
    /// transport is not needed any more; either another engine takes this one's place, or it is told
    /// to fail.
    fn take_rejection(&mut self) -> Option<Box<Response>> {
        None
    }

    // Getters

    /// "The WebSocket connection is established", and its transport has not been released since.
    fn is_established(&self) -> bool;
    /// It is established, and "the WebSocket closing handshake has not yet started".
    fn is_sending(&self) -> bool;
    /// Payload bytes that were queued and have not been handed to the transport, without framing.
    fn buffered_amount(&self) -> usize;
}

/// What to send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
}

impl<'a> Payload<'a> {
    pub(crate) fn bytes(self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// Why nobody listens to a connection any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// The object was garbage collected.
    ByItsOwner,
    /// Its document has gone away.
    ByItsDocument,
}

/// What the engine wants of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Read and write.
    Open,
    /// Write, but don't read: the engine waits for the application.
    Paused,
    /// Write what is left, end our direction (FIN), and read on to the peer's end, so that nothing
    /// unread turns our close into a reset.
    Finishing,
    /// Close it now.
    Released,
}
