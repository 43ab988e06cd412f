//! Doors for the fuzz targets in `fuzz/`: what they check and has no public entry of its own. They are there with
//! `--cfg fuzzing` alone, and for nobody else.

use crate::dom::{ByteStream, WebSocket};
use crate::edition::Edition;
use crate::event_loop::{EventLoop, TaskSource};
use crate::net::Stream;
use crate::protocol::opening::{Agreed, Request};
use crate::protocol::{ConnectionOptions, UrlComponents, url};
use ::url::Url;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use std::io;
use std::net::TcpStream;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

pub use crate::user_agent::fuzzing::*;

/// A transport of the fuzzer's.
pub(crate) struct Foreign<T>(pub(crate) T);

impl<T: AsyncRead + AsyncWrite + Unpin + 'static> Stream for Foreign<T> {
    fn into_tcp(self: Box<Self>) -> io::Result<Result<(TcpStream, Vec<u8>), Box<dyn Stream>>> {
        Ok(Err(self))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Foreign<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Foreign<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }
}

/// A connection over this transport, with the opening handshake behind it.
fn open<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    event_loop: &EventLoop,
    agreed: Agreed,
    transport: T,
    options: &Arc<ConnectionOptions>,
) -> Rc<TaskSource> {
    let protocol = agreed.connect(options, [7; 32], Instant::now());
    let stream = Box::new(Foreign(transport));
    let opened = crate::connection::Opened { stream, protocol };
    let opening = Box::pin(async { Some(opened) });
    TaskSource::open(event_loop.shared(), opening, None)
}

/// The object of a connection whose wire has messages, CONNECTING until its first task. `None` for the simplified wire.
pub fn socket<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    event_loop: &EventLoop,
    agreed: Agreed,
    transport: T,
    options: &Arc<ConnectionOptions>,
) -> Option<WebSocket> {
    let edition = Edition::of_wire(agreed.wire)?;
    let url = Url::parse("ws://example.com/").ok()?;
    let source = open(event_loop, agreed, transport, options);
    let half_open = options.half_open;
    Some(WebSocket::adopt(
        edition, &url, None, source, options, half_open,
    ))
}

/// The stream of a connection of the simplified wire.
pub fn byte_stream<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    event_loop: &EventLoop,
    agreed: Agreed,
    transport: T,
    options: &Arc<ConnectionOptions>,
) -> ByteStream {
    let source = open(event_loop, agreed, transport, options);
    ByteStream::accepted("ws://example.com/".to_owned(), options, source)
}

/// The constructor's URL parser: the record, and where it leads.
#[must_use]
pub fn resolve(url: &str, base: &str) -> Option<(String, UrlComponents)> {
    let base = Url::parse(base).ok()?;
    let (record, components) = url::parse_living(url, Some(&base)).ok()?;
    Some((record.into(), components))
}

/// Where a client means to have connected to, as a server has it.
#[must_use]
pub fn address(request: &Request, secure: bool) -> Option<UrlComponents> {
    request.url(secure)
}
