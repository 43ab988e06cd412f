//! The end of whoever had a connection.

/// Why nobody listens to a connection any more.
///
/// ```
/// use dom_websocket::protocol::opening::{Agreed, Role};
/// use dom_websocket::protocol::{Abandoned, ConnectionOptions, Wire};
/// use std::{io::IoSlice, sync::Arc, time::Instant};
///
/// let now = Instant::now();
/// let options = Arc::new(ConnectionOptions::default());
/// let mut server = Agreed::new(Wire::Rfc6455, Role::Server).connect(&options, [0; 32], now);
/// server.abandon(Abandoned::ByItsDocument, now);
/// // A Close frame that says 1001, going away.
/// let mut slices = [IoSlice::new(&[]); 8];
/// let filled = server.poll_transmit(&mut slices);
/// assert!(slices[..filled].iter().flat_map(|slice| slice.iter()).eq(b"\x88\x02\x03\xe9"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Abandoned {
    /// The object was garbage collected.
    ByItsOwner,
    /// Its document has gone away.
    ByItsDocument,
}
