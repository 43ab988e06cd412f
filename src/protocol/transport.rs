//! What a connection wants of its transport.

/// What a connection wants of its transport.
///
/// ```
/// use dom_websocket::protocol::Transport;
/// use std::io;
/// use std::net::{Shutdown, TcpStream};
///
/// /// Once all that there is to send has left. Whether the transport is needed still.
/// fn obey(wanted: Transport, socket: &TcpStream) -> io::Result<bool> {
///     match wanted {
///         Transport::Finishing => socket.shutdown(Shutdown::Write)?,
///         Transport::Released => return Ok(false),
///         _ => {}
///     }
///     Ok(true)
/// }
/// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// # let socket = TcpStream::connect(listener.local_addr()?)?;
/// assert!(obey(Transport::Finishing, &socket)?);
/// assert!(!obey(Transport::Released, &socket)?);
/// # Ok::<(), io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// Write what there is to send.
    Open,
    /// Write what is left, end our direction (FIN), and read on to the peer's end, so that nothing
    /// unread turns our close into a reset.
    Finishing,
    /// Close it now.
    Released,
}
