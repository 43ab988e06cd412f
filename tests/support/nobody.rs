//! An address at which nobody listens.

use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;

/// Its port is taken as long as the process lives, so that no other test comes to listen there; yet whoever
/// calls is refused.
pub fn url_of_nobody() -> String {
    static SOCKET: LazyLock<Socket> = LazyLock::new(|| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        socket.bind(&any_port.into()).unwrap();
        socket
    });
    let address = SOCKET.local_addr().unwrap();
    format!("ws://{}/", address.as_socket().unwrap())
}
