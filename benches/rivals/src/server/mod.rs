//! The one server that all clients talk to: one thread, one write for a read, nothing allocated for a message.
//!
//! The path of a client's URL says what it does: `/` sends each message back, `/push?N` sends N of 64 bytes of
//! text, `/take?N` takes N and answers the last one with `ok`. Both wires are spoken. The handshake is
//! dom-websocket's; frames are not.

mod frames;
mod peer;
mod process;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use peer::{Buffers, Peer};
pub use process::Server;
use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;

const LISTENER: Token = Token(0);

/// Prints the port it listens at, and serves until it is killed.
pub fn serve() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    println!("{}", listener.local_addr()?.port());
    let mut events = Events::with_capacity(1024);
    let mut peers: HashMap<Token, Peer> = HashMap::new();
    let mut buffers = Buffers::new();
    let mut last = LISTENER;
    loop {
        poll.poll(&mut events, None)?;
        for event in &events {
            if let Some(peer) = peers.get_mut(&event.token())
                && peer.go_on(&mut buffers).is_err()
            {
                peers.remove(&event.token());
            }
            while event.token() == LISTENER
                && let Ok((mut stream, _)) = listener.accept()
            {
                last = Token(last.0 + 1);
                let both = Interest::READABLE | Interest::WRITABLE;
                stream.set_nodelay(true)?;
                poll.registry().register(&mut stream, last, both)?;
                peers.insert(last, Peer::new(stream));
            }
        }
    }
}
