//! Handshakes: bytes to send, and an answer that comes in pieces.

use super::{Stream, runtime};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::future::{pending, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// One read takes at most this much: a head, in all likelihood.
const READ_BUFFER: usize = 1024;
/// So much of what a peer has sent behind a handshake that fails is read.
const DRAINED: usize = 64 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum HandshakeError<E> {
    /// The peer ended its direction.
    Ended,
    Io(io::Error),
    /// The answer is not what it should be.
    Answer(E),
}

impl<E> From<io::Error> for HandshakeError<E> {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Sends all of it.
pub(crate) async fn send(stream: &mut (impl Stream + ?Sized), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Shows `take` what comes, until that has what it wants. It takes bytes off the front of its argument,
/// all of them where it goes on.
pub(crate) async fn receive<T, E>(
    stream: &mut (impl Stream + ?Sized),
    mut take: impl FnMut(&mut &[u8]) -> Result<Option<T>, E>,
) -> Result<T, HandshakeError<E>> {
    let mut buffer = [0; READ_BUFFER];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(HandshakeError::Ended);
        }
        if let Some(taken) = take(&mut &buffer[..count]).map_err(HandshakeError::Answer)? {
            return Ok(taken);
        }
    }
}

/// Appends what comes next.
#[cfg(feature = "http2")]
pub(crate) async fn receive_more<E>(
    stream: &mut (impl Stream + ?Sized),
    received: &mut Vec<u8>,
) -> Result<(), HandshakeError<E>> {
    let mut take = |input: &mut &[u8]| {
        received.extend_from_slice(input);
        Ok(Some(()))
    };
    receive(stream, &mut take).await
}

/// Sends `bytes`, and shows `take` what comes meanwhile and behind them, as [`receive`] does: who answers
/// before it has read all is heard, and then the rest of `bytes` is left. So is an answer behind a failed write;
/// without one that write is the error.
pub(crate) async fn exchange<T, E>(
    stream: &mut (impl Stream + ?Sized),
    bytes: &mut &[u8],
    mut take: impl FnMut(&mut &[u8]) -> Result<Option<T>, E>,
) -> Result<T, HandshakeError<E>> {
    let mut buffer = [0; READ_BUFFER];
    let (mut is_sent, mut write_error) = (false, None);
    poll_fn(move |cx| {
        if !is_sent {
            match poll_send(Pin::new(&mut *stream), cx, bytes) {
                Poll::Pending => {}
                Poll::Ready(sent) => (is_sent, write_error) = (true, sent.err()),
            }
        }
        loop {
            let end = match ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer)) {
                Ok(count) if count > 0 => match take(&mut &buffer[..count]) {
                    Ok(None) => continue,
                    Ok(Some(taken)) => return Poll::Ready(Ok(taken)),
                    Err(fault) => HandshakeError::Answer(fault),
                },
                end => match (write_error.take(), end) {
                    (Some(error), _) | (None, Err(error)) => HandshakeError::Io(error),
                    (None, Ok(_)) => HandshakeError::Ended,
                },
            };
            return Poll::Ready(Err(end));
        }
    })
    .await
}

fn poll_send(
    mut stream: Pin<&mut (impl Stream + ?Sized)>,
    cx: &mut Context<'_>,
    bytes: &mut &[u8],
) -> Poll<io::Result<()>> {
    while !bytes.is_empty() {
        match ready!(stream.as_mut().poll_write(cx, bytes))? {
            0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            count => *bytes = &bytes[count..],
        }
    }
    stream.poll_flush(cx)
}

/// Ends our direction, and reads on to the peer's end, so that nothing unread turns our close into a reset. A peer that
/// sends more than `most` bytes is not read any further, and this does not end.
pub(crate) async fn finish(stream: &mut (impl Stream + ?Sized), mut most: usize) -> io::Result<()> {
    stream.close().await?;
    let mut buffer = [0; READ_BUFFER];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        most = most.saturating_sub(count);
        if most == 0 {
            return pending().await;
        }
        // A peer that sends without end keeps neither the others waiting nor its own bound.
        runtime::yield_now().await;
    }
}

/// Reads what is there already, up to a bound, for the same reason where nothing is said any more.
pub(crate) async fn drain(stream: &mut (impl Stream + ?Sized)) {
    let mut buffer = [0; READ_BUFFER];
    let mut left = DRAINED;
    poll_fn(|cx| {
        while left > 0 {
            match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(count)) if count > 0 => left = left.saturating_sub(count),
                _ => break,
            }
        }
        Poll::Ready(())
    })
    .await;
}
