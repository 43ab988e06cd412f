//! How much an HTTP/2 connection takes upon itself.

use std::time::Duration;

/// How HTTP/2 connections behave, those of a [`UserAgent`](crate::UserAgent) and of a [`Server`](crate::Server).
///
/// What one connection can have us hold is at most [`streams`](Self::streams) times [`window`](Self::window) bytes that nobody has
/// read yet, as much again for the room they lie in, a head ([`Limits::head`](crate::Limits::head)) for each stream whose handshake is under way,
/// and three mebibytes for frames that hold next to nothing. A server counts twice as many streams: those as well that the client has
/// reset, and that nobody has looked at since.
///
/// ```
/// use dom_websocket::Http2Options;
///
/// let mut options = Http2Options::default();
/// options.streams = 100;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Http2Options {
    /// How many sockets may share a connection: a server refuses more, a user agent opens another connection for them, and takes 0
    /// for 1. 1,000 if nothing else is said.
    pub streams: u32,
    /// How many bytes the peer may send on a stream ahead of who reads it; 256 KiB if nothing else is said, and less than
    /// 2 GiB in any case. It bounds what one socket receives in a round trip.
    pub window: u32,
    /// How many connections to one origin a user agent has at once; 8 if nothing else is said. Further sockets wait until there is
    /// room, 16,384 of them at the most, for as long as their opening handshakes may take.
    pub connections: usize,
    /// How long a connection without streams is kept for others: 60 seconds if nothing else is said. With 0 it ends with its last
    /// stream. A server waits for the first one no less than [`Timeouts::opening_handshake`](crate::Timeouts::opening_handshake).
    pub idle: Duration,
    /// After how long a silence the peer is asked whether it is there, by a PING, where there are streams; 60 seconds if
    /// nothing else is said. `None`: never. A user agent asks, in any case, before it opens a stream on a connection that has
    /// been silent for ten seconds.
    pub ping: Option<Duration>,
    /// How long the answer to a PING may take, before the connection is given up: 10 seconds if nothing else is said.
    pub pong: Duration,
}

impl Default for Http2Options {
    fn default() -> Self {
        Self {
            streams: 1000,
            window: 256 * 1024,
            connections: 8,
            idle: Duration::from_secs(60),
            ping: Some(Duration::from_secs(60)),
            pong: Duration::from_secs(10),
        }
    }
}

/// What frames may cost beyond what they hold. They do so for a round or two, however small, and a round has few of them: who does
/// not read them keeps what they held in one piece. And `h2` goes on counting those of streams that were reset, for as long as there is the connection.
pub(super) const SMALL_FRAMES: usize = usize::MAX;

/// Half of what RFC 9113 section 6.5.2 would have of streams at least.
const LEAST_REMEMBERED: usize = 50;

/// RFC 9113 section 6.9.1.
const MAX_WINDOW: u32 = (1 << 31) - 1;

impl Http2Options {
    /// RFC 9113 section 6.5.2.
    pub(super) fn stream_window(&self) -> u32 {
        self.window.clamp(1, MAX_WINDOW)
    }

    /// How many streams that were reset are remembered, and how long: what the peer had sent before it heard of that is no fault of its
    /// own (RFC 9113 section 5.1), and too many faults end the connection.
    pub(super) fn remembered(&self) -> (usize, Duration) {
        let streams = usize::try_from(self.streams).unwrap_or(usize::MAX);
        (streams.max(LEAST_REMEMBERED), self.pong)
    }

    /// So large that streams which nobody reads take nothing from the others: twice what they hold, for what was read is told to the
    /// peer only when it is half of what the peer has left.
    pub(super) fn connection_window(&self) -> u32 {
        self.stream_window()
            .saturating_mul(self.streams)
            .saturating_mul(2)
            // What a connection has from its beginning.
            .clamp(65_535, MAX_WINDOW)
    }
}
