//! Whether and how a user agent speaks HTTP/2.

use super::UserAgentBuilder;
use crate::net::http2::{Http2Options, Http2Request};
use crate::user_agent::http2::{Http2, Http2Exchange, lender};

impl UserAgentBuilder {
    /// Whether sockets are opened over HTTP/2. Default: [`Http2::Off`].
    ///
    /// ```
    /// use dom_websocket::{Http2, UserAgent};
    ///
    /// let user_agent = UserAgent::builder().http2(Http2::Prefer).build();
    /// ```
    pub fn http2(&mut self, http2: Http2) -> &mut Self {
        self.settings.http2 = http2;
        self
    }

    /// How HTTP/2 connections behave, and how many sockets share one.
    ///
    /// ```
    /// use dom_websocket::{Http2, Http2Options, UserAgent};
    /// use std::time::Duration;
    ///
    /// let mut options = Http2Options::default();
    /// options.idle = Duration::from_secs(5);
    /// let user_agent = UserAgent::builder().http2(Http2::Prefer).http2_options(options).build();
    /// ```
    pub fn http2_options(&mut self, options: Http2Options) -> &mut Self {
        self.settings.http2_options = options;
        self
    }

    /// Sets who opens streams over connections of the host's own: a browser has one to the server already, for all else that
    /// it loads. It is asked first for each socket of today's edition, whatever [`http2`](Self::http2) says; where it has `None`
    /// the user agent goes its own way. An error fails the socket's connection. The time that it takes is the opening's.
    ///
    /// ```
    /// use dom_websocket::{Http2Exchange, Http2Request, UserAgent};
    /// use std::io;
    ///
    /// async fn open(request: Http2Request) -> io::Result<Option<Http2Exchange>> {
    ///     // An extended CONNECT on the connection to `request.authority()`.
    ///     # let _ = request;
    ///     Ok(None)
    /// }
    ///
    /// let user_agent = UserAgent::builder().http2_lender(open).build();
    /// ```
    pub fn http2_lender<F>(&mut self, open: impl Fn(Http2Request) -> F + 'static) -> &mut Self
    where
        F: Future<Output = std::io::Result<Option<Http2Exchange>>> + 'static,
    {
        self.settings.http2_lender = Some(lender(open));
        self
    }
}
