//! CONNECT (RFC 9110 section 9.3.6).

use crate::net::{Stream, Unread};
use crate::protocol::response::ResponseReader;
use crate::protocol::{Failure, Limits, ProxyFailure, Response};
use futures::io::{AsyncReadExt, AsyncWriteExt};
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
    stream.write_all(request.as_bytes()).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;

    let mut reader = ResponseReader::new(limits);
    let mut buffer = [0; 1024];
    loop {
        let count = stream.read(&mut buffer).await.map_err(lost)?;
        if count == 0 {
            return Err(lost(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut input = &buffer[..count];
        let head = reader.read(&mut input).map_err(|failure| {
            Failure::Proxy(match failure {
                Failure::HeadTooLarge => ProxyFailure::HeadTooLarge,
                _ => ProxyFailure::Malformed,
            })
        })?;
        let Some(head) = head else {
            continue;
        };
        return match head.response.status {
            // What is behind the head is the server's already.
            200..=299 if input.is_empty() => Ok(Connected::Tunnel(stream)),
            200..=299 => Ok(Connected::Tunnel(Box::new(Unread::new(
                input.to_vec(),
                stream,
            )))),
            407 => Ok(Connected::Unauthorized(Box::new(head.response))),
            status => Err(Failure::Proxy(ProxyFailure::Status(status))),
        };
    }
}
