//! A connection's protocol, whichever wire it is of.

use super::{
    Abandoned, Delivery, Feedback, Payload, Timer, Transport, TransportError, WireFailure,
};
use std::io::IoSlice;
use std::time::Instant;

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
/// Feedback that is left in the queue counts against [`Limits::undispatched`](super::Limits::undispatched), and so does a message that is being put
/// together behind it; over it no more input is wanted.
///
/// No input panics or loops. What a connection holds is bounded by its [`Limits`](super::Limits), and by the last input: of what
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
///
/// In the examples of the methods a `client` or a `server` is such a connection, of RFC 6455 or of the simplified wire, and the
/// zeros in a client's frames are its masking key.
pub trait Protocol: Send {
    // Inputs

    /// The peer sent these bytes. Any split of a stream into calls gives the same feedback.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // The frame of a text, masked, in any pieces.
    /// for byte in *b"\x81\x82\0\0\0\0hi" {
    ///     server.handle_input(&[byte], now);
    /// }
    /// # server.poll_feedback();
    /// assert_eq!(server.poll_feedback(), Some(Feedback::Text("hi".into())));
    /// ```
    fn handle_input(&mut self, bytes: &[u8], now: Instant);
    /// The peer ended its direction (FIN).
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // Ahead of it there was no Close frame.
    /// server.handle_end_of_input(now);
    /// # server.poll_feedback();
    /// assert_eq!(server.poll_feedback(), Some(Feedback::PeerEnded));
    /// assert!(matches!(server.poll_feedback(), Some(Feedback::Closed(closure)) if !closure.cleanly));
    /// ```
    fn handle_end_of_input(&mut self, now: Instant);
    /// The transport took the first `count` bytes of what [`poll_transmit`](Self::poll_transmit) showed.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Rfc6455, Role::Client).connect(&options, [1; 32], now);
    /// client.send(Payload::Text("hello"));
    /// // The head of the frame is six bytes, the masking key among them.
    /// client.handle_transmitted(9, now);
    /// assert_eq!(client.buffered_amount(), 2);
    /// ```
    fn handle_transmitted(&mut self, count: usize, now: Instant);
    /// The transport has ended our direction, as [`Transport::Finishing`] asked: nothing that was handed to it is held
    /// back any more.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Simplified, Role::Client).connect(&options, [1; 32], now);
    /// client.finish(None, now);
    /// assert_eq!(client.transport(), Transport::Finishing);
    /// client.handle_end_of_output(now);
    /// client.handle_end_of_input(now);
    /// assert_eq!(client.transport(), Transport::Released);
    /// ```
    fn handle_end_of_output(&mut self, _now: Instant) {}
    /// The transport is gone (reset, for one): nothing more comes in or goes out.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Rfc6455, Role::Client).connect(&options, [1; 32], now);
    /// use std::io::ErrorKind;
    ///
    /// client.handle_transport_failure(ErrorKind::ConnectionReset.into());
    /// assert_eq!(client.transport(), Transport::Released);
    /// assert!(!client.send(Payload::Text("too late")));
    /// ```
    fn handle_transport_failure(&mut self, error: TransportError) {
        self.fail(WireFailure::Transport(error));
    }
    /// Nothing is read now, because no input is wanted. Whoever does not say so may take a peer for silent
    /// that was not listened to ([`WireFailure::NoPong`]).
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// use std::time::Duration;
    ///
    /// let timeouts = Timeouts { ping: Some(Duration::from_secs(60)), ..Default::default() };
    /// let options = std::sync::Arc::new(ConnectionOptions { timeouts, ..Default::default() });
    /// # let now = std::time::Instant::now();
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // The server was busy, and did not read.
    /// let later = now + Duration::from_secs(50);
    /// server.handle_pause(later);
    /// server.handle_timeout(now + Duration::from_secs(60));
    /// assert!(server.is_flushed(), "the client is not asked for a sign of life");
    /// ```
    fn handle_pause(&mut self, _now: Instant) {}
    /// The instant that [`poll_timeout`](Self::poll_timeout) named has come.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// use std::time::Duration;
    ///
    /// let timeouts = Timeouts { ping: Some(Duration::from_secs(60)), ..Default::default() };
    /// let options = std::sync::Arc::new(ConnectionOptions { timeouts, ..Default::default() });
    /// # let now = std::time::Instant::now();
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // Whoever was silent for a minute is asked by a Ping.
    /// let Some((Timer::Silence, at)) = server.poll_timeout() else { unreachable!() };
    /// server.handle_timeout(at);
    /// assert!(!server.is_flushed());
    /// ```
    fn handle_timeout(&mut self, now: Instant);
    /// The task of [`Feedback::Violated`] runs, so all before it have run.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // A client masks its frames.
    /// server.handle_input(b"\x81\x02hi", now);
    /// # server.poll_feedback();
    /// assert_eq!(server.poll_feedback(), Some(Feedback::Violated));
    /// // What came before may have been answered meanwhile.
    /// server.handle_tasks_done(now);
    /// assert!(!server.is_sending());
    /// ```
    fn handle_tasks_done(&mut self, _now: Instant) {}
    /// Nothing has happened for some seconds: what only a busy connection needs goes back. To be called once, or
    /// as often as one likes; it is memory against time.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.handle_idleness();
    /// // It is the same connection.
    /// assert!(server.send(Payload::Text("hi")));
    /// ```
    fn handle_idleness(&mut self) {}

    // Mutators

    /// "Send data using the WebSocket". False if it can't be sent: the closing handshake has started, the
    /// connection is closed, the wire has no binary messages, or the queue is full, in which case the
    /// connection is closed now. The simplified wire has no messages: the bytes join those before.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// assert!(server.send(Payload::Text("hello")));
    /// server.start_closing_handshake(None, now);
    /// assert!(!server.send(Payload::Text("too late")));
    /// ```
    fn send(&mut self, data: Payload<'_>) -> bool;
    /// "Start the WebSocket closing handshake", with this code and reason where the protocol carries
    /// them. A reason without a code can't be expressed. A code that may not be on the wire (RFC 6455 section
    /// 7.4) is left out, with its reason, and a reason of over 123 bytes is cut.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.start_closing_handshake(Some((1000, "done")), now);
    /// # let mut slices = [std::io::IoSlice::new(&[]); 8];
    /// let filled = server.poll_transmit(&mut slices);
    /// assert!(slices[..filled].iter().flat_map(|slice| slice.iter()).eq(b"\x88\x06\x03\xe8done"));
    /// ```
    fn start_closing_handshake(&mut self, close: Option<(u16, &str)>, now: Instant);
    /// Ends our direction, and not the peer's: as [`start_closing_handshake`](Self::start_closing_handshake), but what
    /// the peer still sends is wanted, and it has [`Timeouts::finished`](super::Timeouts::finished) for each sign of life. A closing handshake
    /// that is started behind it takes that back: the peer's part has its own bound from then on. The bound is also
    /// that of what is queued, where the peer's end has come.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.finish(None, now);
    /// // A client has much to say still.
    /// server.handle_input(b"\x81\x82\0\0\0\0hi", now);
    /// # (0..2).for_each(|_| drop(server.poll_feedback()));
    /// assert_eq!(server.poll_feedback(), Some(Feedback::Text("hi".into())));
    /// ```
    fn finish(&mut self, close: Option<(u16, &str)>, now: Instant);
    /// How messages are told from now on.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.set_delivery(Delivery::Bytes);
    /// // Two bytes of five.
    /// server.handle_input(b"\x81\x85\0\0\0\0he", now);
    /// # server.poll_feedback();
    /// assert_eq!(server.poll_feedback(), Some(Feedback::TextPart("he".into())));
    /// ```
    fn set_delivery(&mut self, delivery: Delivery);
    /// Whether our end of the closing handshake is held back when the peer's comes, from now on
    /// ([`ConnectionOptions::half_open`](super::ConnectionOptions::half_open)).
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.set_half_open(true);
    /// // The client's Close.
    /// server.handle_input(b"\x88\x80\0\0\0\0", now);
    /// assert!(server.send(Payload::Text("one thing more")));
    /// ```
    fn set_half_open(&mut self, half_open: bool);
    /// "Fail the WebSocket connection" over what is known on our side: it is closed without a
    /// handshake.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Rfc6455, Role::Client).connect(&options, [1; 32], now);
    /// client.fail(WireFailure::Cancelled);
    /// # client.poll_feedback();
    /// let Some(Feedback::Closed(closure)) = client.poll_feedback() else { unreachable!() };
    /// assert_eq!((closure.cleanly, closure.code), (false, 1006));
    /// ```
    fn fail(&mut self, cause: WireFailure);
    /// The object is gone, or its document is: ends the connection as the standard says, once what is
    /// queued has left. Nobody is left to hear the answer.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Rfc6455, Role::Client).connect(&options, [1; 32], now);
    /// client.abandon(Abandoned::ByItsOwner, now);
    /// // A Close frame is to leave.
    /// assert!(!client.is_sending() && !client.is_flushed());
    /// ```
    fn abandon(&mut self, why: Abandoned, now: Instant);

    /// Gives the transport up to somebody else, who goes on with it, and with the bytes that came and were not told:
    /// it is released, and closed cleanly. `None`: nothing changed, because something waits to be sent, our direction has
    /// ended, or the wire has frames, which whoever came behind could not take for bytes.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut client = Agreed::new(Wire::Simplified, Role::Client).connect(&options, [1; 32], now);
    /// client.handle_input(b"and what came", now);
    /// assert_eq!(client.hand_over(), Some(b"and what came".to_vec()));
    /// assert_eq!(client.transport(), Transport::Released);
    /// ```
    fn hand_over(&mut self) -> Option<Vec<u8>> {
        None
    }

    // Outputs

    /// The next occurrence, in order. [`Feedback::Closed`] is the last one and comes once.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.handle_input(b"\x81\x82\0\0\0\0hi", now);
    /// assert!(matches!(server.poll_feedback(), Some(Feedback::Established { .. })));
    /// assert_eq!(server.poll_feedback(), Some(Feedback::Text("hi".into())));
    /// assert_eq!(server.poll_feedback(), None);
    /// ```
    fn poll_feedback(&mut self) -> Option<Feedback>;
    /// How many occurrences [`poll_feedback`](Self::poll_feedback) would yield now.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// // That it is established.
    /// assert_eq!(server.feedback_len(), 1);
    /// ```
    fn feedback_len(&self) -> usize;
    /// Whether the next of them is a message, or a part of one.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.handle_input(b"\x81\x82\0\0\0\0hi", now);
    /// assert!(!server.is_message_next(), "it is established first");
    /// server.poll_feedback();
    /// assert!(server.is_message_next());
    /// ```
    fn is_message_next(&self) -> bool;
    /// The bytes to send next; how many of `slices` were filled.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// use std::io::IoSlice;
    ///
    /// server.send(Payload::Text("hi"));
    /// let mut slices = [IoSlice::new(&[]); 8];
    /// let filled = server.poll_transmit(&mut slices);
    /// assert!(slices[..filled].iter().flat_map(|slice| slice.iter()).eq(b"\x81\x02hi"));
    /// ```
    fn poll_transmit<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize;
    /// When to call [`handle_timeout`](Self::handle_timeout), and what for: the first timer to run down. It may have been put
    /// off since, by a sign of life: then that call does nothing but move it.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// assert_eq!(server.poll_timeout(), None);
    /// server.start_closing_handshake(None, now);
    /// let bound = Timeouts::default().closing_handshake;
    /// assert_eq!(server.poll_timeout(), Some((Timer::ClosingHandshake, now + bound)));
    /// ```
    fn poll_timeout(&self) -> Option<(Timer, Instant)>;
    /// What to do with the transport.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// assert_eq!(server.transport(), Transport::Open);
    /// server.fail(WireFailure::Cancelled);
    /// assert_eq!(server.transport(), Transport::Released);
    /// ```
    fn transport(&self) -> Transport;
    /// Whether to read from the transport. Where not, TCP slows the peer down.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// let message = [&b"\x82\xff\0\0\0\0\0\x20\0\0\0\0\0\0"[..], &[0; 2 << 20]].concat();
    /// server.handle_input(&message, now);
    /// // Two mebibytes, which nobody has taken.
    /// assert!(!server.wants_input());
    /// while server.poll_feedback().is_some() {}
    /// assert!(server.wants_input());
    /// ```
    fn wants_input(&self) -> bool;
    /// Whether the last input has not been gone through: it comes to so much that others should have their turn
    /// first. Then, where input is wanted, call [`handle_input`](Self::handle_input) without bytes in place of reading.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// let extensions = Extensions::from_offers(["permessage-deflate"], Some(Compression::default()));
    /// let [mut client, mut server] = [Role::Client, Role::Server].map(|role| {
    ///     let extensions = extensions.clone().expect("an offer");
    ///     Agreed { extensions, ..Agreed::new(Wire::Rfc6455, role) }.connect(&options, [1; 32], now)
    /// });
    /// // Half a kilobyte or so, which inflates to half a mebibyte.
    /// client.send(Payload::Binary(&[0; 1 << 19]));
    /// # let mut slices = [std::io::IoSlice::new(&[]); 8];
    /// # let filled = client.poll_transmit(&mut slices);
    /// # let bytes: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
    /// server.handle_input(&bytes, now);
    /// assert_eq!(server.feedback_len(), 1);
    /// while server.holds_input() && server.wants_input() {
    ///     server.handle_input(&[], now);
    /// }
    /// assert_eq!(server.feedback_len(), 2);
    /// ```
    fn holds_input(&self) -> bool {
        false
    }

    /// How much to read at once. What one read brings is told before the next: so more than
    /// [`READ_SIZE`] is for the inside of a large message.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// assert_eq!(server.read_size(), READ_SIZE);
    /// // The head of a message of sixteen mebibytes.
    /// server.handle_input(b"\x82\xff\0\0\0\0\x01\0\0\0\0\0\0\0", now);
    /// assert_eq!(server.read_size(), LARGE_READ_SIZE);
    /// ```
    fn read_size(&self) -> usize {
        READ_SIZE
    }

    // Getters

    /// Whether the connection has a transport still.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.start_closing_handshake(None, now);
    /// assert!(server.is_established());
    /// server.fail(WireFailure::Cancelled);
    /// assert!(!server.is_established());
    /// ```
    fn is_established(&self) -> bool;
    /// It has one, and "the WebSocket closing handshake has not yet started".
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// assert!(server.is_sending());
    /// server.start_closing_handshake(None, now);
    /// assert!(!server.is_sending());
    /// ```
    fn is_sending(&self) -> bool;
    /// Payload bytes that were queued and have not been handed to the transport, without framing.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.send(Payload::Text("naïve"));
    /// assert_eq!(server.buffered_amount(), 6);
    /// ```
    fn buffered_amount(&self) -> usize;
    /// Whether a message of this many bytes would find room in the queue ([`Limits::send_queue`](super::Limits::send_queue),
    /// [`Limits::all_send_queues`](super::Limits::all_send_queues)).
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// let most = Limits::default().send_queue;
    /// assert!(server.has_room_for(1));
    /// assert!(!server.has_room_for(most + 1));
    /// ```
    fn has_room_for(&self, len: usize) -> bool;
    /// Whether a message of this many bytes should wait: what is queued, with it, is over [`Limits::high_water`](super::Limits::high_water),
    /// or all have too much queued. Where nothing is queued none has to.
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// let much = vec![0; Limits::default().high_water];
    /// assert!(!server.would_block(much.len() + 1), "nothing is queued");
    /// server.send(Payload::Binary(&much));
    /// assert!(server.would_block(1));
    /// ```
    fn would_block(&self, len: usize) -> bool;
    /// Whether all that was queued has been handed to the transport, or never will be. In the simplified wire the end of our
    /// direction is part of that ([`handle_end_of_output`](Self::handle_end_of_output)).
    ///
    /// ```
    /// # use dom_websocket::protocol::{opening::*, *};
    /// # let (options, now) = (std::sync::Arc::default(), std::time::Instant::now());
    /// # let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [1; 32], now);
    /// server.send(Payload::Text("hi"));
    /// assert!(!server.is_flushed());
    /// server.handle_transmitted(4, now);
    /// assert!(server.is_flushed());
    /// ```
    fn is_flushed(&self) -> bool;
}
