//! Everything that one side holds is dropped after so many polls, whatever it is doing: what was acknowledged arrives.

use crate::ends::{EDITIONS, Options, WIRES, bytes_over, nothing, run};
use dom_websocket::protocol::Wire;
use dom_websocket::{Edition, EventLoop};
use futures::future::{LocalBoxFuture, join};
use futures::{AsyncReadExt, AsyncWriteExt, FutureExt, SinkExt, StreamExt};
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use support::bounded;

/// More polls than the side that is cut takes for all it does.
const POLLS: usize = 40;

/// Polls it so often at the most, and drops it.
async fn cut(mut side: LocalBoxFuture<'static, ()>, polls: usize) {
    let mut left = polls;
    poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        side.poll_unpin(cx)
    })
    .await;
}

#[test]
fn a_stream_of_messages() {
    for edition in EDITIONS {
        bounded(move || {
            for polls in 0..POLLS {
                let event_loop = EventLoop::new();
                run(&event_loop, messages(event_loop.clone(), edition, polls));
            }
        });
    }
}

/// One side writes, reads an echo, and ends in the middle of it or closes; the other echoes.
async fn messages(event_loop: EventLoop, edition: Edition, polls: usize) {
    let (client, server) = Options::of(edition).streams(&event_loop).await;
    // What keeps the loop is not what is tested.
    drop(event_loop);
    let acknowledged = Rc::new(Cell::new(0));
    let ((stream, mut ends), (_server, mut others)) = (client, server);
    let side = {
        let acknowledged = acknowledged.clone();
        async move {
            for number in 0..20 {
                let text = format!("{number}");
                match number % 3 {
                    0 => ends.writable.send(text.into()).await.unwrap(),
                    1 => ends.writable.write(text).await.unwrap(),
                    _ => {
                        ends.writable.ready().await.unwrap();
                        ends.writable.start_send_unpin(text.into()).unwrap();
                    }
                }
                acknowledged.set(number + 1);
                if number % 4 == 0 {
                    assert!(ends.readable.next().await.unwrap().is_ok());
                }
            }
            stream.close(nothing()).unwrap();
            stream.closed().await.unwrap();
        }
    };
    let received = Cell::new(0);
    let echo = async {
        while let Some(Ok(message)) = others.readable.next().await {
            assert_eq!(message.as_text(), Some(&*received.get().to_string()));
            received.set(received.get() + 1);
            let _ = others.writable.write(message).await;
        }
    };
    join(cut(side.boxed_local(), polls), echo).await;
    // One that was dropped between the message and its acknowledgement may have been taken.
    let taken = acknowledged.get()..=acknowledged.get() + 1;
    assert!(taken.contains(&received.get()), "{polls} polls: {taken:?}");
}

#[test]
fn a_stream_of_bytes() {
    for wire in WIRES {
        bounded(move || {
            for polls in 0..POLLS {
                let event_loop = EventLoop::new();
                run(&event_loop, bytes(event_loop.clone(), wire, polls));
            }
        });
    }
}

async fn bytes(event_loop: EventLoop, wire: Wire, polls: usize) {
    let (mut client, mut server) = bytes_over(wire, &event_loop).await;
    drop(event_loop);
    let acknowledged = Rc::new(Cell::new(0));
    let side = {
        let acknowledged = acknowledged.clone();
        async move {
            let mut buffer = [0; 16];
            for round in 0..20 {
                let count = client.write(&[b'x'; 1000]).await.unwrap();
                acknowledged.set(acknowledged.get() + count);
                match round % 3 {
                    0 => client.flush().await.unwrap(),
                    1 => assert!(client.read(&mut buffer).await.unwrap() > 0),
                    _ => {}
                }
            }
            client.close().await.unwrap();
            while client.read(&mut buffer).await.unwrap() > 0 {}
        }
    };
    let received = Cell::new(0);
    let answer = async {
        let mut buffer = [0; 700];
        while let Ok(count @ 1..) = server.read(&mut buffer).await {
            received.set(received.get() + count);
            let _ = server.write(b"more").await;
        }
        let _ = server.close().await;
    };
    join(cut(side.boxed_local(), polls), answer).await;
    assert_eq!(received.get(), acknowledged.get(), "{polls} polls");
}
