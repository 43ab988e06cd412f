//! How much memory streams take. It counts what its whole process allocates, so that it is a program of its own.
#![allow(unsafe_code)]

use dom_websocket::protocol::Wire;
use dom_websocket::{
    ByteStream, Edition, EventLoop, Server, UserAgent, WebSocket, WebSocketOpenInfo,
};
use futures::channel::oneshot;
use futures::future::{LocalBoxFuture, join, join4};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;
use support::bounded_by;

/// Counts the bytes that are allocated, and the most there ever were.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator does all of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        // SAFETY: the caller's promises are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are the same.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const MIB: usize = 1 << 20;
/// What goes each way.
const LEN: usize = 16 * MIB;
/// More than the system has room for.
const FLOOD: usize = 64 * MIB;
/// Over what there is when nothing is under way: both ends of a connection, with all that is queued between them.
const BOUND: usize = 8 * MIB;
const PIECE: usize = 48 * 1024;

/// A client, and the server's end of its connection.
async fn sockets(event_loop: &EventLoop, edition: Edition) -> (WebSocket, WebSocket) {
    let mut server = Server::builder(event_loop);
    let server = server
        .compression(false)
        .half_open(true)
        .listen("127.0.0.1:0")
        .unwrap();
    let (accepted, accept) = oneshot::channel();
    let accepted = RefCell::new(Some(accepted));
    server.set_onconnection(move |socket, _| {
        let accepted = accepted.take().unwrap();
        assert!(accepted.send(socket).is_ok());
    });
    let url = format!("ws://{}/", server.local_addr());
    let agent = UserAgent::builder().compression(false).build();
    let client = WebSocket::builder(event_loop, &url)
        .edition(edition)
        .half_open(true)
        .user_agent(&agent)
        .open()
        .unwrap();
    (client, accept.await.unwrap())
}

async fn streams(event_loop: &EventLoop, edition: Edition) -> [WebSocketOpenInfo; 2] {
    let (client, server) = sockets(event_loop, edition).await;
    let (client, server) = (client.into_stream().unwrap(), server.into_stream().unwrap());
    [
        client.opened().await.unwrap(),
        server.opened().await.unwrap(),
    ]
}

async fn byte_streams(event_loop: &EventLoop, wire: Wire) -> [ByteStream; 2] {
    let edition = match wire {
        Wire::Hixie76 => Edition::Html5,
        Wire::Rfc6455 => Edition::Living,
        _ => return simplified(event_loop).await,
    };
    let (client, server) = sockets(event_loop, edition).await;
    [
        client.into_byte_stream().unwrap(),
        server.into_byte_stream().unwrap(),
    ]
}

async fn simplified(event_loop: &EventLoop) -> [ByteStream; 2] {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let (accepted, accept) = oneshot::channel();
    let accepted = RefCell::new(Some(accepted));
    server.set_onbytestream(move |stream, _| {
        let accepted = accepted.take().unwrap();
        assert!(accepted.send(stream).is_ok());
    });
    let url = format!("ws://{}/", server.local_addr());
    let client = ByteStream::connect(event_loop, &url).unwrap();
    [client, accept.await.unwrap()]
}

/// What a reader does behind each read.
type Rest = Box<dyn Fn() -> LocalBoxFuture<'static, ()>>;

/// Runs it on a loop, and looks at the memory that it took.
fn measure<F: Future<Output = ()> + 'static>(what: &str, scenario: impl FnOnce(EventLoop) -> F) {
    let event_loop = EventLoop::new();
    let is_over = std::rc::Rc::new(Cell::new(false));
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    event_loop.spawn({
        let (scenario, is_over) = (scenario(event_loop.clone()), is_over.clone());
        async move {
            scenario.await;
            is_over.set(true);
        }
    });
    event_loop.run();
    assert!(is_over.get(), "{what} has not ended");
    drop(event_loop);
    let most = MOST.load(Relaxed) - before;
    let left = NOW.load(Relaxed).saturating_sub(before);
    assert!(most < BOUND, "{what} took {most} bytes");
    // What the runtime and the thread keep once they have run.
    assert!(left < MIB / 4, "{what} left {left} bytes");
}

/// The first or the second of two readers is slow.
fn rests(event_loop: &EventLoop, slow: usize) -> [Rest; 2] {
    [0, 1].map(|reader| {
        let event_loop = event_loop.downgrade();
        let rest: Rest = Box::new(move || match event_loop.upgrade() {
            Some(event_loop) if reader == slow => {
                event_loop.sleep(Duration::from_micros(300)).boxed_local()
            }
            _ => async {}.boxed_local(),
        });
        rest
    })
}

async fn messages_both_ways(event_loop: EventLoop, edition: Edition, slow: usize) {
    let [first, second] = streams(&event_loop, edition).await;
    let [at_first, at_second] = rests(&event_loop, slow);
    drop(event_loop);
    let write = |mut writable: dom_websocket::WebSocketWritable| async move {
        let text = "x".repeat(PIECE);
        for _ in 0..LEN / PIECE {
            writable.write(&*text).await.unwrap();
        }
    };
    let read = |mut readable: dom_websocket::WebSocketReadable, rest: Rest| async move {
        let mut all = 0;
        while let Some(message) = readable.next().await {
            all += message.unwrap().len();
            rest().await;
        }
        assert_eq!(all, LEN / PIECE * PIECE);
    };
    join4(
        write(first.writable),
        write(second.writable),
        read(first.readable, at_first),
        read(second.readable, at_second),
    )
    .await;
}

async fn bytes_both_ways(event_loop: EventLoop, wire: Wire, slow: usize) {
    let [first, second] = byte_streams(&event_loop, wire).await;
    let [at_first, at_second] = rests(&event_loop, slow);
    drop(event_loop);
    let write = |mut writer: futures::io::WriteHalf<ByteStream>| async move {
        let piece = vec![b'x'; PIECE];
        for _ in 0..LEN / PIECE {
            writer.write_all(&piece).await.unwrap();
        }
        writer.close().await.unwrap();
    };
    let read = |mut reader: futures::io::ReadHalf<ByteStream>, rest: Rest| async move {
        let (mut buffer, mut all) = (vec![0; 64 * 1024], 0);
        loop {
            match reader.read(&mut buffer).await.unwrap() {
                0 => break assert_eq!(all, LEN / PIECE * PIECE),
                count => all += count,
            }
            rest().await;
        }
    };
    let (first, second) = (first.split(), second.split());
    join4(
        write(first.1),
        write(second.1),
        read(first.0, at_first),
        read(second.0, at_second),
    )
    .await;
}

/// A peer that writes all it can to a stream that nobody reads.
async fn unread(event_loop: EventLoop, edition: Edition) {
    let [client, mut server] = streams(&event_loop, edition).await;
    let text = "x".repeat(PIECE);
    let flood = async {
        for _ in 0..FLOOD / PIECE {
            server.writable.write(&*text).await.unwrap();
        }
        panic!("all of it found room");
    };
    let patience = event_loop.sleep(Duration::from_millis(500));
    futures::future::select(Box::pin(flood), Box::pin(patience)).await;
    drop((client, server));
}

/// A message in pieces, of which the reader never holds more than one.
async fn pieces(event_loop: EventLoop, edition: Edition) {
    let [client, server] = streams(&event_loop, edition).await;
    let mut writable = server.writable;
    let write = async {
        // It is the writer's, and queued once.
        writable.write("x".repeat(2 * MIB)).await.unwrap();
        drop(writable);
    };
    let mut pieces = client.readable.pieces(10_000);
    let read = async {
        let mut all = 0;
        while let Some(piece) = pieces.next().await {
            all += piece.unwrap().message.len();
        }
        assert_eq!(all, 2 * MIB);
    };
    join(write, read).await;
}

/// In one test, because it counts what all threads do.
#[test]
fn streams_hold_no_more_than_their_limits() {
    bounded_by(Duration::from_secs(180), hold_no_more_than_their_limits);
}

fn hold_no_more_than_their_limits() {
    // What the process allocates once.
    let warm_up = |event_loop: EventLoop| async move {
        drop(streams(&event_loop, Edition::Living).await);
    };
    let event_loop = EventLoop::new();
    event_loop.spawn(warm_up(event_loop.clone()));
    event_loop.run();
    drop(event_loop);
    for edition in [Edition::Html5, Edition::Living] {
        measure(&format!("{edition:?}, unread"), |event_loop| {
            unread(event_loop, edition)
        });
        measure(&format!("{edition:?}, pieces"), |event_loop| {
            pieces(event_loop, edition)
        });
        for slow in [0, 1] {
            let what = format!("{edition:?}, messages, the reader {slow} is slow");
            measure(&what, |event_loop| {
                messages_both_ways(event_loop, edition, slow)
            });
        }
    }
    for wire in [Wire::Hixie76, Wire::Rfc6455, Wire::Simplified] {
        for slow in [0, 1] {
            let what = format!("{wire:?}, bytes, the reader {slow} is slow");
            measure(&what, |event_loop| bytes_both_ways(event_loop, wire, slow));
        }
    }
}
