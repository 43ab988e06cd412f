//! A server's connection.

use super::carrier::{Carrier, Traffic};
use super::flushes::Chunk;
use super::head::{header_map, request_head};
use super::options::SMALL_FRAMES;
use super::watch::{self, Watch};
use super::{Http2Options, Http2Stream, io_error};
use crate::net::{Place, Stream};
use crate::protocol::opening::{Http2Head, Http2Response};
use futures::future::Either;
use h2::server::{Builder, Connection, SendResponse};
use h2::{Reason, RecvStream};
use http::{Response, StatusCode};
use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

/// What a client says first (RFC 9113 section 3.4): no request of HTTP/1.1 begins so.
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A client may reset so many streams, beyond those that it has waited for, before they are answered.
const ABANDONED: u64 = 100;

/// A connection from a client. It goes on for as long as somebody waits for requests.
pub(crate) struct Http2Server {
    connection: Connection<Carrier, Chunk>,
    traffic: Rc<Traffic>,
    watch: Watch,
    /// So many at once, those included that the client has reset and that nobody has looked at since.
    most: usize,
    answers: Rc<Answers>,
    /// It says GOAWAY, and ends.
    is_ending: bool,
}

/// What became of a connection's requests.
#[derive(Default)]
struct Answers {
    /// Streams that there are.
    open: Cell<usize>,
    given: Cell<u64>,
    /// Reset before they were given.
    abandoned: Cell<u64>,
}

/// A request that waits for its response; reset if it is dropped.
pub(crate) struct Http2Asked {
    respond: SendResponse<Chunk>,
    body: RecvStream,
    traffic: Rc<Traffic>,
    open: Open,
}

/// One of a connection's streams.
pub(super) struct Open(Rc<Answers>);

impl Http2Server {
    /// Begins HTTP/2 over a transport of which nothing has been read. A request's head has at most `head` bytes, and the first may
    /// take so long.
    pub(crate) async fn begin(
        stream: Box<dyn Stream>,
        options: &Http2Options,
        head: usize,
        patience: Duration,
    ) -> io::Result<Self> {
        let traffic = Traffic::new(PREFACE.len());
        let (remembered, remembered_for) = options.remembered();
        let mut connection = Builder::new()
            .enable_connect_protocol()
            .max_concurrent_streams(options.streams)
            .initial_window_size(options.stream_window())
            .initial_connection_window_size(options.connection_window())
            .data_frame_budget(SMALL_FRAMES)
            .max_concurrent_reset_streams(remembered)
            .reset_stream_duration(remembered_for)
            .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
            .handshake(Carrier::new(stream, traffic.clone()))
            .await
            .map_err(io_error)?;
        let ping_pong = connection.ping_pong();
        let watch = Watch::new(options.clone(), traffic.clone(), ping_pong, patience);
        Ok(Self {
            connection,
            traffic,
            watch,
            most: usize::try_from(options.streams)
                .map_or(usize::MAX, |most| most.saturating_mul(2)),
            answers: Rc::default(),
            is_ending: false,
        })
    }

    /// The next request. `None`: the connection has ended.
    pub(crate) async fn next(&mut self) -> Option<(Http2Head, Http2Asked)> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<(Http2Head, Http2Asked)>> {
        loop {
            match self.connection.poll_accept(cx) {
                Poll::Ready(Some(Ok((request, respond)))) => {
                    let (parts, body) = request.into_parts();
                    let head = request_head(&parts);
                    let asked = Http2Asked {
                        respond,
                        body,
                        traffic: self.traffic.clone(),
                        open: Open::new(&self.answers),
                    };
                    if self.answers.open.get() <= self.most {
                        return Poll::Ready(Some((head, asked)));
                    }
                    asked.refuse();
                    continue;
                }
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
                Poll::Pending => self.traffic.end_round(),
            }
            let reason = match self.watch.poll(self.answers.open.get() > 0, cx) {
                Poll::Ready(watch::Reason::Silent) => return Poll::Ready(None),
                Poll::Ready(watch::Reason::Idle) => Reason::NO_ERROR,
                // CVE-2023-44487: what costs a client nothing costs us something.
                Poll::Pending if self.answers.are_abandoned() => Reason::ENHANCE_YOUR_CALM,
                Poll::Pending => return Poll::Pending,
            };
            if std::mem::replace(&mut self.is_ending, true) {
                // Nobody takes that it is to end.
                return Poll::Ready(None);
            }
            self.connection.abrupt_shutdown(reason);
        }
    }

    /// No further request is taken: GOAWAY. The connection ends with its last stream.
    pub(crate) fn go_away(&mut self) {
        self.connection.graceful_shutdown();
    }

    /// Nothing else is waited for any more.
    pub(crate) fn end_with_its_streams(&mut self) {
        self.watch.keep_no_longer();
    }
}

impl Drop for Http2Server {
    fn drop(&mut self) {
        self.traffic.flushes.end();
    }
}

impl Answers {
    fn are_abandoned(&self) -> bool {
        self.abandoned.get() > ABANDONED + self.given.get()
    }
}

impl Http2Asked {
    /// Answers 200 and these fields; what follows goes on in both directions. `None` if it is gone. The place lasts as long as
    /// the stream.
    pub(crate) fn accept(
        mut self,
        fields: &[(String, String)],
        place: Place,
    ) -> Option<Http2Stream> {
        let send = self.respond(StatusCode::OK, fields, false).ok()?;
        let flushes = self.traffic.flushes.clone();
        let lasting = Either::Right((self.open, Some(place)));
        Some(Http2Stream::new(send, Some(self.body), flushes, lasting))
    }

    /// Answers with a whole response, whose end is waited for.
    pub(crate) async fn turn_away(mut self, response: &Http2Response) -> io::Result<()> {
        let status = StatusCode::from_u16(response.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.body.as_slice();
        let send = self.respond(status, &response.fields, body.is_empty())?;
        let flushes = self.traffic.flushes.clone();
        let lasting = Either::Right((self.open, None));
        // What a body holds is nobody's, and whoever is not done when this is dropped resets the stream.
        drop(self.body);
        let mut stream = Http2Stream::new(send, None, flushes, lasting);
        if body.is_empty() {
            stream.finish_with_head();
        } else {
            futures::AsyncWriteExt::write_all(&mut stream, body).await?;
        }
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
        let responded = self.respond.send_response(response, is_all);
        let answers = &self.open.0;
        let count = match responded {
            Ok(_) => &answers.given,
            Err(_) => &answers.abandoned,
        };
        count.set(count.get() + 1);
        responded.map_err(io_error)
    }

    /// The client may ask elsewhere, or later (RFC 9113 section 8.7).
    pub(crate) fn refuse(mut self) {
        self.respond.send_reset(Reason::REFUSED_STREAM);
    }
}

impl Open {
    fn new(answers: &Rc<Answers>) -> Self {
        answers.open.set(answers.open.get() + 1);
        Self(answers.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.set(self.0.open.get() - 1);
    }
}
