//! Both ends of a connection on one loop.

use dom_websocket::protocol::Wire;
use dom_websocket::{
    ByteStream, Edition, EventLoop, Limits, Server, UserAgent, WebSocket, WebSocketBuilder,
    WebSocketCloseInfo, WebSocketOpenInfo, WebSocketStream,
};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;
use support::{Gate, Peer};

/// A stream that is open.
pub(crate) type Both = (WebSocketStream, WebSocketOpenInfo);

pub(crate) const EDITIONS: [Edition; 2] = [Edition::Html5, Edition::Living];

/// Waits for a peer's word, and for the loop to have read what had come by then: it reads as often as it turns.
pub(crate) async fn when_open(event_loop: &EventLoop, gate: &Gate) {
    let mut left = 100;
    while left > 0 {
        event_loop.sleep(Duration::from_millis(2)).await;
        left -= usize::from(gate.is_open());
    }
}

/// All that bytes go over.
pub(crate) const WIRES: [Wire; 3] = [Wire::Hixie76, Wire::Rfc6455, Wire::Simplified];

/// Two streams of bytes that are open.
pub(crate) async fn bytes_over(wire: Wire, event_loop: &EventLoop) -> (ByteStream, ByteStream) {
    let edition = match wire {
        Wire::Hixie76 => Edition::Html5,
        Wire::Rfc6455 => Edition::Living,
        _ => {
            let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
            let accepted = Later::default();
            server.set_onbytestream({
                let accepted = accepted.clone();
                move |stream, _| accepted.give(stream)
            });
            let url = format!("ws://{}/", server.local_addr());
            let client = ByteStream::connect(event_loop, &url).unwrap();
            client.opened().await.unwrap();
            return (client, accepted.take().await);
        }
    };
    Options::of(edition).byte_streams(event_loop).await
}

/// How both ends are opened.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) edition: Edition,
    pub(crate) half_open: bool,
    pub(crate) limits: Limits,
}

impl Options {
    pub(crate) fn of(edition: Edition) -> Self {
        Self {
            edition,
            half_open: false,
            limits: Limits::default(),
        }
    }

    /// A client with these options goes through `open`, and the server's end comes from the future.
    fn open<T, F: FnOnce(&WebSocketBuilder<'_>) -> T>(
        &self,
        event_loop: &EventLoop,
        open: F,
    ) -> (T, impl Future<Output = WebSocket> + use<T, F>) {
        let server = Server::builder(event_loop)
            .compression(false)
            .half_open(self.half_open)
            .limits(self.limits.clone())
            .listen("127.0.0.1:0")
            .unwrap();
        let url = format!("ws://{}/", server.local_addr());
        let agent = UserAgent::builder().limits(self.limits.clone()).build();
        let mut builder = WebSocket::builder(event_loop, &url);
        builder
            .edition(self.edition)
            .half_open(self.half_open)
            .user_agent(&agent);
        let client = open(&builder);
        let accepted = Later::default();
        server.set_onconnection({
            let accepted = accepted.clone();
            move |socket, _| accepted.give(socket)
        });
        let accept = async move {
            let socket = accepted.take().await;
            server.close();
            socket
        };
        (client, accept)
    }

    /// Two streams that are open.
    pub(crate) async fn streams(&self, event_loop: &EventLoop) -> (Both, Both) {
        let (client, accept) = self.open(event_loop, |builder| builder.open_stream().unwrap());
        let server = accept.await.into_stream().unwrap();
        let ends = (
            client.opened().await.unwrap(),
            server.opened().await.unwrap(),
        );
        ((client, ends.0), (server, ends.1))
    }

    /// Two streams of bytes that are open.
    pub(crate) async fn byte_streams(&self, event_loop: &EventLoop) -> (ByteStream, ByteStream) {
        let (client, accept) = self.open(event_loop, |builder| builder.open_byte_stream().unwrap());
        let server = accept.await.into_byte_stream().unwrap();
        client.opened().await.unwrap();
        (client, server)
    }

    /// A client that goes through `open`, and the server's socket.
    pub(crate) async fn sockets(&self, event_loop: &EventLoop) -> (WebSocket, WebSocket) {
        let (client, accept) = self.open(event_loop, |builder| builder.open().unwrap());
        let server = accept.await;
        assert!(client.room_for(1).await, "it is open");
        (client, server)
    }
}

/// What one future waits for and something else gives.
pub(crate) struct Later<T>(Rc<Slot<T>>);

struct Slot<T> {
    value: RefCell<Option<T>>,
    waker: Cell<Option<Waker>>,
}

impl<T> Default for Later<T> {
    fn default() -> Self {
        Self(Rc::new(Slot {
            value: RefCell::default(),
            waker: Cell::default(),
        }))
    }
}

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Later<T> {
    pub(crate) fn give(&self, value: T) {
        *self.0.value.borrow_mut() = Some(value);
        if let Some(waker) = self.0.waker.take() {
            waker.wake();
        }
    }

    pub(crate) async fn take(&self) -> T {
        poll_fn(|cx| match self.0.value.borrow_mut().take() {
            Some(value) => Poll::Ready(value),
            None => {
                self.0.waker.set(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

/// Runs a loop until it is idle; this future has to end by then.
#[track_caller]
pub(crate) fn run(event_loop: &EventLoop, scenario: impl Future<Output = ()> + 'static) {
    let is_over = Rc::new(Cell::new(false));
    event_loop.spawn({
        let is_over = is_over.clone();
        async move {
            scenario.await;
            is_over.set(true);
        }
    });
    event_loop.run();
    assert!(
        is_over.get(),
        "the loop is idle, and the future has not ended"
    );
}

/// A loop, and a future on it that has to end before it is idle.
#[track_caller]
pub(crate) fn on_a_loop<F: Future<Output = ()> + 'static>(scenario: impl FnOnce(EventLoop) -> F) {
    let event_loop = EventLoop::new();
    let inside = event_loop.clone();
    let scenario = scenario(inside);
    run(&event_loop, scenario);
}

/// A client of the living edition whose server plays this script behind the handshake.
pub(crate) fn against(
    event_loop: &EventLoop,
    script: impl FnOnce(support::Wire) + Send + 'static,
) -> (WebSocketStream, Peer) {
    let peer = Peer::serve(|mut wire| {
        wire.accept_upgrade();
        script(wire);
    });
    let stream = WebSocketStream::new(event_loop, &peer.url()).unwrap();
    (stream, peer)
}

/// No code and no reason.
pub(crate) fn nothing() -> WebSocketCloseInfo {
    WebSocketCloseInfo::default()
}
