//! The simplified wire: each end against a scripted peer, and both against each other.

mod client;
#[cfg(target_os = "linux")]
mod cut_everywhere;
mod duplex;
#[cfg(feature = "proxies")]
mod proxied;
mod server;
mod take_socket;
#[cfg(feature = "tls")]
mod tls;

use dom_websocket::{ByteStream, EventLoop, Server};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use std::cell::RefCell;
use std::rc::Rc;
use support::run_until;

const RESPONSE: &str =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n";
const MIB: usize = 1024 * 1024;

/// All that a client sends before it has read the response.
fn request(host: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\r\n")
}

/// Runs the loop until this is done.
#[track_caller]
fn run<T: 'static>(event_loop: &EventLoop, future: impl Future<Output = T> + 'static) -> T {
    let result = Rc::new(RefCell::new(None));
    let done = result.clone();
    event_loop.spawn(async move {
        let output = future.await;
        done.replace(Some(output));
    });
    let _work = event_loop.keep_alive();
    run_until(event_loop, || result.borrow().is_some());
    result.take().unwrap()
}

/// The streams of a server's clients, as they come.
#[derive(Clone, Default)]
struct Accepted(Rc<RefCell<Vec<ByteStream>>>);

impl Accepted {
    fn of(server: &Server) -> Self {
        let this = Self::default();
        let all = this.0.clone();
        server.set_onbytestream(move |stream, _| all.borrow_mut().push(stream));
        this
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The next one.
    #[track_caller]
    fn next(&self, event_loop: &EventLoop) -> ByteStream {
        run_until(event_loop, || !self.is_empty());
        self.0.borrow_mut().remove(0)
    }
}

/// A server, and what comes to it.
fn serve(event_loop: &EventLoop) -> (Server, Accepted) {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let accepted = Accepted::of(&server);
    (server, accepted)
}

fn url(server: &Server) -> String {
    format!("ws://{}/", server.local_addr())
}

/// Both ends of a connection: the client's first.
fn both(event_loop: &EventLoop) -> (ByteStream, ByteStream) {
    let (server, accepted) = serve(event_loop);
    let client = ByteStream::connect(event_loop, &url(&server)).unwrap();
    let server = accepted.next(event_loop);
    (client, server)
}

/// Bytes that are at no two places alike.
fn pattern(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// `read_to_end` makes its whole vector zero whenever it is polled.
async fn read_all(stream: &mut (impl AsyncReadExt + Unpin)) -> Vec<u8> {
    let (mut all, mut some) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        match stream.read(&mut some).await.unwrap() {
            0 => return all,
            count => all.extend_from_slice(&some[..count]),
        }
    }
}

/// One end finishes; the other then sends so much, and finishes too. All of it has to come.
async fn after_the_end(mut first: ByteStream, mut second: ByteStream, len: usize) {
    let finishing = async {
        first.write_all(b"last").await.unwrap();
        first.close().await.unwrap();
        let all = read_all(&mut first).await;
        assert!(all == pattern(len), "{} bytes", all.len());
        assert_eq!(first.closed().await.unwrap().close_code, Some(1005));
    };
    let going_on = async {
        assert_eq!(read_all(&mut second).await, b"last");
        second.write_all(&pattern(len)).await.unwrap();
        second.close().await.unwrap();
        assert_eq!(second.closed().await.unwrap().close_code, Some(1005));
    };
    futures::future::join(finishing, going_on).await;
}
