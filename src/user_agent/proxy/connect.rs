//! CONNECT (RFC 9110 section 9.3.6).

use crate::net::handshake::{self, HandshakeError};
use crate::net::{Stream, Unread};
use crate::protocol::opening::{Response, ResponseReader};
use crate::protocol::{HandshakeFault, Limits};
use crate::user_agent::{Failure, ProxyFailure};
use std::io;

/// What a proxy made of CONNECT.
pub(in crate::user_agent) enum Connected {
    /// What goes over the stream goes to the server.
    Tunnel(Box<dyn Stream>),
    /// It wants credentials.
    Unauthorized(Box<Response>),
}

/// Asks for a tunnel to `target`, a host and a port.
pub(in crate::user_agent) async fn connect(
    mut stream: Box<dyn Stream>,
    target: &str,
    authorization: Option<&str>,
    user_agent: Option<&str>,
    limits: &Limits,
) -> Result<Connected, Failure> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    for (name, value) in [
        ("Proxy-Authorization", authorization),
        ("User-Agent", user_agent),
    ] {
        if let Some(value) = value {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    request.push_str("\r\n");
    let lost = |error: io::Error| Failure::Proxy(ProxyFailure::Transport(error.into()));
    handshake::send(&mut *stream, request.as_bytes())
        .await
        .map_err(lost)?;
    let mut reader = ResponseReader::new(limits);
    let received = handshake::receive(&mut *stream, |input| {
        let head = reader.read(input)?;
        Ok(head.map(|head| (head.response, input.to_vec())))
    });
    let (response, unread) = received.await.map_err(|error| match error {
        HandshakeError::Ended => lost(io::ErrorKind::UnexpectedEof.into()),
        HandshakeError::Io(error) => lost(error),
        HandshakeError::Answer(HandshakeFault::TooLarge) => {
            Failure::Proxy(ProxyFailure::HeadTooLarge)
        }
        HandshakeError::Answer(_) => Failure::Proxy(ProxyFailure::Malformed),
    })?;
    match response.status() {
        // What is behind the head is the server's already.
        200..=299 if unread.is_empty() => Ok(Connected::Tunnel(stream)),
        200..=299 => Ok(Connected::Tunnel(Box::new(Unread::new(unread, stream)))),
        407 => Ok(Connected::Unauthorized(Box::new(response))),
        status => Err(Failure::Proxy(ProxyFailure::Status(status))),
    }
}
