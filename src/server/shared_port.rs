//! A port at which several servers listen.

use std::io;
#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
use std::net::SocketAddr;
use std::net::{TcpListener, ToSocketAddrs};

/// As [`TcpListener::bind`], where others that do the same may be bound already.
#[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
pub(super) fn bind(address: impl ToSocketAddrs) -> io::Result<TcpListener> {
    use socket2::{Domain, Socket, Type};
    /// The system takes as many as it is set to allow.
    const BACKLOG: i32 = i32::MAX;
    let bind = |address: SocketAddr| {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    let mut last = io::Error::new(io::ErrorKind::InvalidInput, "there is no address");
    for address in address.to_socket_addrs()? {
        match bind(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(not(all(unix, not(any(target_os = "solaris", target_os = "illumos")))))]
pub(super) fn bind(_: impl ToSocketAddrs) -> io::Result<TcpListener> {
    Err(io::ErrorKind::Unsupported.into())
}
