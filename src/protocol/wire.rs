//! The wire protocols.

/// A wire protocol: what two peers speak once a TCP connection is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wire {
    /// RFC 6455, with permessage-deflate (RFC 7692).
    Rfc6455,
    /// draft-hixie-thewebsocketprotocol-76.
    Hixie76,
    /// "Simplified WebSockets": a bare Upgrade of HTTP/1.1, then unframed bytes both ways, either of which ends
    /// by itself. It is of no edition, and has no messages.
    Simplified,
}
