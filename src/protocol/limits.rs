//! How much a peer may ask of us, and how long it may take.

use std::time::Duration;

/// How much memory and patience one connection may cost, in bytes where not said otherwise.
///
/// ```
/// let limits = dom_websocket::Limits { message: 1024 * 1024, ..Default::default() };
/// assert_eq!(limits.head, 16 * 1024);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The head of a request or response, with all its fields. Over it the handshake fails. Default: 16 KiB.
    pub head: usize,
    /// The number of fields in such a head. Over it the handshake fails. Default: 100.
    pub head_fields: usize,
    /// One received message: a text as it is dispatched, in UTF-8 (draft 76 has what is none replaced, which may be
    /// longer). Over it the connection is closed. Default: 64 MiB.
    pub message: usize,
    /// A frame of an unknown type that is skipped (draft 76). Over it the connection is closed. Default: 64 MiB.
    pub skipped_frame: usize,
    /// What all connections of one server, or of one user agent, put together at once, but for 64 KiB each. Over it the
    /// connection whose message would need more is closed. Default: 256 MiB.
    pub all_messages: usize,
    /// What is read and thrown away of a peer that nothing is expected of any more: the connection is closed, or it
    /// has broken the protocol, or it was turned away. Over it nothing is read until the time for its
    /// end is over ([`Timeouts::end_of_stream`]). Default: 4 MiB.
    pub discarded: usize,
    /// What `send()` has queued and the network not yet taken: payload, framing, and some bytes of
    /// accounts for each message. Over it the connection is closed, as the text demands. Default:
    /// 64 MiB.
    pub send_queue: usize,
    /// What waits so in the queues of all connections of one server, or of one user agent, but for 64 KiB each. Over it the
    /// connection that is given more is closed. Default: 1 GiB.
    pub all_send_queues: usize,
    /// Over this much in that queue there is no room for more, as [`try_send`](crate::WebSocket::try_send), streams and
    /// [`room_for`](crate::WebSocket::room_for) see it; `send()` takes it still. A message that is longer is taken
    /// where the queue is empty. Default: 1 MiB.
    pub high_water: usize,
    /// Received and not yet dispatched, a message whose end has not come included where others are ahead of it. Over
    /// it reading pauses, and TCP slows the peer down. Default: 1 MiB.
    pub undispatched: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 16 * 1024,
            head_fields: 100,
            message: 64 * 1024 * 1024,
            skipped_frame: 64 * 1024 * 1024,
            all_messages: 256 * 1024 * 1024,
            discarded: 4 * 1024 * 1024,
            send_queue: 64 * 1024 * 1024,
            all_send_queues: 1024 * 1024 * 1024,
            high_water: 1024 * 1024,
            undispatched: 1024 * 1024,
        }
    }
}

impl Limits {
    /// A server's defaults. It has many clients, and trusts none of them: a message of 4 MiB and 64 MiB for all
    /// together, 16 MiB to be sent and 256 MiB by all together, 256 KiB undispatched, 1 MiB discarded, frames of up to 4 MiB that are skipped.
    ///
    /// ```
    /// use dom_websocket::Limits;
    ///
    /// let limits = Limits { message: 64 * 1024, ..Limits::of_server() };
    /// assert!(limits.undispatched < Limits::default().undispatched);
    /// ```
    #[must_use]
    pub fn of_server() -> Self {
        Self {
            message: 4 * 1024 * 1024,
            skipped_frame: 4 * 1024 * 1024,
            all_messages: 64 * 1024 * 1024,
            discarded: 1024 * 1024,
            send_queue: 16 * 1024 * 1024,
            all_send_queues: 256 * 1024 * 1024,
            undispatched: 256 * 1024,
            ..Self::default()
        }
    }
}

/// How long each wait on a peer lasts at the most.
///
/// ```
/// use dom_websocket::Timeouts;
/// use std::time::Duration;
///
/// let timeouts = Timeouts { ping: Some(Duration::from_secs(60)), ..Default::default() };
/// assert_eq!(timeouts.opening_handshake, Duration::from_secs(30));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For reaching the peer and for the opening handshake. The wait for other connections to the same
    /// address does not count. Default: 30 s.
    pub opening_handshake: Duration,
    /// From our part of the closing handshake to the peer's. Our part leaves behind what is queued: as long as the peer
    /// takes of that, its time begins anew with each byte, within [`linger`](Self::linger). Default: 20 s.
    pub closing_handshake: Duration,
    /// From [`close()`](crate::WebSocket::close), [`finish`](crate::WebSocket::finish) or the end of the object to the
    /// moment when all that was queued has left, however slowly the peer takes it. Over it the connection is lost, with
    /// what is left. `None`: for ever. Default: 5 min, in which 64 MiB leave at 1.8 Mbit/s.
    pub linger: Option<Duration>,
    /// From our end of a connection ([`finish`](crate::WebSocket::finish)), or any sign of life of the peer behind it, to
    /// the next: something that it sends, while its own end is still to come, or takes of what is queued, within
    /// [`linger`](Self::linger). `None`: for ever. Default: 60 s.
    pub finished: Option<Duration>,
    /// For the peer's end of TCP, after the closing handshake, or after a client that is turned away has been
    /// told so; and for the tasks of what a peer did right before it broke the protocol. A client's `close` event waits for it in
    /// RFC 6455, where the server ends TCP first, and does not in draft 76. Default: 2 s.
    pub end_of_stream: Duration,
    /// From the first bytes of a message to its last, as long as it is listened to; where it is told in parts there is no
    /// bound. Over it the connection fails. Default: `None`, for ever.
    pub message: Option<Duration>,
    /// How long a connection is idle before the peer is asked, by a Ping, whether it is there. Default:
    /// `None`, for ever. RFC 6455 only: in draft 76 whatever were sent would reach the peer's script.
    pub ping: Option<Duration>,
    /// From such a Ping to anything at all from the peer; otherwise the connection fails. Default: 20 s.
    pub pong: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            opening_handshake: Duration::from_secs(30),
            closing_handshake: Duration::from_secs(20),
            linger: Some(Duration::from_secs(300)),
            finished: Some(Duration::from_secs(60)),
            end_of_stream: Duration::from_secs(2),
            message: None,
            ping: None,
            pong: Duration::from_secs(20),
        }
    }
}

impl Timeouts {
    /// A server's defaults: a message has a minute to arrive.
    ///
    /// ```
    /// use dom_websocket::Timeouts;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Timeouts::of_server().message, Some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn of_server() -> Self {
        Self {
            message: Some(Duration::from_secs(60)),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    /// It trusts its clients with less than a client does its server, and with as much in nothing but what a head may be, and
    /// what leaves for the network.
    #[test]
    fn a_servers_bounds_are_those_that_it_names() {
        let expected = Limits {
            head: 16 * 1024,
            head_fields: 100,
            message: 4 * MIB,
            skipped_frame: 4 * MIB,
            all_messages: 64 * MIB,
            discarded: MIB,
            send_queue: 16 * MIB,
            all_send_queues: 256 * MIB,
            high_water: MIB,
            undispatched: MIB / 4,
        };
        assert_eq!(Limits::of_server(), expected);
        let expected = Timeouts {
            message: Some(Duration::from_secs(60)),
            ..Timeouts::default()
        };
        assert_eq!(Timeouts::of_server(), expected);
    }

    /// Each is written on its field.
    #[test]
    fn the_bounds_are_those_that_they_name() {
        let expected = Limits {
            head: 16 * 1024,
            head_fields: 100,
            message: 64 * MIB,
            skipped_frame: 64 * MIB,
            all_messages: 256 * MIB,
            discarded: 4 * MIB,
            send_queue: 64 * MIB,
            all_send_queues: 1024 * MIB,
            high_water: MIB,
            undispatched: MIB,
        };
        assert_eq!(Limits::default(), expected);
    }
}
