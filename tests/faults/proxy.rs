//! Proxies, which lead to one server whatever they are asked for.

use super::relay::carry;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use support::{SOCKS_TUNNEL, TUNNEL};

/// What opens a tunnel; an error where the client doesn't ask for one.
type Opening = fn(&mut TcpStream) -> io::Result<()>;

/// As long as the process lives.
fn serve(server: SocketAddr, open: Opening) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            thread::spawn(move || {
                if open(&mut client).is_ok() {
                    carry(client, TcpStream::connect(server).unwrap(), None);
                }
            });
        }
    });
    address
}

/// By CONNECT.
pub(crate) fn http(server: SocketAddr) -> SocketAddr {
    serve(server, |client| {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(byte(client)?);
        }
        client.write_all(TUNNEL)
    })
}

/// RFC 1928, without a password, for names.
pub(crate) fn socks5(server: SocketAddr) -> SocketAddr {
    serve(server, |client| {
        let mut start = [0; 2];
        client.read_exact(&mut start)?;
        let mut methods = vec![0; start[1].into()];
        client.read_exact(&mut methods)?;
        client.write_all(&[5, 0])?;
        let mut request = [0; 4];
        client.read_exact(&mut request)?;
        let mut name_and_port = vec![0; usize::from(byte(client)?) + 2];
        client.read_exact(&mut name_and_port)?;
        client.write_all(SOCKS_TUNNEL)
    })
}

fn byte(client: &mut TcpStream) -> io::Result<u8> {
    let mut byte = [0];
    client.read_exact(&mut byte)?;
    Ok(byte[0])
}
