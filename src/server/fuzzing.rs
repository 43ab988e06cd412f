//! The doors of [`crate::fuzzing`] into the server.

use super::Server;
use super::handshake::{Failed, Handshake};
use futures::io::{AsyncRead, AsyncWrite};

/// Takes a transport for a client that begins with the preface of HTTP/2, if there is room for one.
pub fn serve_http2<T: AsyncRead + AsyncWrite + Unpin + 'static>(server: &Server, transport: T) {
    let Some(place) = server.inner.handshakes.take() else {
        return;
    };
    let stream = Box::new(Box::pin(transport));
    Handshake::open(&server.inner, place, |handshake| async move {
        handshake.begin_http2(stream).await?;
        Err(Failed::Lost)
    });
}
