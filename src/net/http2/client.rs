//! A client's connection.

use super::carrier::{Carrier, Traffic};
use super::flushes::Chunk;
use super::head::{Fields, fields};
use super::options::SMALL_FRAMES;
use super::watch::Watch;
use super::{Http2Options, Http2Request, Http2Stream, Queue, io_error};
use crate::net::Stream;
use event_listener::Event;
use futures::future::{Either, LocalBoxFuture};
use h2::client::{Builder, Connection, ResponseFuture, SendRequest};
use h2::{Reason, RecvStream};
use http::{Response, StatusCode};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// How many streams there are before the server's SETTINGS have come: more than any say, and fewer than without a limit.
const UNSETTLED: usize = usize::MAX - 1;

/// A connection that has been silent for so long may be gone.
const DOUBTFUL: Duration = Duration::from_secs(10);

/// A connection to a server: a handle, whose clones are the same.
#[derive(Clone)]
pub(crate) struct Http2Client(Rc<Inner>);

struct Inner {
    /// Opens streams, until none is to be opened any more.
    sender: RefCell<Option<SendRequest<Chunk>>>,
    options: Http2Options,
    traffic: Rc<Traffic>,
    /// Those of ours that are open, or are about to be.
    streams: Cell<usize>,
    /// Somebody wants to know whether the server is there.
    is_asked: Cell<bool>,
    /// SETTINGS have come, or the server is there, or it is over.
    changed: Event,
    /// Who waits for a stream, here or on another connection to this server.
    queue: Rc<Queue>,
    /// Why it has ended.
    failure: RefCell<Option<io::Error>>,
    /// Of who polls the connection.
    driver: RefCell<Option<Waker>>,
}

/// The right to one stream.
pub(crate) struct Lease(Http2Client);

/// A server's answer.
pub(crate) struct Exchange {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    /// What follows it, in both directions.
    pub(crate) stream: Http2Stream,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It was not processed, and may be sent once more (RFC 9113 section 8.7).
    Unprocessed(io::Error),
    /// HTTP_1_1_REQUIRED (RFC 9113 section 7).
    Http1Required,
    /// It can't be said in HTTP/2.
    Unsayable,
    /// The answer is 101: HTTP/2 has none (RFC 9113 section 8.6).
    Upgraded,
    Failed(io::Error),
}

impl Http2Client {
    /// Begins HTTP/2 over a transport: the connection, and the future that carries it to its end. A response's head has at most
    /// `head` bytes. Whoever waits for a stream is in `queue`.
    pub(crate) async fn begin(
        stream: Box<dyn Stream>,
        options: &Http2Options,
        head: usize,
        queue: Rc<Queue>,
    ) -> io::Result<(Self, LocalBoxFuture<'static, ()>)> {
        let traffic = Traffic::new(0);
        let (remembered, remembered_for) = options.remembered();
        let (sender, connection) = Builder::new()
            .enable_push(false)
            .initial_max_send_streams(UNSETTLED)
            .initial_window_size(options.stream_window())
            .initial_connection_window_size(options.connection_window())
            .data_frame_budget(SMALL_FRAMES)
            .max_concurrent_reset_streams(remembered)
            .reset_stream_duration(remembered_for)
            .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
            .handshake(Carrier::new(stream, traffic.clone()))
            .await
            .map_err(io_error)?;
        let client = Self(Rc::new(Inner {
            sender: RefCell::new(Some(sender)),
            options: options.clone(),
            traffic,
            streams: Cell::new(0),
            is_asked: Cell::new(false),
            changed: Event::new(),
            queue,
            failure: RefCell::default(),
            driver: RefCell::default(),
        }));
        let driver = client.clone().drive(connection);
        Ok((client, Box::pin(driver)))
    }

    async fn drive(self, connection: Connection<Carrier, Chunk>) {
        let mut driven = Driven::new(self, connection);
        poll_fn(move |cx| driven.poll(cx)).await;
    }

    /// Waits for the server's SETTINGS: the connection, if it takes extended CONNECTs. One that does not is retired, and so is one
    /// that nobody waits for any more.
    pub(crate) async fn taking_web_sockets(self) -> io::Result<Option<Self>> {
        let unsettled = Unsettled {
            _lease: self.counted(),
            client: Some(self),
        };
        unsettled.settle().await
    }

    /// Whether streams can be opened, now or later.
    pub(crate) fn is_open(&self) -> bool {
        self.0.sender.borrow().is_some()
    }

    /// Whether nobody has a stream.
    pub(crate) fn is_unused(&self) -> bool {
        self.0.streams.get() == 0
    }

    /// The right to a stream, if there is room for one.
    pub(crate) fn lease(&self) -> Option<Lease> {
        // A connection without streams would be of no use.
        let own = usize::try_from(self.0.options.streams.max(1)).unwrap_or(usize::MAX);
        let servers = self.0.sender.borrow().as_ref()?.current_max_send_streams();
        (self.0.streams.get() < own.min(servers)).then(|| self.counted())
    }

    fn counted(&self) -> Lease {
        self.0.streams.set(self.0.streams.get() + 1);
        Lease(self.clone())
    }

    /// Whether the server is there: it is asked where it has been silent for a while.
    pub(crate) async fn is_there(&self) -> bool {
        let asked = Instant::now();
        if asked.saturating_duration_since(self.0.traffic.last_read()) < DOUBTFUL {
            return self.is_open();
        }
        self.0.is_asked.set(true);
        self.wake_driver();
        loop {
            let changed = self.0.changed.listen();
            if !self.is_open() || self.0.traffic.last_read() >= asked {
                return self.is_open();
            }
            changed.await;
        }
    }

    /// Whether it is of use may be different.
    pub(crate) fn wake_driver(&self) {
        let driver = self.0.driver.borrow().clone();
        if let Some(driver) = driver {
            driver.wake();
        }
    }

    /// No stream is opened any more; those that are open go on.
    pub(crate) fn retire(&self) {
        drop(self.0.sender.take());
        self.0.changed.notify(usize::MAX);
        self.0.queue.tell_all();
        self.wake_driver();
    }
}

/// A connection of which it is not known yet whether it is of use. When it is dropped nobody else has it.
struct Unsettled {
    client: Option<Http2Client>,
    /// It is not idle.
    _lease: Lease,
}

impl Unsettled {
    async fn settle(mut self) -> io::Result<Option<Http2Client>> {
        while let Some(client) = &self.client {
            let changed = client.0.changed.listen();
            match &*client.0.sender.borrow() {
                None => {
                    let failure = client.0.failure.take();
                    return Err(failure.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into()));
                }
                Some(sender) if sender.is_extended_connect_protocol_enabled() => break,
                Some(sender) if sender.current_max_send_streams() != UNSETTLED => return Ok(None),
                Some(_) => {}
            }
            changed.await;
        }
        Ok(self.client.take())
    }
}

impl Drop for Unsettled {
    fn drop(&mut self) {
        if let Some(client) = &self.client {
            client.retire();
        }
    }
}

impl Lease {
    /// Of which connection.
    pub(crate) fn client(&self) -> &Http2Client {
        &self.0
    }

    /// Sends a request, and waits for the response to it.
    pub(crate) async fn request(self, request: Http2Request) -> Result<Exchange, Refused> {
        let request = request.into_http().map_err(|_| Refused::Unsayable)?;
        let client = self.0.clone();
        let Some(sender) = client.0.sender.borrow().clone() else {
            let gone = io::ErrorKind::ConnectionReset.into();
            return Err(Refused::Unprocessed(gone));
        };
        let written = client.0.traffic.written();
        let sent = async { sender.ready().await?.send_request(request, false) };
        let (response, send) = sent.await.map_err(|error| {
            // Nothing was sent, and nothing will be.
            client.retire();
            Refused::Unprocessed(io_error(error))
        })?;
        let (head, body) = match answered(response).await {
            Ok(Some(response)) => response.into_parts(),
            Ok(None) => return Err(Refused::Upgraded),
            Err(error) if error.is_io() && client.0.traffic.written() == written => {
                // The connection had ended already.
                client.retire();
                return Err(Refused::Unprocessed(io_error(error)));
            }
            Err(error) => return Err(refused(&client, error)),
        };
        let flushes = client.0.traffic.flushes.clone();
        Ok(Exchange {
            status: head.status.as_u16(),
            fields: fields(&head.headers),
            stream: Http2Stream::new(send, Some(body), flushes, Either::Left(self)),
        })
    }
}

/// The final response, if all before it are interim ones (RFC 9110 section 15.2).
async fn answered(mut response: ResponseFuture) -> Result<Option<Response<RecvStream>>, h2::Error> {
    poll_fn(|cx| {
        while let Poll::Ready(Some(interim)) = response.poll_informational(cx)? {
            if interim.status() == StatusCode::SWITCHING_PROTOCOLS {
                return Poll::Ready(Ok(None));
            }
        }
        Pin::new(&mut response).poll(cx).map_ok(Some)
    })
    .await
}

fn refused(client: &Http2Client, error: h2::Error) -> Refused {
    let is_remote = error.is_remote();
    let is_behind_go_away = is_remote && error.is_go_away();
    if is_behind_go_away {
        client.retire();
    }
    match error.reason() {
        Some(Reason::HTTP_1_1_REQUIRED) if is_remote => Refused::Http1Required,
        // Streams behind the last that the server has looked at.
        _ if is_behind_go_away => Refused::Unprocessed(io_error(error)),
        Some(Reason::REFUSED_STREAM) if is_remote && error.is_reset() => {
            Refused::Unprocessed(io_error(error))
        }
        _ => Refused::Failed(io_error(error)),
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Inner { streams, queue, .. } = &*self.0.0;
        streams.set(streams.get() - 1);
        if self.0.is_open() {
            queue.tell_one();
        }
        if streams.get() == 0 {
            self.0.wake_driver();
        }
    }
}

/// A connection with who looks after it. When it is dropped, its streams hear of it.
struct Driven {
    client: Http2Client,
    connection: Option<Connection<Carrier, Chunk>>,
    watch: Watch,
    /// How many streams the server allows, or [`UNSETTLED`].
    limit: usize,
    /// It has said that it takes WebSockets.
    takes_web_sockets: bool,
    heard: Instant,
    is_ending: bool,
}

impl Driven {
    fn new(client: Http2Client, mut connection: Connection<Carrier, Chunk>) -> Self {
        let Inner {
            options, traffic, ..
        } = &*client.0;
        let ping_pong = connection.ping_pong();
        // Whoever made it has a use for it from its beginning.
        let watch = Watch::new(options.clone(), traffic.clone(), ping_pong, Duration::ZERO);
        Self {
            heard: traffic.last_read(),
            client,
            connection: Some(connection),
            watch,
            limit: UNSETTLED,
            takes_web_sockets: false,
            is_ending: false,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let inner = self.client.0.clone();
        inner.driver.replace(Some(cx.waker().clone()));
        if inner.is_asked.take() {
            self.watch.ask();
        }
        let Some(connection) = &mut self.connection else {
            return Poll::Ready(());
        };
        if let Poll::Ready(ended) = Pin::new(connection).poll(cx) {
            inner.failure.replace(ended.map_err(io_error).err());
            return Poll::Ready(());
        }
        self.tell_changes(cx);
        inner.traffic.end_round();
        let is_used = inner.streams.get() > 0 || !inner.queue.is_empty();
        match self.watch.poll(is_used, cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(super::watch::Reason::Silent) => Poll::Ready(()),
            // Nobody takes that it is to end.
            Poll::Ready(super::watch::Reason::Idle) if self.is_ending => Poll::Ready(()),
            Poll::Ready(super::watch::Reason::Idle) => {
                // It says GOAWAY, and ends: at once, or not at all.
                self.is_ending = true;
                self.client.retire();
                cx.waker().wake_by_ref();
                let connection = self.connection.as_mut();
                connection.map_or(Poll::Ready(()), |connection| {
                    Pin::new(connection).poll(cx).map(drop)
                })
            }
        }
    }

    /// Of the server's SETTINGS and GOAWAY, and of its being there.
    fn tell_changes(&mut self, cx: &mut Context<'_>) {
        let Inner {
            sender,
            traffic,
            changed,
            queue,
            ..
        } = &*self.client.0;
        let heard = traffic.last_read();
        if heard == self.heard {
            return;
        }
        let was_doubtful = heard.saturating_duration_since(self.heard) >= DOUBTFUL;
        self.heard = heard;
        let now = sender.borrow_mut().as_mut().map(|sender| {
            let is_over = matches!(sender.poll_ready(cx), Poll::Ready(Err(_)));
            let takes_web_sockets = sender.is_extended_connect_protocol_enabled();
            // RFC 8441 section 3: who has said that may not take it back.
            let is_over = is_over || (self.takes_web_sockets && !takes_web_sockets);
            self.takes_web_sockets = takes_web_sockets;
            (sender.current_max_send_streams(), is_over)
        });
        match now {
            // Behind GOAWAY no stream is opened: others need not wait for its room. Who waits for SETTINGS hears of those first.
            Some((_, true)) if self.limit != UNSETTLED => self.client.retire(),
            Some((limit, _)) if limit != self.limit => {
                self.limit = limit;
                changed.notify(usize::MAX);
                queue.tell_all();
            }
            Some(_) if was_doubtful => {
                changed.notify(usize::MAX);
            }
            _ => {}
        }
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // Its streams are told by their implementation first.
        drop(self.connection.take());
        self.client.0.traffic.flushes.end();
        self.client.retire();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http2::PREFACE;
    use futures::io::{AsyncRead, AsyncWrite};

    /// A peer that sends nothing, and takes the preface alone.
    struct Stalled;

    impl AsyncRead for Stalled {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            _: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            Poll::Pending
        }
    }

    impl AsyncWrite for Stalled {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            if bytes == PREFACE {
                Poll::Ready(Ok(bytes.len()))
            } else {
                Poll::Pending
            }
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Pending
        }
    }

    #[test]
    fn an_idle_connection_whose_end_nobody_takes_is_let_go() {
        let options = Http2Options {
            idle: Duration::ZERO,
            ..Http2Options::default()
        };
        let begun = Http2Client::begin(Box::new(Box::pin(Stalled)), &options, 1024, Rc::default());
        let (client, driver) = futures::executor::block_on(begun).unwrap();
        // It is polled when it wakes, and not otherwise.
        futures::executor::block_on(driver);
        assert!(!client.is_open());
    }
}
