//! Sockets over HTTP/2 (RFC 8441): whether, and over which connection.

mod exchange;
mod lent;
mod origin;
mod pool;

pub(super) use exchange::Http2Reply;
pub use lent::Http2Exchange;
pub(super) use lent::{Lender, lender};
pub(super) use pool::Pool;

use crate::net::Alpn;
use crate::protocol::{ActiveClose, ConnectionOptions};
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Whether a user agent opens its sockets over HTTP/2, where several share a connection.
///
/// It is about today's edition: draft 76 knows HTTP/1.1 alone. Cookies, credentials, redirects, subprotocols, compression and
/// what observers hear are the same either way.
///
/// Clause: [RFC 8441](https://www.rfc-editor.org/rfc/rfc8441).
///
/// ```
/// use dom_websocket::{Http2, UserAgent};
///
/// let user_agent = UserAgent::builder().http2(Http2::Prefer).build();
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Http2 {
    /// Each socket has a connection of its own, by HTTP/1.1: so do browsers where they have no connection to the server yet.
    #[default]
    Off,
    /// For `wss:` the server chooses, by ALPN. One that chooses HTTP/2 and does not say that it takes WebSockets over it
    /// (`SETTINGS_ENABLE_CONNECT_PROTOCOL`) gets connections by HTTP/1.1, then and later. `ws:` is as with `Off`.
    Prefer,
    /// HTTP/2 and nothing else, for `wss:` and for `ws:`, where nothing negotiates it (RFC 9113 section 3.3): for servers that are
    /// known to speak it, in tests and service meshes. One that does not fails the connection.
    PriorKnowledge,
}

/// None of the names of an [`Http2`].
///
/// ```
/// use dom_websocket::{Http2, UnknownHttp2};
///
/// assert!(matches!("always".parse::<Http2>(), Err(UnknownHttp2 { .. })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownHttp2;

impl fmt::Display for UnknownHttp2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is off, prefer or prior-knowledge")
    }
}

impl Error for UnknownHttp2 {}

/// As a command line has it: `off`, `prefer` or `prior-knowledge`.
impl FromStr for Http2 {
    type Err = UnknownHttp2;

    fn from_str(name: &str) -> Result<Self, UnknownHttp2> {
        match name {
            "off" => Ok(Self::Off),
            "prefer" => Ok(Self::Prefer),
            "prior-knowledge" => Ok(Self::PriorKnowledge),
            _ => Err(UnknownHttp2),
        }
    }
}

/// What a user agent's connections are where they are streams: one that is ended keeps nothing in TIME_WAIT, which RFC 6455 section
/// 7.1.1 has servers take upon themselves. So whoever is done ends it, and does not wait for servers that never do.
pub(super) fn connection(options: &Arc<ConnectionOptions>) -> Arc<ConnectionOptions> {
    match options.active_close {
        ActiveClose::Standard => Arc::new(ConnectionOptions {
            active_close: ActiveClose::Ours,
            ..(**options).clone()
        }),
        _ => options.clone(),
    }
}

impl Http2 {
    /// What is offered to a server, if HTTP/2 is.
    fn alpn(self, secure: bool) -> Option<Alpn> {
        match (self, secure) {
            (Self::Off, _) | (Self::Prefer, false) => None,
            (Self::Prefer, true) => Some(Alpn::Either),
            (Self::PriorKnowledge, _) => Some(Alpn::Http2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_done_ends_a_stream_unless_it_was_told_otherwise() {
        let of = |active_close| {
            let options = ConnectionOptions {
                active_close,
                half_open: true,
                ..ConnectionOptions::default()
            };
            let options = connection(&Arc::new(options));
            assert!(options.half_open, "the rest is as it was");
            options.active_close
        };
        assert_eq!(of(ActiveClose::Standard), ActiveClose::Ours);
        assert_eq!(of(ActiveClose::Ours), ActiveClose::Ours);
        assert_eq!(of(ActiveClose::Peers), ActiveClose::Peers);
    }
}
