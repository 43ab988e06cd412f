//! The protocol floor: what goes over the wire, with no socket, clock, thread or callback in it.
//!
//! It can be used alone, below sockets of your own, a stream of HTTP/2, or a test. It is **less stable than
//! the object**: what the next wire needs may change it.
//!
//! A connection begins with an [opening handshake](opening). What that has [agreed](opening::Agreed)
//! on makes a [`Protocol`], a pure state machine: bytes, instants and random numbers come in as
//! arguments; what the standard calls the *feedback from the protocol* comes out of one queue.
//!
//! ```
//! use dom_websocket::protocol::opening::{Agreed, Role};
//! use dom_websocket::protocol::{ConnectionOptions, Feedback, Payload, Wire};
//! use std::{io::IoSlice, sync::Arc, time::Instant};
//!
//! let now = Instant::now();
//! let options = Arc::new(ConnectionOptions::default());
//! let connect = |role, random| Agreed::new(Wire::Rfc6455, role).connect(&options, random, now);
//! let (mut client, mut server) = (connect(Role::Client, [1; 32]), connect(Role::Server, [2; 32]));
//! assert!(client.send(Payload::Text("hello")));
//!
//! // The transport of this connection is a vector.
//! let mut slices = [IoSlice::new(&[]); 8];
//! let filled = client.poll_transmit(&mut slices);
//! let sent: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
//! client.handle_transmitted(sent.len(), now);
//! server.handle_input(&sent, now);
//!
//! assert!(matches!(server.poll_feedback(), Some(Feedback::Established { .. })));
//! assert_eq!(server.poll_feedback(), Some(Feedback::Text("hello".into())));
//! ```
//!
//! `examples/in_memory.rs` drives both ends of a whole session, handshakes and all.

mod account;
mod assembly;
#[cfg(test)]
mod bounds_tests;
mod burst;
mod closure;
#[cfg(test)]
mod delivery_tests;
mod failure;
mod feedback;
mod feedback_queue;
#[cfg(test)]
mod half_close_tests;
mod hixie76;
mod limits;
#[cfg(test)]
mod linger_tests;
mod occasional;
pub mod opening;
mod options;
mod output;
mod packed;
#[cfg(test)]
mod pair;
mod resources;
mod rfc6455;
mod simplified;
mod timer;
mod traffic;
pub(crate) mod url;
mod utf8;
mod wire;
mod withheld;

pub use closure::Closure;
pub use failure::{HandshakeFault, TransportError, WireFailure};
pub use feedback::Feedback;
pub use limits::{Limits, Timeouts};
pub use options::{ActiveClose, ConnectionOptions, Delivery};
pub(crate) use output::MESSAGE_OVERHEAD;
pub use resources::Resources;
pub(crate) use rfc6455::MAX_REASON;
pub use timer::Timer;
pub use url::UrlComponents;
pub(crate) use utf8::floor_char_boundary;
pub use wire::Wire;
pub(crate) use withheld::Withheld;

use opening::Agreed;
use std::fmt;
use std::io::IoSlice;
use std::sync::Arc;
use std::time::Instant;

impl Agreed {
    /// The connection that begins with this agreement, at its first frame. Its first feedback is
    /// [`Feedback::Established`].
    ///
    /// `random` must not be predictable for a client of RFC 6455: its frames are masked by what is drawn from
    /// it (section 5.3, section 10.3). Clients that share [`Resources`] draw from one generator, which the first one's
    /// is the seed of. A server and the other wires have no use for it.
    #[must_use]
    pub fn connect(
        self,
        options: &Arc<ConnectionOptions>,
        random: [u8; 32],
        now: Instant,
    ) -> Box<dyn Protocol> {
        match self.wire {
            Wire::Rfc6455 => Box::new(rfc6455::Connection::new(self, options, random, now)),
            Wire::Hixie76 => Box::new(hixie76::Connection::new(self, options, now)),
            Wire::Simplified => Box::new(simplified::Connection::new(self, options, now)),
        }
    }
}

/// How much is read at once as a rule, in bytes.
///
/// ```
/// assert_eq!(dom_websocket::protocol::READ_SIZE, 64 * 1024);
/// ```
pub const READ_SIZE: usize = 64 * 1024;
/// The same, inside a large message.
///
/// ```
/// use dom_websocket::protocol::{LARGE_READ_SIZE, READ_SIZE};
///
/// assert!(LARGE_READ_SIZE > READ_SIZE);
/// ```
pub const LARGE_READ_SIZE: usize = 256 * 1024;

/// One connection's protocol, from its first frame to its end.
///
/// The law: **call one input or mutator, take as much of [`poll_feedback`](Self::poll_feedback) as you will,
/// then look at the other outputs.** What they say holds until the next of these calls.
///
/// * *Inputs* (`handle_*`) tell it what happened to the transport or to the clock.
/// * *Mutators* are what the object above asks for.
/// * *Outputs* (`poll_*`, [`transport`](Self::transport), [`wants_input`](Self::wants_input)) are what
///   whoever drives it has to do.
///
/// Feedback that is left in the queue counts against [`Limits::undispatched`], and so does a message that is being put
/// together behind it; over it no more input is wanted.
///
/// No input panics or loops. What a connection holds is bounded by its [`Limits`], and by the last input: of what
/// that inflates to, a quarter of a mebibyte is taken at once, and the rest when it is
/// [asked](Self::holds_input) to go on.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Role};
/// use dom_websocket::protocol::{ConnectionOptions, Feedback, Wire};
/// use std::{sync::Arc, time::Instant};
///
/// let now = Instant::now();
/// let options = Arc::new(ConnectionOptions::default());
/// let mut server = Agreed::new(Wire::Hixie76, Role::Server).connect(&options, [0; 32], now);
/// // An input, what it says, and then what it wants.
/// server.handle_input(b"\x00hello\xff", now);
/// while let Some(feedback) = server.poll_feedback() {
///     if let Feedback::Text(text) = feedback {
///         assert_eq!(text, "hello");
///     }
/// }
/// assert!(server.wants_input());
/// ```
pub trait Protocol: Send {
    // Inputs

    /// The peer sent these bytes. Any split of a stream into calls gives the same feedback.
    fn handle_input(&mut self, bytes: &[u8], now: Instant);
    /// The peer ended its direction (FIN).
    fn handle_end_of_input(&mut self, now: Instant);
    /// The transport took the first `count` bytes of what [`poll_transmit`](Self::poll_transmit) showed.
    fn handle_transmitted(&mut self, count: usize, now: Instant);
    /// The transport has ended our direction, as [`Transport::Finishing`] asked: nothing that was handed to it is held
    /// back any more.
    fn handle_end_of_output(&mut self, _now: Instant) {}
    /// The transport is gone (reset, for one): nothing more comes in or goes out.
    fn handle_transport_failure(&mut self, error: TransportError) {
        self.fail(WireFailure::Transport(error));
    }
    /// Nothing is read now, because no input is wanted. Whoever does not say so may take a peer for silent
    /// that was not listened to ([`WireFailure::NoPong`]).
    fn handle_pause(&mut self, _now: Instant) {}
    /// The instant that [`poll_timeout`](Self::poll_timeout) named has come.
    fn handle_timeout(&mut self, now: Instant);
    /// The task of [`Feedback::Violated`] runs, so all before it have run.
    fn handle_tasks_done(&mut self, _now: Instant) {}
    /// Nothing has happened for some seconds: what only a busy connection needs goes back. To be called once, or
    /// as often as one likes; it is memory against time.
    fn handle_idleness(&mut self) {}

    // Mutators

    /// "Send data using the WebSocket". False if it can't be sent: the closing handshake has started, the
    /// connection is closed, the wire has no binary messages, or the queue is full, in which case the
    /// connection is closed now. The simplified wire has no messages: the bytes join those before.
    fn send(&mut self, data: Payload<'_>) -> bool;
    /// "Start the WebSocket closing handshake", with this code and reason where the protocol carries
    /// them. A reason without a code can't be expressed. A code that may not be on the wire (RFC 6455 section
    /// 7.4) is left out, with its reason, and a reason of over 123 bytes is cut.
    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant);
    /// Ends our direction, and not the peer's: as [`start_closing_handshake`](Self::start_closing_handshake), but what
    /// the peer still sends is wanted, and it has [`Timeouts::finished`] for each sign of life. A closing handshake
    /// that is started behind it takes that back: the peer's part has its own bound from then on. The bound is also
    /// that of what is queued, where the peer's end has come.
    fn finish(&mut self, close: Option<(u16, &str)>, now: Instant);
    /// How messages are told from now on.
    fn set_delivery(&mut self, delivery: Delivery);
    /// Whether our end of the closing handshake is held back when the peer's comes, from now on
    /// ([`ConnectionOptions::half_open`]).
    fn set_half_open(&mut self, half_open: bool);
    /// "Fail the WebSocket connection" over what is known on our side: it is closed without a
    /// handshake.
    fn fail(&mut self, cause: WireFailure);
    /// The object is gone, or its document is: ends the connection as the standard says, once what is
    /// queued has left. Nobody is left to hear the answer.
    fn abandon(&mut self, why: Abandoned, now: Instant);

    /// Gives the transport up to somebody else, who goes on with it, and with the bytes that came and were not told:
    /// it is released, and closed cleanly. To be asked where nothing waits to be sent. `None`: nothing changed, because
    /// our direction has ended, or because the wire has frames, which whoever came behind could not take for bytes.
    fn hand_over(&mut self) -> Option<Vec<u8>> {
        None
    }

    // Outputs

    /// The next occurrence, in order. [`Feedback::Closed`] is the last one and comes once.
    fn poll_feedback(&mut self) -> Option<Feedback>;
    /// How many occurrences [`poll_feedback`](Self::poll_feedback) would yield now.
    fn feedback_len(&self) -> usize;
    /// Whether the next of them is a message, or a part of one.
    fn is_message_next(&self) -> bool;
    /// The bytes to send next; how many of `slices` were filled.
    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize;
    /// When to call [`handle_timeout`](Self::handle_timeout), and what for: the first timer to run down.
    fn poll_timeout(&self) -> Option<(Timer, Instant)>;
    /// What to do with the transport.
    fn transport(&self) -> Transport;
    /// Whether to read from the transport. Where not, TCP slows the peer down.
    fn wants_input(&self) -> bool;
    /// Whether the last input has not been gone through: it comes to so much that others should have their turn
    /// first. Then, where input is wanted, call [`handle_input`](Self::handle_input) without bytes in place of reading.
    fn holds_input(&self) -> bool {
        false
    }

    /// How much to read at once. What one read brings is told before the next: so more than
    /// [`READ_SIZE`] is for the inside of a large message.
    fn read_size(&self) -> usize {
        READ_SIZE
    }

    // Getters

    /// Whether the connection has a transport still.
    fn is_established(&self) -> bool;
    /// It has one, and "the WebSocket closing handshake has not yet started".
    fn is_sending(&self) -> bool;
    /// Payload bytes that were queued and have not been handed to the transport, without framing.
    fn buffered_amount(&self) -> usize;
    /// Whether a message of this many bytes would find room in the queue ([`Limits::send_queue`]).
    fn has_room_for(&self, len: usize) -> bool;
    /// Whether a message of this many bytes should wait: what is queued, with it, is over [`Limits::high_water`].
    /// Where nothing is queued none has to.
    fn would_block(&self, len: usize) -> bool;
    /// Whether all that was queued has been handed to the transport, or never will be.
    fn is_flushed(&self) -> bool;
}

/// What to send.
///
/// What is shown for debugging is its kind and its length.
///
/// ```
/// use dom_websocket::protocol::Payload;
///
/// assert_eq!(Payload::Text("hi").bytes(), b"hi");
/// ```
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// A text message.
    Text(&'a str),
    /// A binary message.
    Binary(&'a [u8]),
}

impl<'a> Payload<'a> {
    /// Its bytes.
    ///
    /// ```
    /// use dom_websocket::protocol::Payload;
    ///
    /// assert_eq!(Payload::Binary(&[1, 2]).bytes(), [1, 2]);
    /// ```
    #[must_use]
    pub fn bytes(self) -> &'a [u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Binary(_) => "Binary",
        };
        let len = Withheld(self.bytes().len());
        f.debug_tuple(kind).field(&len).finish()
    }
}

/// Why nobody listens to a connection any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// The object was garbage collected.
    ByItsOwner,
    /// Its document has gone away.
    ByItsDocument,
}

/// What a connection wants of its transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Write what there is to send.
    Open,
    /// Write what is left, end our direction (FIN), and read on to the peer's end, so that nothing
    /// unread turns our close into a reset.
    Finishing,
    /// Close it now.
    Released,
}
