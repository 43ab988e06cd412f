//! HTTP/2 (RFC 9113) below connections: each of its streams is a [transport](super::Stream) (RFC 8441).
//!
//! The crate `h2` speaks it. A connection is a future that somebody polls, a client's or a server's; its streams are
//! polled by those who have them. All are of one thread.

mod carrier;
mod client;
mod flushes;
mod head;
mod options;
mod queue;
mod request;
mod server;
mod stream;
mod watch;

pub(crate) use client::{Http2Client, Lease, Refused};
#[cfg(fuzzing)]
pub(crate) use head::head_of;
pub use options::Http2Options;
pub(crate) use queue::Queue;
pub use request::Http2Request;
pub(crate) use server::{Http2Asked, Http2Server, PREFACE};
pub(crate) use stream::Http2Stream;

use std::io;

/// What became of a stream or a connection, as one of TCP would say it: a reset is RFC 6455's "reset" (RFC 8441 section 5).
fn io_error(error: h2::Error) -> io::Error {
    match error.is_io() {
        true => error
            .into_io()
            .unwrap_or_else(|| io::ErrorKind::ConnectionReset.into()),
        false => io::Error::new(io::ErrorKind::ConnectionReset, error),
    }
}
