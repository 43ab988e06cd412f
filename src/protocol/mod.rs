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

mod abandoned;
mod account;
mod assembly;
#[cfg(test)]
mod bounds_tests;
mod burst;
mod closure;
mod connection;
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
mod payload;
mod resources;
mod rfc6455;
mod share;
mod simplified;
mod timer;
mod traffic;
mod transport;
pub(crate) mod url;
mod utf8;
mod wire;
mod withheld;

pub use abandoned::Abandoned;
pub use closure::Closure;
pub use connection::{LARGE_READ_SIZE, Protocol, READ_SIZE};
pub use failure::{HandshakeFault, TransportError, WireFailure};
pub use feedback::Feedback;
pub use limits::{Limits, Timeouts};
pub use options::{ActiveClose, ConnectionOptions, Delivery};
pub(crate) use output::MESSAGE_OVERHEAD;
pub use payload::Payload;
pub use resources::Resources;
pub(crate) use rfc6455::MAX_REASON;
pub use timer::Timer;
pub use transport::Transport;
pub use url::UrlComponents;
pub(crate) use utf8::floor_char_boundary;
pub use wire::Wire;
pub(crate) use withheld::Withheld;

use opening::Agreed;
use std::sync::Arc;
use std::time::Instant;

impl Agreed {
    /// The connection that begins with this agreement, at its first frame. Its first feedback is
    /// [`Feedback::Established`].
    ///
    /// `random` must not be predictable for a client of RFC 6455: its frames are masked by what is drawn from
    /// it (section 5.3, section 10.3). Clients that share [`Resources`] draw from one generator, which the first one's
    /// is the seed of. A server and the other wires have no use for it.
    ///
    /// ```
    /// use dom_websocket::protocol::opening::{Agreed, Role};
    /// use dom_websocket::protocol::{ConnectionOptions, Wire};
    /// use std::{sync::Arc, time::Instant};
    ///
    /// let options = Arc::new(ConnectionOptions::default());
    /// let agreed = Agreed::new(Wire::Hixie76, Role::Server);
    /// let server = agreed.connect(&options, [0; 32], Instant::now());
    /// assert!(server.is_sending());
    /// ```
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
