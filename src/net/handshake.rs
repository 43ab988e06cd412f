//! Handshakes: bytes to send, and an answer that comes in pieces.

use super::Stream;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::io;

/// One read takes at most this much: a head, in all likelihood.
const READ_BUFFER: usize = 1024;

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

/// Ends our direction, and reads on to the peer's end, so that nothing unread turns our close into a reset.
pub(crate) async fn finish(stream: &mut (impl Stream + ?Sized)) -> io::Result<()> {
    stream.close().await?;
    let mut buffer = [0; READ_BUFFER];
    while stream.read(&mut buffer).await? > 0 {}
    Ok(())
}
