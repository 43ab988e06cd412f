//! Bytes both ways, without messages.

use super::web_socket_stream::begin;
use super::{Basis, ByteStreamBuilder, Duplex, WebSocketCloseInfo, WebSocketError};
use crate::connection::Waiting;
use crate::dom::{DomException, WebSocketBuilder};
use crate::edition::Edition;
use crate::event_loop::{EventLoop, TaskSource};
use crate::net::TakenSocket;
use crate::protocol::url::without_secrets;
use crate::protocol::{ConnectionOptions, Delivery, Payload};
use event_listener::EventListener;
use futures::io::{AsyncRead, AsyncWrite};
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// One write becomes a message of at most so many bytes.
const LONGEST_WRITE: usize = 64 * 1024;

/// A connection as bytes: [`AsyncRead`] and [`AsyncWrite`] of the `futures` crate, for a protocol that knows TCP and nothing
/// of messages. Where one ends and the next begins is not told.
///
/// ```
/// use dom_websocket::{EventLoop, Server, WebSocket};
/// use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, io::BufReader};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let event_loop = EventLoop::new();
/// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
/// let spawner = event_loop.downgrade();
/// server.set_onconnection(move |socket, _| {
///     let Ok(stream) = socket.into_byte_stream() else { return };
///     let greet = async move {
///         let (reader, mut writer) = stream.split();
///         let mut name = String::new();
///         BufReader::new(reader).read_line(&mut name).await?;
///         writer.write_all(format!("hello {name}").as_bytes()).await?;
///         writer.close().await
///     };
///     spawner.upgrade().unwrap().spawn(async { greet.await.unwrap() });
/// });
///
/// let url = format!("ws://{}/", server.local_addr());
/// let mut stream = WebSocket::builder(&event_loop, &url).open_byte_stream()?;
/// event_loop.spawn(async move {
///     stream.write_all(b"world\n").await.unwrap();
///     let mut answer = String::new();
///     stream.read_to_string(&mut answer).await.unwrap();
///     assert_eq!(answer, "hello world\n");
///     stream.close().await.unwrap();
///     server.close();
/// });
/// event_loop.run();
/// # Ok(())
/// # }
/// ```
///
/// * **`read`** gives what has come, of however many messages, text and binary alike. While nobody reads, the connection is
///   not read from, but for [`Limits::undispatched`](crate::Limits::undispatched). 0 is the peer's clean end. Any other end
///   is an error, behind all that came before: `UnexpectedEof` where TCP ended without a closing handshake, the network's
///   own kind where it failed, `ConnectionReset` for most others; a [`WebSocketError`] is inside.
/// * **`write`** takes what there is room for, in messages of at most 64 KiB, each a write's; it waits while
///   [`Limits::high_water`](crate::Limits::high_water) is queued. `BrokenPipe`: this side or the peer has ended.
/// * **`flush`** ends once the network has taken all that was written: the kernel, or TLS above it. That is not to say that
///   the peer has.
/// * **`close`** ends this direction, and ends once that has been handed to the network; reading goes on to the peer's
///   end. The stream is always [half open](crate::WebSocketBuilder::half_open): after the peer's end, a writer goes on until
///   it closes. (What was sent behind a Close frame of RFC 6455 is often not read: see there.)
/// * Before the connection is established both wait. If it never is, both fail.
///
/// # Without messages on the wire
///
/// [`connect`](Self::connect) speaks the [simplified wire](crate::protocol::Wire::Simplified): a bare Upgrade of HTTP/1.1, then
/// these bytes as they are, with TCP's own end of each direction. A server has such clients by
/// [`Server::set_onbytestream`](crate::Server::set_onbytestream). Its transport can be [taken over](Self::take_socket).
///
/// # Draft 76
///
/// It has text frames only, so in [`Edition::Html5`](crate::Edition::Html5) what is written has to be UTF-8: otherwise the error is
/// `InvalidData`, and nothing from there on is taken. A write may end inside a character: its first bytes (three at the most)
/// wait for the rest, and `flush` does not wait for them; `close` fails with `InvalidData` if the rest never came. The peer
/// must not cut characters either. Binary data has to be put into text: in base64 it grows by a third; each byte as the
/// character of its number (ISO 8859-1) grows by a half on average, and can be read one by one.
///
/// # Cancel safety
///
/// Reads and writes have happened or have not, as with a socket: a future that is dropped has taken nothing. `write_all` and
/// their like may have taken a part.
///
/// # Dropping it
///
/// What was written leaves; then the connection is closed, as that of a [`WebSocket`](crate::WebSocket) that is garbage. Over the
/// simplified wire a peer can't tell that from [`close`](AsyncWrite::poll_close), as with TCP.
#[must_use = "a stream that nobody holds is closed"]
pub struct ByteStream {
    duplex: Rc<Duplex>,
    change: Option<EventListener>,
    /// For room, or for the queue to leave.
    waiting: Waiting,
    /// What has been received, from the first byte that has not been read.
    received: Vec<u8>,
    read: usize,
    /// Draft 76: the beginning of a character.
    unfinished: Vec<u8>,
}

impl ByteStream {
    /// Connects over the simplified wire. The URL has a host and a port, and nothing else.
    ///
    /// It is for programs that could open a TCP connection as well: nothing is masked, and no origin is named.
    ///
    /// ```
    /// use dom_websocket::{ByteStream, EventLoop, Server};
    /// use futures::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let spawner = event_loop.downgrade();
    /// server.set_onbytestream(move |mut stream, _| {
    ///     spawner.upgrade().unwrap().spawn(async move {
    ///         let mut all = String::new();
    ///         stream.read_to_string(&mut all).await.unwrap();
    ///         stream.write_all(all.to_uppercase().as_bytes()).await.unwrap();
    ///         stream.close().await.unwrap();
    ///     });
    /// });
    ///
    /// let mut stream = ByteStream::connect(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// event_loop.spawn(async move {
    ///     stream.write_all(b"all there is").await.unwrap();
    ///     stream.close().await.unwrap();
    ///     let mut answer = String::new();
    ///     stream.read_to_string(&mut answer).await.unwrap();
    ///     assert_eq!(answer, "ALL THERE IS");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`ByteStreamBuilder::open`].
    pub fn connect(event_loop: &EventLoop, url: &str) -> Result<Self, DomException> {
        Self::builder(event_loop, url).open()
    }

    /// Connects as [`connect`](Self::connect), with options.
    pub fn builder<'a>(event_loop: &'a EventLoop, url: &'a str) -> ByteStreamBuilder<'a> {
        ByteStreamBuilder::new(event_loop, url)
    }

    /// A server's, whose connection is established.
    pub(crate) fn accepted(
        url: String,
        options: &Arc<ConnectionOptions>,
        source: Rc<TaskSource>,
    ) -> Self {
        let basis = Basis {
            edition: Edition::default(),
            url,
            document: None,
            options: options.clone(),
            half_open: true,
            source,
            agreed: Some(Default::default()),
            peer_has_finished: false,
            on_open: None,
        };
        Self::adopt(Duplex::new(basis, None, Rc::default()))
    }

    /// Hands the transport over, once all that was written has left: to a server for TCP, say, that knows nothing of this
    /// library. What has come and was not read goes along. Both directions that are open stay so, and this stream has ended.
    ///
    /// ```
    /// use dom_websocket::{ByteStream, EventLoop, Server, TakenTransport};
    /// use futures::AsyncReadExt;
    /// use std::io::Write;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let event_loop = EventLoop::new();
    /// let server = Server::listen(&event_loop, "127.0.0.1:0")?;
    /// let spawner = event_loop.downgrade();
    /// server.set_onbytestream(move |mut stream, _| {
    ///     spawner.upgrade().unwrap().spawn(async move {
    ///         let taken = stream.take_socket().await.unwrap();
    ///         let TakenTransport::Tcp(mut socket) = taken.transport else { return };
    ///         std::thread::spawn(move || {
    ///             socket.set_nonblocking(false).unwrap();
    ///             socket.write_all(b"from a thread").unwrap();
    ///         });
    ///     });
    /// });
    ///
    /// let mut stream = ByteStream::connect(&event_loop, &format!("ws://{}/", server.local_addr()))?;
    /// event_loop.spawn(async move {
    ///     let mut all = String::new();
    ///     stream.read_to_string(&mut all).await.unwrap();
    ///     assert_eq!(all, "from a thread");
    ///     server.close();
    /// });
    /// event_loop.run();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The connection could not be established. `NotConnected`: it has ended, or this direction has. `Unsupported`: it has
    /// frames, as those of both editions have; nothing has changed then.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped has taken nothing, unless it was about to end: the transport that it had by then is closed.
    pub async fn take_socket(&mut self) -> io::Result<TakenSocket> {
        self.opened().await?;
        let mut taken = self.duplex.take_socket().await?;
        // What came first.
        let mut unread = self.received.split_off(self.read);
        (self.received, self.read) = (Vec::new(), 0);
        unread.append(&mut taken.unread);
        taken.unread = unread;
        Ok(taken)
    }

    pub(in crate::dom) fn open(options: &WebSocketBuilder<'_>) -> Result<Self, DomException> {
        begin(options, true, Delivery::Bytes).map(Self::adopt)
    }

    pub(in crate::dom) fn adopt(duplex: Rc<Duplex>) -> Self {
        Self {
            duplex,
            change: None,
            waiting: None,
            received: Vec::new(),
            read: 0,
            unfinished: Vec::new(),
        }
    }

    /// The resolved URL.
    #[must_use]
    pub fn url(&self) -> &str {
        self.duplex.url()
    }

    /// The subprotocol in use; empty until the connection is open, and if there is none.
    pub fn protocol(&self) -> String {
        let agreed = self.duplex.agreed();
        agreed
            .as_ref()
            .map_or_else(String::new, |(protocol, _)| protocol.clone())
    }

    /// Ends once the connection is established. Nobody has to wait for that: reads and writes do.
    ///
    /// # Errors
    ///
    /// It could not be established. Inside is the [`WebSocketError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn opened(&self) -> impl Future<Output = io::Result<()>> + use<> {
        let (duplex, mut change) = (self.duplex.clone(), None);
        poll_fn(move |cx| Poll::Ready(Ok(ready!(duplex.poll_opened(&mut change, cx))?)))
    }

    /// Ends once the connection has ended, and what the peer sent before has been read.
    ///
    /// # Errors
    ///
    /// As [`WebSocketStream::closed`](crate::WebSocketStream::closed).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub fn closed(
        &self,
    ) -> impl Future<Output = Result<WebSocketCloseInfo, WebSocketError>> + use<> {
        let (duplex, mut change) = (self.duplex.clone(), None);
        poll_fn(move |cx| duplex.poll_closed(&mut change, cx))
    }

    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(ready!(self.duplex.poll_opened(&mut self.change, cx))?))
    }

    /// How much of so many bytes one message takes, behind the beginning of a character.
    fn longest(&self, len: usize) -> usize {
        let limits = self.duplex.limits();
        let most = limits.high_water.min(limits.send_queue).max(4);
        len.min(LONGEST_WRITE).min(most - self.unfinished.len())
    }

    /// Makes a message of the first of these bytes; how many.
    fn send(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.duplex.edition().sends_binary() {
            self.duplex.send(Payload::Binary(bytes))?;
            Ok(bytes.len())
        } else if self.unfinished.is_empty() {
            self.send_text(bytes)
        } else {
            let waiting = self.unfinished.len();
            let all = [&self.unfinished, bytes].concat();
            let taken = self.send_text(&all)?;
            // What waited was counted when it came.
            Ok(taken - waiting)
        }
    }

    /// Draft 76: takes whole characters, and keeps what may become one. What is wrong is told once all before it has
    /// been taken.
    fn send_text(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let (text, unfinished, taken) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, Vec::new(), bytes.len()),
            Err(error) => {
                let (whole, rest) = bytes.split_at(error.valid_up_to());
                let text = std::str::from_utf8(whole).map_err(io::Error::other)?;
                match error.error_len() {
                    None => (text, rest.to_vec(), bytes.len()),
                    Some(_) if text.is_empty() => return Err(not_utf8()),
                    Some(_) => (text, Vec::new(), whole.len()),
                }
            }
        };
        if !text.is_empty() {
            self.duplex.send(Payload::Text(text))?;
        }
        self.unfinished = unfinished;
        Ok(taken)
    }
}

fn not_utf8() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "draft 76 carries text in UTF-8 only",
    )
}

impl AsyncRead for ByteStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        while self.read == self.received.len() {
            match ready!(self.duplex.poll_piece(cx)) {
                Some(piece) => {
                    self.received = piece.message.into_bytes();
                    self.read = 0;
                }
                None => {
                    return Poll::Ready(match self.duplex.read_error() {
                        Some(error) => Err(error.into()),
                        None => Ok(0),
                    });
                }
            }
        }
        let unread = &self.received[self.read..];
        let count = unread.len().min(buffer.len());
        buffer[..count].copy_from_slice(&unread[..count]);
        self.read += count;
        if self.read == self.received.len() {
            self.received = Vec::new();
            self.read = 0;
        }
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for ByteStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_opened(cx))?;
        let all = slices.iter().map(|slice| slice.len()).sum();
        if all == 0 {
            return Poll::Ready(Ok(0));
        }
        let len = self.longest(all);
        let this = &mut *self;
        ready!(this.duplex.poll_room(len, &mut this.waiting, cx))?;
        // One that is long enough needs no copy.
        let first = slices.iter().find(|slice| !slice.is_empty());
        if let Some(first) = first.filter(|first| first.len() >= len) {
            return Poll::Ready(self.send(&first[..len]));
        }
        let mut bytes = Vec::with_capacity(len);
        for slice in slices {
            let room = len - bytes.len();
            bytes.extend_from_slice(&slice[..room.min(slice.len())]);
        }
        Poll::Ready(self.send(&bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_opened(cx))?;
        let this = &mut *self;
        let flushed = ready!(this.duplex.poll_flush(&mut this.waiting, cx));
        Poll::Ready(Ok(flushed?))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_opened(cx))?;
        if !self.unfinished.is_empty() {
            return Poll::Ready(Err(not_utf8()));
        }
        // Nothing is wrong with no code, and it is open.
        let _ = self.duplex.finish(&WebSocketCloseInfo::default());
        self.poll_flush(cx)
    }
}

/// Without what can be a secret: the URL's credentials, and its query.
impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByteStream")
            .field("url", &without_secrets(self.url()))
            .finish_non_exhaustive()
    }
}
