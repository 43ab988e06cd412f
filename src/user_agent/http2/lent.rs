//! Streams that the host opens, over connections of its own.

use crate::net::Stream;
use futures::future::{FutureExt, LocalBoxFuture};
use futures::io::{AsyncRead, AsyncWrite};
use std::fmt;
use std::io;
use std::rc::Rc;

/// What a host is asked to open a WebSocket's stream with: an extended CONNECT, whose `:method` is `CONNECT` and whose `:protocol` is
/// `websocket`.
///
/// Clause: [RFC 8441 section 5](https://www.rfc-editor.org/rfc/rfc8441#section-5); for HTTP/3 it is
/// [RFC 9220](https://www.rfc-editor.org/rfc/rfc9220).
///
/// ```
/// use dom_websocket::{Http2Exchange, UserAgent};
///
/// let user_agent = UserAgent::builder()
///     .http2_lender(|request| async move {
///         println!("{} {}", request.authority(), request.path());
///         // There is no connection to that one.
///         Ok(None::<Http2Exchange>)
///     })
///     .build();
/// ```
pub struct Http2Request {
    pub(super) secure: bool,
    pub(super) authority: String,
    pub(super) path: String,
    pub(super) fields: Vec<(String, String)>,
}

impl Http2Request {
    /// `:scheme`: `https` for `wss:`, and `http` for `ws:`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if self.secure { "https" } else { "http" }
    }

    /// `:authority`: the host, and the port where that is not the scheme's own.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// `:path`, with the query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The fields, by name and value: cookies and credentials among them. Names are in lower case, as HTTP/2 has them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }
}

/// Where it leads, without the query, and the names of the fields: the rest can be secrets.
impl fmt::Debug for Http2Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("Http2Request")
            .field("authority", &self.authority)
            .field("path", &self.path.split('?').next())
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// A server's answer, and the stream behind it.
///
/// ```
/// use dom_websocket::Http2Exchange;
/// use futures::io::{AsyncRead, AsyncWrite};
///
/// fn answered(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Http2Exchange {
///     Http2Exchange::new(200, [("sec-websocket-protocol", "chat")], stream)
/// }
/// ```
pub struct Http2Exchange {
    pub(super) status: u16,
    pub(super) fields: Vec<(String, String)>,
    pub(super) stream: Box<dyn Stream>,
}

impl Http2Exchange {
    /// The status and fields of the response, and what both directions of the stream carry. Closing it is to send END_STREAM, and
    /// dropping it before both directions have ended RST_STREAM; the peer's are an end and
    /// [`ConnectionReset`](io::ErrorKind::ConnectionReset). It is polled by the loop of the socket.
    pub fn new<'a>(
        status: u16,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
        stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
    ) -> Self {
        let lower = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
        Self {
            status,
            fields: fields.into_iter().map(lower).collect(),
            stream: Box::new(Box::pin(stream)),
        }
    }
}

impl fmt::Debug for Http2Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http2Exchange")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

pub(crate) type Lender =
    Rc<dyn Fn(Http2Request) -> LocalBoxFuture<'static, io::Result<Option<Http2Exchange>>>>;

pub(crate) fn lender<F: Future<Output = io::Result<Option<Http2Exchange>>> + 'static>(
    open: impl Fn(Http2Request) -> F + 'static,
) -> Lender {
    Rc::new(move |request| open(request).boxed_local())
}
