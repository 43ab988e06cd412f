//! `WebSocketStream`.

use super::duplex::Basis;
use super::{
    Duplex, WebSocketCloseInfo, WebSocketError, WebSocketErrorKind, WebSocketReadable,
    WebSocketWritable,
};
use crate::dom::establishment::{Establishment, Manner};
use crate::dom::{DomException, WebSocketBuilder};
use crate::edition::Edition;
use crate::event_loop::EventLoop;
use crate::protocol::Delivery;
use crate::protocol::url::without_secrets;
use crate::user_agent::Failure;
#[cfg(not(target_family = "wasm"))]
use crate::user_agent::{Observation, Observer, Step};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, ready};

/// `WebSocketStream` (WebSocketStream Explained; the standard's pull request 48): a WebSocket whose messages are read
/// from one stream and written to another, each at the pace of the slower side.
///
/// * While nobody reads, the connection is not read from, but for [`Limits::undispatched`](crate::Limits::undispatched):
///   TCP slows the peer down.
/// * While the network takes nothing, a writer waits, once [`Limits::high_water`](crate::Limits::high_water) is queued.
///
/// Its futures and streams are polled by the loop ([`EventLoop::spawn`]), or by any executor on the loop's thread, which
/// then has to poll [`EventLoop::until_idle`] beside them.
///
/// Clause: [WebSocketStream Explained](https://github.com/ricea/websocketstream-explainer/blob/master/README.md).
///
/// ```
/// use dom_websocket::{EventLoop, Message, Server, WebSocketStream};
/// use futures::{SinkExt, StreamExt};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// let spawner = event_loop.downgrade();
/// server.set_onconnection(move |socket, _| {
///     let Ok(stream) = socket.into_stream() else { return };
///     let echo = async move {
///         let Ok(mut ends) = stream.opened().await else { return };
///         while let Some(Ok(message)) = ends.readable.next().await {
///             if ends.writable.send(message).await.is_err() {
///                 break;
///             }
///         }
///     };
///     spawner.upgrade().unwrap().spawn(echo);
/// });
///
/// let stream = WebSocketStream::new(&event_loop, &format!("ws://{}/", server.local_addr()))?;
/// event_loop.spawn(async move {
///     let mut ends = stream.opened().await.unwrap();
///     ends.writable.send(Message::from("hello")).await.unwrap();
///     assert_eq!(ends.readable.next().await.unwrap().unwrap(), Message::from("hello"));
///     stream.close((4000, "enough")).unwrap();
///     assert_eq!(stream.closed().await.unwrap().close_code, Some(4000));
///     server.close();
/// });
/// event_loop.run();
/// # Ok(())
/// # }
/// ```
///
/// # Who keeps it, and who ends it
///
/// A `WebSocketStream` is a handle; its clones are the same object. Handles, both halves and the futures keep the
/// connection. It is never lost what was taken: it leaves before the end, however the end comes, unless the connection is
/// lost.
///
/// * The handle goes: nothing, while there is something else.
/// * The [readable](WebSocketReadable) goes before its end: it is [cancelled](WebSocketReadable::cancel), which closes the
///   connection, because the peer's messages would be dropped silently otherwise.
/// * The [writable](WebSocketWritable) goes: this side has [finished](Self::finish), and reading goes on.
/// * All go: the connection is closed as that of a [`WebSocket`](crate::WebSocket) that is garbage.
#[derive(Clone)]
#[must_use = "a stream that nobody holds is closed"]
pub struct WebSocketStream {
    shared: Rc<Shared>,
}

compare_by_identity!(WebSocketStream, shared);

struct Shared {
    duplex: Rc<Duplex>,
    /// The halves have been given to somebody.
    is_split: Cell<bool>,
}

/// `WebSocketOpenInfo`: what there is once the connection is established.
///
/// ```
/// use dom_websocket::WebSocketOpenInfo;
///
/// # let event_loop = dom_websocket::EventLoop::new();
/// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
/// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
/// # let url = format!("ws://{}/", server.local_addr());
/// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
/// # let session = async move {
/// let WebSocketOpenInfo { readable, writable, extensions, protocol, .. } = stream.opened().await?;
/// assert_eq!(protocol, "");
/// # server.close();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # };
/// # event_loop.spawn(async { session.await.unwrap() });
/// # event_loop.run();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct WebSocketOpenInfo {
    /// The messages of the peer.
    pub readable: WebSocketReadable,
    /// Takes messages for the peer.
    pub writable: WebSocketWritable,
    /// The extensions in use, as [`WebSocket::extensions`](crate::WebSocket::extensions).
    pub extensions: String,
    /// The subprotocol in use, as [`WebSocket::protocol`](crate::WebSocket::protocol).
    pub protocol: String,
}

impl WebSocketStream {
    /// `new WebSocketStream(url)`: checks the address, and opens the connection in the background. For more than an
    /// address: [`WebSocketBuilder::open_stream`].
    ///
    /// # Errors
    ///
    /// As [`WebSocket::new`](crate::WebSocket::new).
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocketStream};
    ///
    /// let event_loop = EventLoop::new();
    /// let stream = WebSocketStream::new(&event_loop, "ws://example.com/")?;
    /// assert!(WebSocketStream::new(&event_loop, "ws://example.com/#top").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(event_loop: &EventLoop, url: &str) -> Result<Self, DomException> {
        WebSocketBuilder::new(event_loop, url).open_stream()
    }

    /// The constructor of `WebSocketStream`.
    pub(in crate::dom) fn open(options: &WebSocketBuilder<'_>) -> Result<Self, DomException> {
        begin(options, options.half_open, Delivery::Messages).map(Self::adopt)
    }

    pub(in crate::dom) fn adopt(duplex: Rc<Duplex>) -> Self {
        Self {
            shared: Rc::new(Shared {
                duplex,
                is_split: Cell::new(false),
            }),
        }
    }

    fn duplex(&self) -> &Rc<Duplex> {
        &self.shared.duplex
    }

    /// The resolved URL.
    ///
    /// ```
    /// use dom_websocket::{EventLoop, WebSocketStream};
    ///
    /// let stream = WebSocketStream::new(&EventLoop::new(), "ws://EXAMPLE.com")?;
    /// assert_eq!(stream.url(), "ws://example.com/");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> &str {
        self.duplex().url()
    }

    /// The edition whose wire it is.
    ///
    /// ```
    /// use dom_websocket::{Edition, EventLoop, WebSocketStream};
    ///
    /// let stream = WebSocketStream::new(&EventLoop::new(), "ws://example.com/")?;
    /// assert_eq!(stream.edition(), Edition::Living);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn edition(&self) -> Edition {
        self.duplex().edition()
    }

    /// `opened`: ends once the connection is established, and gives both halves, to one caller only: there is one reader
    /// and one writer.
    ///
    /// # Errors
    ///
    /// The connection could not be established: a "WebSocketError" with code 1006, whose
    /// [`failure`](WebSocketError::failure) says why, or an "AbortError". "InvalidStateError" if the halves have been given
    /// away.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: another call gives the halves.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.write("hello").await?;
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn opened(
        &self,
    ) -> impl Future<Output = Result<WebSocketOpenInfo, WebSocketError>> + use<> {
        let (stream, mut change) = (self.clone(), None);
        poll_fn(move |cx| {
            ready!(stream.duplex().poll_opened(&mut change, cx))?;
            Poll::Ready(stream.split())
        })
    }

    fn split(&self) -> Result<WebSocketOpenInfo, WebSocketError> {
        let duplex = self.duplex();
        let agreed = duplex.agreed().clone();
        match agreed {
            Some((protocol, extensions)) if !self.shared.is_split.replace(true) => {
                Ok(WebSocketOpenInfo {
                    readable: WebSocketReadable::new(duplex.clone()),
                    writable: WebSocketWritable::new(duplex.clone()),
                    extensions,
                    protocol,
                })
            }
            _ => Err(WebSocketError::new(WebSocketErrorKind::InvalidState)),
        }
    }

    /// `closed`: ends once the connection has ended, and what the peer sent before has been read, or thrown away: nobody
    /// looks past messages that are unread.
    ///
    /// # Errors
    ///
    /// A "WebSocketError" if the connection was not closed cleanly, or never established; an "AbortError" if its signal
    /// was aborted before that.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing: each call tells the same.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let ends = stream.opened().await?;
    /// stream.close(4000)?;
    /// assert_eq!(stream.closed().await?.close_code, Some(4000));
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn closed(
        &self,
    ) -> impl Future<Output = Result<WebSocketCloseInfo, WebSocketError>> + use<> {
        let (stream, mut change) = (self.clone(), None);
        poll_fn(move |cx| stream.duplex().poll_closed(&mut change, cx))
    }

    /// `close(closeInfo)`: closes the connection. What was written leaves first.
    ///
    /// What has been received can be read still. What comes from now on is thrown away, in both editions: so the closing
    /// handshake needs no reader. To read on to the peer's end: [`finish`](Self::finish). Before the connection is
    /// established it is given up; where it is closing or closed nothing is done.
    ///
    /// # Errors
    ///
    /// In every state, and in this order: "InvalidAccessError" if the code is neither 1000 nor from 3000 to 4999,
    /// "SyntaxError" if the reason is longer than 123 bytes. In [`Edition::Html5`] both are ignored.
    ///
    /// ```
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.write("the last one").await?;
    /// stream.close((4000, "enough"))?;
    /// stream.closed().await?;
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn close(&self, info: impl Into<WebSocketCloseInfo>) -> Result<(), DomException> {
        self.duplex().close(&info.into())
    }

    /// Ends our direction and not the peer's, as [`WebSocket::finish`](crate::WebSocket::finish): reading goes on to the
    /// peer's end. Nothing is done where the connection is closing or closed.
    ///
    /// # Errors
    ///
    /// Those of [`close`](Self::close); then "InvalidStateError" before the connection is established.
    ///
    /// ```
    /// use futures::StreamExt;
    ///
    /// # let event_loop = dom_websocket::EventLoop::new();
    /// # let server = dom_websocket::Server::listen(&event_loop, "127.0.0.1:0")?;
    /// # server.set_onconnection(|it, _| it.set_onmessage(|event| event.target().send(event.data())));
    /// # let url = format!("ws://{}/", server.local_addr());
    /// # let stream = dom_websocket::WebSocketStream::new(&event_loop, &url)?;
    /// # let session = async move {
    /// let mut ends = stream.opened().await?;
    /// ends.writable.write("the last one").await?;
    /// stream.finish(1000)?;
    /// while let Some(message) = ends.readable.next().await {
    ///     println!("the server still has this to say: {:?}", message?);
    /// }
    /// # server.close();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # };
    /// # event_loop.spawn(async { session.await.unwrap() });
    /// # event_loop.run();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn finish(&self, info: impl Into<WebSocketCloseInfo>) -> Result<(), DomException> {
        self.duplex().finish(&info.into())
    }
}

/// Opens the connection of a stream.
pub(super) fn begin(
    options: &WebSocketBuilder<'_>,
    half_open: bool,
    delivery: Delivery,
) -> Result<Rc<Duplex>, DomException> {
    let failure = Rc::<RefCell<Option<Failure>>>::default();
    let manner = Manner {
        half_open,
        delivery,
        #[cfg(not(target_family = "wasm"))]
        observer: Some(observer(&failure, options.observer.clone())),
        #[cfg(target_family = "wasm")]
        observer: None,
    };
    let establishment = Establishment::begin(options, manner)?;
    let basis = Basis::from(establishment);
    Ok(Duplex::new(basis, options.signal.clone(), failure))
}

/// Learns why the connection fails, ahead of the user's own observer.
#[cfg(not(target_family = "wasm"))]
pub(super) fn observer(failure: &Rc<RefCell<Option<Failure>>>, then: Option<Observer>) -> Observer {
    let failure = failure.clone();
    Rc::new(move |observation: &Observation<'_>| {
        if let Step::Failed(cause) = observation.step {
            *failure.borrow_mut() = Some(cause.clone());
        }
        if let Some(then) = &then {
            then(observation);
        }
    })
}

/// Without what can be a secret: the URL's credentials, and its query.
impl fmt::Debug for WebSocketStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketStream")
            .field("url", &without_secrets(self.url()))
            .finish_non_exhaustive()
    }
}
