//! Streams that the host opens, over connections of its own.

use crate::net::Stream;
use crate::net::http2::Http2Request;
use futures::future::{FutureExt, LocalBoxFuture};
use futures::io::{AsyncRead, AsyncWrite};
use std::fmt;
use std::io;
use std::rc::Rc;

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
