//! A stream some of whose bytes have been read already.

use super::Stream;
use super::stream::IntoTcp;
use futures::io::{AsyncRead, AsyncWrite, IoSlice};
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

/// Gives back what was read too far, then goes on as the stream itself.
pub(crate) struct Unread<S> {
    bytes: io::Cursor<Vec<u8>>,
    stream: S,
}

impl<S> Unread<S> {
    pub(crate) fn new(bytes: Vec<u8>, stream: S) -> Self {
        Self {
            bytes: io::Cursor::new(bytes),
            stream,
        }
    }
}

impl<S: Stream + 'static> Stream for Unread<S> {
    fn into_tcp(self: Box<Self>) -> io::Result<IntoTcp> {
        let Self { bytes, stream } = *self;
        let read = usize::try_from(bytes.position()).unwrap_or(usize::MAX);
        let mut unread = bytes.into_inner();
        unread.drain(..read.min(unread.len()));
        Ok(match Box::new(stream).into_tcp()? {
            Ok((socket, later)) => {
                unread.extend(later);
                Ok((socket, unread))
            }
            Err(stream) => Err(Box::new(Unread::new(unread, stream))),
        })
    }
}

impl<S: Stream> AsyncRead for Unread<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.bytes.read(buffer)? {
            0 => Pin::new(&mut self.stream).poll_read(cx, buffer),
            count => Poll::Ready(Ok(count)),
        }
    }
}

impl<S: Stream> AsyncWrite for Unread<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}
