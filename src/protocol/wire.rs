//! The wire protocols.

/// A wire protocol: what two peers speak once a TCP connection is there.
///
/// ```
/// use dom_websocket::protocol::Wire;
/// use dom_websocket::protocol::opening::ClientRequest;
///
/// // Its URL has a host and a port alone.
/// assert!(ClientRequest::new(Wire::Simplified, "ws://example.com/chat").is_none());
/// assert!(ClientRequest::new(Wire::Hixie76, "ws://example.com/chat").is_some());
/// ```
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
