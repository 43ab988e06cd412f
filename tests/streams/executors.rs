//! Streams that the loop polls, and streams that somebody else does.

use crate::ends::{EDITIONS, Options, nothing, on_a_loop};
use dom_websocket::{Edition, EventLoop, Message, Server, WebSocket};
use futures::future::join;
use futures::stream::FuturesUnordered;
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, SinkExt, StreamExt};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use support::{block_on, bounded};

/// Both ends, and all that they do.
async fn talk(event_loop: EventLoop, edition: Edition) {
    let ((client, mut ends), (_server, mut others)) =
        Options::of(edition).streams(&event_loop).await;
    let echo = async {
        while let Some(Ok(message)) = others.readable.next().await {
            others.writable.send(message).await.unwrap();
        }
    };
    let ask = async {
        for number in 0..100 {
            let message = Message::from(number.to_string());
            ends.writable.send(message.clone()).await.unwrap();
            assert_eq!(ends.readable.next().await, Some(Ok(message)));
        }
        client.close(nothing()).unwrap();
        client.closed().await.unwrap();
    };
    join(echo, ask).await;
    let (mut client, mut server) = Options::of(edition).byte_streams(&event_loop).await;
    let write = async {
        client.write_all(&[b'x'; 300_000]).await.unwrap();
        client.close().await.unwrap();
    };
    let mut received = Vec::new();
    let read = async {
        server.read_to_end(&mut received).await.unwrap();
    };
    join(write, read).await;
    assert_eq!(received.len(), 300_000);
}

#[test]
fn the_loop_polls_them() {
    for edition in EDITIONS {
        bounded(move || on_a_loop(move |event_loop| talk(event_loop, edition)));
    }
}

#[test]
fn an_executor_of_nobodys_runtime_polls_them_beside_the_loop() {
    for edition in EDITIONS {
        bounded(move || {
            let event_loop = EventLoop::new();
            let work = event_loop.keep_alive();
            let talk = talk(event_loop.clone(), edition).map(|()| drop(work));
            block_on(join(event_loop.until_idle(), talk));
        });
    }
}

#[test]
fn the_executor_of_the_futures_crate_polls_them_beside_the_loop() {
    for edition in EDITIONS {
        bounded(move || {
            let mut pool = futures::executor::LocalPool::new();
            let event_loop = EventLoop::new();
            let work = event_loop.keep_alive();
            let talk = talk(event_loop.clone(), edition).map(|()| drop(work));
            // Each future has a waker of its own.
            let all = FuturesUnordered::from_iter([talk.boxed_local(), {
                let event_loop = event_loop.clone();
                async move { event_loop.until_idle().await }.boxed_local()
            }]);
            pool.run_until(all.collect::<Vec<()>>());
        });
    }
}

struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The last waker counts: a reader that moves to another task is woken there.
#[test]
fn a_reader_is_woken_where_it_waited_last() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let ((_client, mut ends), (_server, mut others)) =
                Options::of(Edition::Living).streams(&event_loop).await;
            let counts = [0; 2].map(|_| Arc::new(Count(AtomicUsize::new(0))));
            for count in &counts {
                let waker = Waker::from(count.clone());
                let mut cx = Context::from_waker(&waker);
                assert!(ends.readable.poll_next_unpin(&mut cx).is_pending());
            }
            others.writable.send("hello".into()).await.unwrap();
            let waker = Waker::from(counts[1].clone());
            let mut cx = Context::from_waker(&waker);
            let next = loop {
                // Whoever is woken may find that it was for nothing, and waits on.
                while counts[1].0.swap(0, Ordering::SeqCst) == 0 {
                    event_loop.sleep(std::time::Duration::from_millis(1)).await;
                }
                match ends.readable.poll_next_unpin(&mut cx) {
                    Poll::Pending => {}
                    next => break next,
                }
            };
            assert_eq!(counts[0].0.load(Ordering::SeqCst), 0);
            assert_eq!(next, Poll::Ready(Some(Ok("hello".into()))));
        });
    });
}

/// So many questions are asked and answered.
const QUESTIONS: usize = 200;

/// A stream that floods the loop, and a socket whose messages have to get through meanwhile.
#[test]
fn events_and_streams_take_turns() {
    for edition in EDITIONS {
        bounded(move || {
            let event_loop = EventLoop::new();
            let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
            server.set_onconnection(|socket, _| {
                socket.set_onmessage(|event| {
                    let text = event.data().to_string();
                    event.target().send(&text)
                });
            });
            let url = format!("ws://{}/", server.local_addr());
            let is_over = Rc::new(Cell::new(false));
            let flooded = Rc::new(Cell::new(0_usize));
            event_loop.spawn({
                let inside = event_loop.downgrade();
                let (is_over, flooded) = (is_over.clone(), flooded.clone());
                async move {
                    let event_loop = inside.upgrade().unwrap();
                    let (client, other) = Options::of(edition).byte_streams(&event_loop).await;
                    drop(event_loop);
                    let (mut client, mut other) = (client, other);
                    let write = async {
                        while !is_over.get() {
                            client.write_all(&[b'x'; 16_000]).await.unwrap();
                        }
                        client.close().await.unwrap();
                    };
                    let read = async {
                        let mut buffer = vec![0; 64 * 1024];
                        loop {
                            match other.read(&mut buffer).await.unwrap() {
                                0 => break,
                                count => flooded.set(flooded.get() + count),
                            }
                        }
                    };
                    join(write, read).await;
                }
            });
            let socket = WebSocket::builder(&event_loop, &url)
                .edition(edition)
                .open()
                .unwrap();
            socket.set_onopen(|event| event.target().send("0"));
            // How much the stream carries meanwhile.
            let (begin, carried) = (Cell::new(0), Rc::new(Cell::new(0)));
            socket.set_onmessage({
                let carried = carried.clone();
                move |event| {
                    let number: usize = event.data().as_str().unwrap().parse().unwrap();
                    match number {
                        0 => begin.set(flooded.get()),
                        QUESTIONS => {
                            carried.set(flooded.get() - begin.get());
                            is_over.set(true);
                            server.close();
                            event.target().close();
                            return Ok(true);
                        }
                        _ => {}
                    }
                    event.target().send((number + 1).to_string())
                }
            });
            event_loop.run();
            assert!(carried.get() > 0, "the stream flowed too");
            // Neither waits for the other for long: a turn reads once from each, and so often is asked who is ready.
            let each = carried.get() / QUESTIONS;
            assert!(each < 16 << 20, "{each} bytes for each answer");
        });
    }
}
