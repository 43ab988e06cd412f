//! The way to a stream of bytes over the simplified wire.

use super::web_socket_stream::observer;
use super::{Basis, ByteStream, Duplex};
use crate::dom::establishment::establish;
use crate::dom::{AbortSignal, DomException};
use crate::edition::Edition;
use crate::event_loop::EventLoop;
use crate::user_agent::{ConnectRequest, Observation, Observer, UserAgent};
use std::fmt;
use std::rc::Rc;

/// Opens a [`ByteStream`] over the [simplified wire](crate::protocol::Wire::Simplified) with more than an address.
///
/// It is used in a chain, or kept and used step by step. Each call of [`open`](Self::open) opens a connection of its own.
///
/// ```no_run
/// use dom_websocket::{ByteStream, EventLoop, UserAgent};
///
/// # fn main() -> Result<(), dom_websocket::DomException> {
/// let event_loop = EventLoop::new();
/// let user_agent = UserAgent::default();
/// let stream = ByteStream::builder(&event_loop, "wss://example.com:4000/")
///     .user_agent(&user_agent)
///     .observer(|observation| println!("{observation}"))
///     .open()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct ByteStreamBuilder<'a> {
    event_loop: &'a EventLoop,
    url: &'a str,
    user_agent: Option<UserAgent>,
    observer: Option<Observer>,
    signal: Option<AbortSignal>,
}

impl<'a> ByteStreamBuilder<'a> {
    pub(super) fn new(event_loop: &'a EventLoop, url: &'a str) -> Self {
        Self {
            event_loop,
            url,
            user_agent: None,
            observer: None,
            signal: None,
        }
    }

    /// The user agent, whose proxies, certificates, limits, timeouts and observer apply. What it has for pages does not:
    /// blocked ports, cookies, credentials for servers, added fields, redirects.
    ///
    /// ```
    /// use dom_websocket::{ByteStream, EventLoop, UserAgent};
    ///
    /// let event_loop = EventLoop::new();
    /// let user_agent = UserAgent::builder().log_failures().build();
    /// let stream = ByteStream::builder(&event_loop, "ws://example.com:4000/").user_agent(&user_agent).open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn user_agent(&mut self, user_agent: &UserAgent) -> &mut Self {
        self.user_agent = Some(user_agent.clone());
        self
    }

    /// Calls this with each step of the connection, beside the user agent's
    /// [observer](crate::UserAgentBuilder::observer).
    ///
    /// ```
    /// use dom_websocket::{ByteStream, EventLoop};
    ///
    /// let event_loop = EventLoop::new();
    /// let stream = ByteStream::builder(&event_loop, "ws://example.com:4000/")
    ///     .observer(|observation| eprintln!("{observation}"))
    ///     .open()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn observer(&mut self, observer: impl Fn(&Observation<'_>) + 'static) -> &mut Self {
        self.observer = Some(Rc::new(observer));
        self
    }

    /// Gives the connection up when this signal is aborted before it is established, as
    /// [`WebSocketBuilder::signal`](crate::WebSocketBuilder::signal) has it.
    ///
    /// ```
    /// use dom_websocket::{AbortController, ByteStream, EventLoop};
    ///
    /// let event_loop = EventLoop::new();
    /// let controller = AbortController::new();
    /// let stream = ByteStream::builder(&event_loop, "ws://192.0.2.1:4000/")
    ///     .signal(&controller.signal())
    ///     .open()?;
    /// controller.abort();
    /// event_loop.spawn(async move { assert!(stream.opened().await.is_err()) });
    /// event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn signal(&mut self, signal: &AbortSignal) -> &mut Self {
        self.signal = Some(signal.clone());
        self
    }

    /// Opens the connection in the background.
    ///
    /// # Errors
    ///
    /// "SyntaxError": the URL is no `ws:` or `wss:` URL, or has more than a host and a port. Nothing else of the author's
    /// would leave before the server has said who it is.
    ///
    /// ```
    /// use dom_websocket::{ByteStream, EventLoop};
    ///
    /// let event_loop = EventLoop::new();
    /// assert!(ByteStream::builder(&event_loop, "ws://example.com:4000/").open().is_ok());
    /// assert!(ByteStream::builder(&event_loop, "ws://example.com:4000/path").open().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(&self) -> Result<ByteStream, DomException> {
        let failure = Rc::default();
        let observer = observer(&failure, self.observer.clone());
        let request = ConnectRequest::simplified(self.url, Some(observer))
            .map_err(|why| DomException::invalid_url(self.url, &why))?;
        let shared = self.event_loop.shared();
        let user_agent = self.user_agent.as_ref().unwrap_or(shared.user_agent());
        let url = request.record.to_string();
        let (source, on_open) = establish(shared, user_agent, request, self.signal.as_ref());
        let basis = Basis {
            edition: Edition::default(),
            url,
            document: None,
            options: user_agent.connection().clone(),
            half_open: true,
            source,
            agreed: None,
            peer_has_finished: false,
            on_open,
        };
        let duplex = Duplex::new(basis, self.signal.clone(), failure);
        Ok(ByteStream::adopt(duplex))
    }
}

impl fmt::Debug for ByteStreamBuilder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStreamBuilder").finish_non_exhaustive()
    }
}
