//! What is to be spoken over TLS (RFC 7301).

/// What a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alpn {
    /// As browsers say it for `wss:`: who speaks HTTP/2 too must not choose that.
    Http1,
    /// HTTP/2, or else HTTP/1.1.
    #[cfg(feature = "http2")]
    Either,
    #[cfg(feature = "http2")]
    Http2,
}
