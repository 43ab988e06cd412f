//! A server's connection.

use super::carrier::{Carrier, Traffic};
use super::flushes::Chunk;
use super::head::header_map;
use super::watch::{self, Watch};
use super::{Head, Http2Options, Http2Stream, io_error};
use crate::net::Stream;
use h2::server::{Builder, Connection, SendResponse};
use h2::{Reason, RecvStream};
use http::{Response, StatusCode};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};

/// What a client says first (RFC 9113 section 3.4): no request of HTTP/1.1 begins so.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A connection from a client. It goes on for as long as somebody waits for requests.
pub(crate) struct Http2Server {
    connection: Connection<Carrier, Chunk>,
    traffic: Rc<Traffic>,
    watch: Watch,
    streams: Rc<Cell<usize>>,
}

/// A request that waits for its response; reset if it is dropped.
pub(crate) struct Http2Asked {
    pub(crate) head: Head,
    respond: SendResponse<Chunk>,
    body: RecvStream,
    traffic: Rc<Traffic>,
    streams: Counted,
}

/// One of a connection's streams.
struct Counted(Rc<Cell<usize>>);

impl Http2Server {
    /// Begins HTTP/2 over a transport of which nothing has been read. A request's head has at most `head` bytes.
    pub(crate) async fn begin(
        stream: Box<dyn Stream>,
        options: &Http2Options,
        head: usize,
    ) -> io::Result<Self> {
        let traffic = Traffic::new();
        let mut connection = Builder::new()
            .enable_connect_protocol()
            .max_concurrent_streams(options.streams)
            .initial_window_size(options.stream_window())
            .initial_connection_window_size(options.connection_window())
            .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
            .handshake(Carrier::new(stream, traffic.clone()))
            .await
            .map_err(io_error)?;
        let watch = Watch::new(options.clone(), traffic.clone(), connection.ping_pong());
        Ok(Self {
            connection,
            traffic,
            watch,
            streams: Rc::default(),
        })
    }

    /// The next request. `None`: the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<Http2Asked> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Http2Asked>> {
        loop {
            match self.connection.poll_accept(cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    self.streams.set(self.streams.get() + 1);
                    let (head, body) = request.into_parts();
                    return Poll::Ready(Some(Http2Asked {
                        head: Head::new(&head),
                        respond,
                        body,
                        traffic: self.traffic.clone(),
                        streams: Counted(self.streams.clone()),
                    }));
                }
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
                Poll::Pending => {}
            }
            match self.watch.poll(self.streams.get() > 0, cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(watch::Reason::Silent) => return Poll::Ready(None),
                Poll::Ready(watch::Reason::Idle) => {
                    self.connection.abrupt_shutdown(Reason::NO_ERROR);
                }
            }
        }
    }

    /// No further request is taken: GOAWAY. The connection ends with its last stream.
    pub(crate) fn go_away(&mut self) {
        self.connection.graceful_shutdown();
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.traffic.flushes.end();
    }
}

impl Http2Asked {
    /// Answers 200 and these fields; what follows goes on in both directions. `None` if it is gone.
    pub(crate) fn accept(mut self, fields: &[(String, String)]) -> Option<Http2Stream> {
        let send = self.respond(StatusCode::OK, fields, false).ok()?;
        let flushes = self.traffic.flushes.clone();
        let streams = Box::new(self.streams);
        Some(Http2Stream::new(send, self.body, flushes, streams))
    }

    /// Answers with a whole response, whose end is waited for.
    pub(crate) async fn turn_away(
        mut self,
        status: u16,
        fields: &[(String, String)],
        body: &[u8],
    ) -> io::Result<()> {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let send = self.respond(status, fields, body.is_empty())?;
        if body.is_empty() {
            return Ok(());
        }
        let flushes = self.traffic.flushes.clone();
        let streams = Box::new(self.streams);
        let mut stream = Http2Stream::new(send, self.body, flushes, streams);
        futures::AsyncWriteExt::write_all(&mut stream, body).await?;
        futures::AsyncWriteExt::close(&mut stream).await
    }

    fn respond(
        &mut self,
        status: StatusCode,
        fields: &[(String, String)],
        is_all: bool,
    ) -> io::Result<h2::SendStream<Chunk>> {
        let mut response = Response::new(());
        *response.status_mut() = status;
        *response.headers_mut() =
            header_map(fields).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.respond
            .send_response(response, is_all)
            .map_err(io_error)
    }

    /// The client may ask elsewhere, or later (RFC 9113 section 8.7).
    pub(crate) fn refuse(mut self) {
        self.respond.send_reset(Reason::REFUSED_STREAM);
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
