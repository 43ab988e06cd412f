//! Doors for the fuzz targets in `fuzz/`: what they check and has no public entry of its own. They are there with
//! `--cfg fuzzing` alone, and for nobody else.

#[cfg(feature = "http2")]
mod http2;

use crate::dom::{ByteStream, WebSocket};
use crate::edition::Edition;
use crate::event_loop::{EventLoop, TaskSource};
use crate::protocol::opening::{Agreed, Request};
use crate::protocol::{ConnectionOptions, UrlComponents, url};
use ::url::Url;
use futures::io::{AsyncRead, AsyncWrite};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

pub use crate::user_agent::fuzzing::*;
#[cfg(feature = "http2")]
pub use http2::*;

/// A connection over this transport, with the opening handshake behind it.
fn open<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    event_loop: &EventLoop,
    agreed: Agreed,
    transport: T,
    options: &Arc<ConnectionOptions>,
) -> Rc<TaskSource> {
    let protocol = agreed.connect(options, [7; 32], Instant::now());
    let stream = Box::new(Box::pin(transport));
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
