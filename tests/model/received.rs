//! What a client makes of a server's bytes.

/// One occurrence on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    /// A Close frame of RFC 6455, or draft 76's FF 00.
    Close {
        code: Option<u16>,
        reason: String,
    },
    /// Draft 76: a frame of an unknown type.
    Unknown,
    /// RFC 6455: what fails the connection, with the code to tell the server.
    Violation(u16),
    /// Draft 76: content that is too large to be handled.
    TooLarge,
}
