//! How much a peer may ask of us, and how long it may take.

use crate::error::Fault;
use dom_websocket::{Compression, Limits, Timeouts};
use std::time::Duration;

/// A bound of one connection's memory, in bytes where not said otherwise.
#[repr(C)]
pub enum Limit {
    /// The head of a request or response. 16 KiB.
    Head = 0,
    /// The number of fields in it. 100.
    HeadFields = 1,
    /// One received message. 64 MiB; a server's 4 MiB.
    Message = 2,
    /// A frame of an unknown type that is skipped (draft 76). As a message.
    SkippedFrame = 3,
    /// What all connections together put together at once. 256 MiB; a server's 64 MiB.
    AllMessages = 4,
    /// What is read and thrown away of a peer that nothing is expected of any more. 4 MiB; a server's 1 MiB.
    Discarded = 5,
    /// What is queued to be sent: over it the connection is closed. 64 MiB; a server's 16 MiB.
    SendQueue = 6,
    /// Over this much in that queue there is no room, as `domws_socket_try_send_...` sees it. 1 MiB.
    HighWater = 7,
    /// Received and not yet dispatched: over it reading pauses. 1 MiB; a server's 256 KiB.
    Undispatched = 8,
    /// What all connections together have queued to be sent. 1 GiB; a server's 256 MiB.
    AllSendQueues = 9,
}

/// A wait on a peer, in milliseconds.
#[repr(C)]
pub enum Timeout {
    /// For reaching the peer and for the opening handshake. 30 s.
    OpeningHandshake = 0,
    /// From our part of the closing handshake to the peer's. 20 s.
    ClosingHandshake = 1,
    /// From `domws_socket_finish` to each sign of life. 60 s; can be for ever.
    Finished = 2,
    /// For the peer's end of TCP. 2 s.
    EndOfStream = 3,
    /// From the first bytes of a message to its last. For ever; a server's 60 s.
    Message = 4,
    /// How long a connection is idle before it is pinged. For ever.
    Ping = 5,
    /// From such a ping to anything from the peer. 20 s.
    Pong = 6,
    /// From `domws_socket_close`, `domws_socket_finish` or the last handle to the moment when all that was queued has left,
    /// however slowly the peer takes it: over it the rest is lost. 300 s; can be for ever.
    Linger = 7,
}

/// No bound, for the timeouts that can be for ever.
pub const FOREVER: i64 = -1;

pub(crate) fn set_limit(limits: &mut Limits, which: u32, value: usize) -> Result<(), Fault> {
    let limit = match which {
        w if w == Limit::Head as u32 => &mut limits.head,
        w if w == Limit::HeadFields as u32 => &mut limits.head_fields,
        w if w == Limit::Message as u32 => &mut limits.message,
        w if w == Limit::SkippedFrame as u32 => &mut limits.skipped_frame,
        w if w == Limit::AllMessages as u32 => &mut limits.all_messages,
        w if w == Limit::Discarded as u32 => &mut limits.discarded,
        w if w == Limit::SendQueue as u32 => &mut limits.send_queue,
        w if w == Limit::HighWater as u32 => &mut limits.high_water,
        w if w == Limit::Undispatched as u32 => &mut limits.undispatched,
        w if w == Limit::AllSendQueues as u32 => &mut limits.all_send_queues,
        _ => return Err(Fault::argument("there is no such limit")),
    };
    *limit = value;
    Ok(())
}

pub(crate) fn set_timeout(
    timeouts: &mut Timeouts,
    which: u32,
    milliseconds: i64,
) -> Result<(), Fault> {
    let duration = u64::try_from(milliseconds).ok().map(Duration::from_millis);
    if duration.is_none() && milliseconds != FOREVER {
        return Err(Fault::argument("there is no such time"));
    }
    let or_forever = match which {
        w if w == Timeout::Finished as u32 => Some(&mut timeouts.finished),
        w if w == Timeout::Message as u32 => Some(&mut timeouts.message),
        w if w == Timeout::Ping as u32 => Some(&mut timeouts.ping),
        w if w == Timeout::Linger as u32 => Some(&mut timeouts.linger),
        _ => None,
    };
    if let Some(timeout) = or_forever {
        *timeout = duration;
        return Ok(());
    }
    let timeout = match which {
        w if w == Timeout::OpeningHandshake as u32 => &mut timeouts.opening_handshake,
        w if w == Timeout::ClosingHandshake as u32 => &mut timeouts.closing_handshake,
        w if w == Timeout::EndOfStream as u32 => &mut timeouts.end_of_stream,
        w if w == Timeout::Pong as u32 => &mut timeouts.pong,
        _ => return Err(Fault::argument("there is no such timeout")),
    };
    *timeout = duration.ok_or_else(|| Fault::argument("this one can't be for ever"))?;
    Ok(())
}

/// How permessage-deflate is offered, or agreed to. Fill it by `domws_compression_defaults`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CompressionOptions {
    /// How hard to try, from 0, not at all, to 9.
    pub level: u8,
    /// The window of what this end sends, in bits, from 9 to 15.
    pub window_bits: u8,
    /// Whether this end refers to messages that it sent before.
    pub context_takeover: bool,
    /// The window that the peer is asked to keep to, in bits, from 9 to 15.
    pub peer_window_bits: u8,
    /// Whether the peer may refer to messages that it sent before.
    pub peer_context_takeover: bool,
}

/// What is offered where nothing else is said. Thread: any.
#[unsafe(no_mangle)]
pub extern "C" fn domws_compression_defaults() -> CompressionOptions {
    let Compression {
        level,
        window_bits,
        context_takeover,
        peer_window_bits,
        peer_context_takeover,
    } = Compression::default();
    CompressionOptions {
        level,
        window_bits,
        context_takeover,
        peer_window_bits,
        peer_context_takeover,
    }
}

impl From<CompressionOptions> for Compression {
    fn from(options: CompressionOptions) -> Self {
        let CompressionOptions {
            level,
            window_bits,
            context_takeover,
            peer_window_bits,
            peer_context_takeover,
        } = options;
        Self {
            level,
            window_bits,
            context_takeover,
            peer_window_bits,
            peer_context_takeover,
        }
    }
}
