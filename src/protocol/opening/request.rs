//! What a server learns of a client before it answers, and the answer.

use super::HttpResponse;
use super::tokens::trim;
use crate::protocol::Wire;
use crate::protocol::url::{self, UrlComponents};
use std::fmt;

/// The head of a client's opening handshake, as a server's application sees it before the answer.
///
/// ```
/// use dom_websocket::{Answer, Server};
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// server.set_onrequest(|request| {
///     println!("{:?} asks for {}", request.origin(), request.resource_name());
///     Answer::accept()
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    pub(crate) wire: Wire,
    pub(super) version: Version,
    pub(crate) resource_name: String,
    /// Names in lower case; values as they came, but for one space behind the colon.
    pub(crate) fields: Vec<(String, String)>,
}

/// The HTTP that a request came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// RFC 6455 insists on it.
    Http1_1,
    #[cfg(all(feature = "http2", not(target_family = "wasm")))]
    Http2,
    /// Draft 76 ignores what follows the resource name.
    Other,
}

impl Request {
    /// The wire whose handshake this is.
    ///
    /// ```
    /// use dom_websocket::{Request, protocol::Wire};
    ///
    /// fn has_messages(request: &Request) -> bool {
    ///     request.wire() != Wire::Simplified
    /// }
    /// ```
    #[must_use]
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// Whether it came over HTTP/2: as an extended CONNECT, where it asks for a WebSocket.
    ///
    /// Clause: [RFC 8441 section 4](https://www.rfc-editor.org/rfc/rfc8441#section-4).
    ///
    /// ```
    /// use dom_websocket::Request;
    ///
    /// fn log(request: &Request) {
    ///     let by = if request.is_http2() { "HTTP/2" } else { "HTTP/1.1" };
    ///     println!("{} by {by}", request.resource_name());
    /// }
    /// ```
    #[cfg(all(feature = "http2", not(target_family = "wasm")))]
    #[must_use]
    pub fn is_http2(&self) -> bool {
        self.version == Version::Http2
    }

    /// The resource name: path and query, beginning with `/`.
    ///
    /// ```
    /// use dom_websocket::Request;
    ///
    /// fn room(request: &Request) -> Option<&str> {
    ///     request.resource_name().strip_prefix("/rooms/")
    /// }
    /// ```
    #[must_use]
    pub fn resource_name(&self) -> &str {
        &self.resource_name
    }

    /// The `Host` field.
    ///
    /// ```
    /// use dom_websocket::Request;
    ///
    /// fn is_for_us(request: &Request) -> bool {
    ///     request.host() == Some("example.com")
    /// }
    /// ```
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.field("host")
    }

    /// The `Origin` field: the page that the client says it acts for.
    ///
    /// Clause: [RFC 6455 section 10.2](https://www.rfc-editor.org/rfc/rfc6455#section-10.2).
    ///
    /// ```
    /// use dom_websocket::{Answer, Request};
    ///
    /// fn admit(request: &Request) -> Answer {
    ///     match request.origin() {
    ///         Some("https://example.com") => Answer::accept(),
    ///         _ => Answer::Refuse,
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.field("origin")
    }

    /// The subprotocols that the client offers, in its order of preference. Draft 76 knows at most
    /// one, which may contain anything printable.
    ///
    /// ```
    /// use dom_websocket::{Answer, Request};
    ///
    /// fn agree(request: &Request) -> Answer {
    ///     match request.protocols().find(|protocol| *protocol == "chat") {
    ///         Some(protocol) => Answer::accept_with(protocol),
    ///         None => Answer::Refuse,
    ///     }
    /// }
    /// ```
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        let is_a_list = self.wire != Wire::Hixie76;
        self.fields_named("sec-websocket-protocol")
            .flat_map(move |value| value.split(if is_a_list { ',' } else { '\n' }))
            .map(trim)
            .filter(|protocol| !protocol.is_empty())
    }

    /// The value of the first field of this name, compared without regard to ASCII case.
    ///
    /// ```
    /// use dom_websocket::Request;
    ///
    /// fn is_authorized(request: &Request) -> bool {
    ///     request.field("authorization") == Some("Bearer 31d4d96e")
    /// }
    /// ```
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields_named(name).next().map(trim)
    }

    /// All fields, names in lower case, in the order in which they came.
    ///
    /// ```
    /// use dom_websocket::Request;
    ///
    /// fn names(request: &Request) -> Vec<String> {
    ///     request.fields().map(|(name, _)| name.to_owned()).collect()
    /// }
    /// ```
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, v)| (n.as_str(), trim(v)))
    }

    /// Whether the client can be told of this subprotocol: it has offered it, or there is none.
    pub(super) fn offers(&self, protocol: Option<&str>) -> bool {
        protocol.is_none_or(|protocol| self.protocols().any(|offered| offered == protocol))
    }

    /// Where the client means to have connected to; `secure` says whether that is by `wss:`. `None` if the
    /// `Host` field names no address.
    pub(crate) fn url(&self, secure: bool) -> Option<UrlComponents> {
        let (host, port) = url::parse_host_field(self.host()?, secure)?;
        Some(UrlComponents {
            host,
            port,
            resource_name: self.resource_name.clone(),
            secure,
        })
    }

    /// The values of the fields of this name, as they came but for one space behind the colon.
    pub(crate) fn fields_named(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Fields whose values are secrets, or carry them.
const SECRETS: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "sec-websocket-protocol",
];

/// Without what can be a secret: the query, and the values of such fields.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.resource_name.split('?').next().unwrap_or_default();
        let fields: Vec<_> = self
            .fields()
            .map(|(name, value)| (name, if SECRETS.contains(&name) { "" } else { value }))
            .collect();
        f.debug_struct("Request")
            .field("wire", &self.wire)
            .field("path", &path)
            .field("fields", &fields)
            .finish_non_exhaustive()
    }
}

/// A server application's answer to a [`Request`].
///
/// ```
/// use dom_websocket::{Answer, HttpResponse, Request};
///
/// fn admit(request: &Request) -> Answer {
///     match request.resource_name() {
///         "/chat" => Answer::accept_with("chat"),
///         "/old" => Answer::Respond(HttpResponse::new(410)),
///         _ => Answer::Refuse,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Open the connection, with this subprotocol, which has to be one that the client offered. With any
    /// other the client is refused; in draft 76, where one that asked for none ignores it, it is sent. The simplified wire
    /// knows none. Made by [`accept`](Self::accept) and [`accept_with`](Self::accept_with).
    #[non_exhaustive]
    Accept {
        /// The subprotocol to use, if any.
        protocol: Option<String>,
    },
    /// Turn the client away with this, where the wire has such answers; in draft 76 as [`Refuse`](Self::Refuse).
    Respond(HttpResponse),
    /// Close the TCP connection: without a word in draft 76 ("abort the WebSocket connection"), with
    /// status 403 in RFC 6455 and in the simplified wire. Of HTTP/2 that is the stream.
    Refuse,
}

impl Answer {
    /// Opens the connection without a subprotocol.
    ///
    /// ```
    /// assert_ne!(dom_websocket::Answer::accept(), dom_websocket::Answer::Refuse);
    /// ```
    #[must_use]
    pub fn accept() -> Self {
        Self::Accept { protocol: None }
    }

    /// Opens the connection with this subprotocol.
    ///
    /// ```
    /// use dom_websocket::Answer;
    ///
    /// assert_ne!(Answer::accept_with("chat"), Answer::accept());
    /// ```
    pub fn accept_with(protocol: impl Into<String>) -> Self {
        Self::Accept {
            protocol: Some(protocol.into()),
        }
    }
}

/// The fields of a request that tests change: of one name another value, or none.
#[cfg(test)]
pub(super) fn changed_fields(
    fields: &[(&str, &str)],
    (changed, to): (&str, Option<&str>),
) -> Vec<(String, String)> {
    let field = |&(name, value): &(&str, &str)| {
        let value = if name == changed { to } else { Some(value) };
        Some((name.to_owned(), value?.to_owned()))
    };
    fields.iter().filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let field = |name: &str| (name.to_owned(), "secret".to_owned());
        let request = Request {
            wire: Wire::Rfc6455,
            version: Version::Http1_1,
            resource_name: "/chat?secret".to_owned(),
            fields: SECRETS.iter().map(|name| field(name)).collect(),
        };
        let shown = format!("{request:?}");
        assert!(
            shown.contains("/chat") && shown.contains("cookie"),
            "{shown}"
        );
        assert!(!shown.contains("secret"), "{shown}");
    }
}
