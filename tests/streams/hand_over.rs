//! Sockets that become streams: no message is lost or doubled.

use crate::ends::{EDITIONS, Later, Options, nothing, on_a_loop, run};
use dom_websocket::{Blob, Edition, EventLoop, WebSocket};
use futures::{AsyncReadExt, AsyncWriteExt, SinkExt, StreamExt};
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;
use support::{Frame, Peer, bounded};

/// A server that sends these, one by one or in one segment, and closes when it is closed.
fn counting(count: usize, edition: Edition) -> Peer {
    Peer::serve(move |mut wire| {
        let texts = (0..count).map(|number| number.to_string());
        match edition {
            Edition::Html5 => {
                wire.accept_client();
                let frames: Vec<u8> = texts.flat_map(|text| support::frame(&text)).collect();
                wire.send(&frames);
                wire.expect(support::CLOSING);
                wire.send(support::CLOSING);
            }
            _ => {
                wire.accept_upgrade();
                let frames: Vec<u8> = texts.flat_map(|text| Frame::text(text).bytes()).collect();
                wire.send(&frames);
                wire.expect_from_client(&Frame::close_without_code());
                wire.send_frame(&Frame::close_without_code());
            }
        }
        wire.finish();
        wire.take_rest();
    })
}

/// Events up to one message, and a stream from there on: together they are all.
#[test]
fn a_switch_at_any_message_loses_and_doubles_none() {
    const COUNT: usize = 40;
    for edition in EDITIONS {
        // With 0 it is switched before it is open, with 1 in `onopen`, with more behind so many messages.
        for switched_at in [0, 1, 2, 3, 20, 40, 41] {
            bounded(move || {
                let event_loop = EventLoop::new();
                let peer = counting(COUNT, edition);
                let socket = WebSocket::builder(&event_loop, &peer.url())
                    .edition(edition)
                    .open()
                    .unwrap();
                let seen = Rc::new(RefCell::new(Vec::new()));
                let spawner = event_loop.downgrade();
                let switch = {
                    let (socket, seen) = (socket.clone(), seen.clone());
                    move || {
                        let (stream, seen) = (socket.clone().into_stream().unwrap(), seen.clone());
                        assert_eq!(socket.ready_state(), WebSocket::CLOSED);
                        assert_eq!(socket.send("no more").ok(), Some(false));
                        spawner.upgrade().unwrap().spawn(async move {
                            let mut ends = stream.opened().await.unwrap();
                            while seen.borrow().len() < COUNT {
                                let message = ends.readable.next().await.unwrap().unwrap();
                                seen.borrow_mut()
                                    .push(message.as_text().unwrap().to_owned());
                            }
                            ends.writable.close().await.unwrap();
                        });
                    }
                };
                let switch = Rc::new(switch);
                socket.set_onclose(|_| -> bool { panic!("the socket has no more events") });
                if switched_at == 0 {
                    switch();
                } else {
                    let (messages, at_open) = (seen.clone(), switch.clone());
                    socket.set_onopen(move |_| {
                        if switched_at == 1 {
                            at_open();
                        }
                    });
                    socket.set_onmessage(move |event| {
                        messages.borrow_mut().push(event.data().to_string());
                        if messages.borrow().len() == switched_at - 1 {
                            switch();
                        }
                    });
                }
                event_loop.run();
                let expected: Vec<_> = (0..COUNT).map(|number| number.to_string()).collect();
                assert_eq!(*seen.borrow(), expected);
                peer.join();
            });
        }
    }
}

#[test]
fn what_was_sent_before_the_switch_leaves_before_what_is_written_after_it() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = Options::of(edition).sockets(&event_loop).await;
                assert_eq!(server.ready_state(), WebSocket::OPEN);
                let mut to_client = server.into_stream().unwrap().opened().await.unwrap();
                to_client.writable.write("to a socket").await.unwrap();
                let message = crate::ends::Later::default();
                client.set_onmessage({
                    let message = message.clone();
                    move |event| message.give(event.data().to_string())
                });
                assert_eq!(message.take().await, "to a socket");
                to_client.writable.write("to a stream").await.unwrap();
                client.send("by a socket").unwrap();
                let kept = client.clone();
                let stream = client.into_stream().unwrap();
                let mut to_server = stream.opened().await.unwrap();
                to_server.writable.write("by a stream").await.unwrap();
                assert_eq!(kept.buffered_amount(), 0, "it is the stream's");
                kept.close();
                drop(kept);
                for text in ["by a socket", "by a stream"] {
                    assert_eq!(to_client.readable.next().await, Some(Ok(text.into())));
                }
                let next = to_server.readable.next().await;
                assert_eq!(next, Some(Ok("to a stream".into())));
                stream.close(nothing()).unwrap();
            });
        });
    }
}

#[test]
fn other_handles_are_closed_and_their_listeners_let_go() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (client, _server) = Options::of(Edition::Living).sockets(&event_loop).await;
            let held = Rc::new(());
            client.set_onmessage({
                let (held, client) = (held.clone(), client.clone());
                move |_| {
                    let _held = (&held, &client);
                }
            });
            let kept = client.clone();
            let _stream = client.into_stream().unwrap();
            assert_eq!(Rc::strong_count(&held), 1);
            assert_eq!(kept.ready_state(), WebSocket::CLOSED);
            assert_eq!(kept.finish(), Ok(false));
            assert!(kept.try_send(String::new()).is_err());
            assert!(!kept.room_for(1).await);
            let again = kept.into_stream().unwrap_err();
            assert_eq!(again.name(), "InvalidStateError");
        });
    });
}

#[test]
fn a_socket_that_is_closing_has_no_stream() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (client, _server) = Options::of(Edition::Living).sockets(&event_loop).await;
            client.close();
            let error = client.into_byte_stream().map(drop).unwrap_err();
            assert_eq!(error.name(), "InvalidStateError");
        });
    });
}

#[test]
fn behind_a_blob_that_is_being_read_a_socket_stays_one() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (client, server) = Options::of(Edition::Living).sockets(&event_loop).await;
            let gate = Rc::new(RefCell::new(false));
            let blob = Blob::unread(3, {
                let gate = gate.clone();
                poll_fn(move |cx| match *gate.borrow() {
                    true => Poll::Ready(Ok(vec![1, 2, 3])),
                    false => {
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                })
            });
            client.send(&blob).unwrap();
            let error = client.clone().into_stream().unwrap_err();
            assert_eq!(error.name(), "InvalidStateError");
            assert_eq!(client.ready_state(), WebSocket::OPEN);
            *gate.borrow_mut() = true;
            let mut others = server.into_stream().unwrap().opened().await.unwrap();
            assert_eq!(others.readable.next().await, Some(Ok([1, 2, 3].into())));
            drop(client.into_stream().unwrap());
        });
    });
}

/// The bytes of messages that were received whole come first.
#[test]
fn a_socket_becomes_a_stream_of_bytes() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = Options::of(edition).sockets(&event_loop).await;
                let first = crate::ends::Later::default();
                client.set_onmessage({
                    let first = first.clone();
                    move |event| {
                        let stream = event.target().clone().into_byte_stream().unwrap();
                        first.give((event.data().to_string(), stream));
                    }
                });
                let mut others = server.into_stream().unwrap().opened().await.unwrap();
                for text in ["ab", "", "cde"] {
                    others.writable.write(text).await.unwrap();
                }
                let (message, mut stream) = first.take().await;
                assert_eq!(message, "ab");
                let mut bytes = [0; 3];
                stream.read_exact(&mut bytes).await.unwrap();
                assert_eq!(&bytes, b"cde");
                // It is half open from now on.
                others.writable.finish(nothing()).unwrap();
                assert_eq!(stream.read(&mut bytes).await.unwrap(), 0);
                stream.write_all(b"an answer").await.unwrap();
                stream.close().await.unwrap();
                let answer = others.readable.next().await.unwrap().unwrap();
                assert_eq!(answer.into_bytes(), b"an answer");
            });
        });
    }
}

/// The peer's end that the socket was told of is the stream's end too.
#[test]
fn a_socket_whose_peer_has_finished_becomes_a_stream_that_has_been_read() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                for is_of_bytes in [false, true] {
                    let options = Options {
                        half_open: true,
                        ..Options::of(edition)
                    };
                    let (client, server) = options.sockets(&event_loop).await;
                    let ended = Later::default();
                    server.set_onend({
                        let ended = ended.clone();
                        move |_| ended.give(())
                    });
                    let mut client = client.into_stream().unwrap().opened().await.unwrap();
                    client.writable.finish(nothing()).unwrap();
                    ended.take().await;
                    if is_of_bytes {
                        let mut server = server.into_byte_stream().unwrap();
                        assert_eq!(server.read(&mut [0; 9]).await.unwrap(), 0);
                        server.write_all(b"an answer").await.unwrap();
                        server.close().await.unwrap();
                    } else {
                        let mut server = server.into_stream().unwrap().opened().await.unwrap();
                        assert_eq!(server.readable.next().await, None);
                        server.writable.write("an answer").await.unwrap();
                        server.writable.finish(nothing()).unwrap();
                    }
                    let answer = client.readable.next().await.unwrap().unwrap();
                    assert_eq!(answer.as_bytes(), b"an answer");
                }
            });
        });
    }
}

/// What has come of a message that goes on is the stream's at once.
#[test]
fn the_beginning_of_a_message_is_read_at_once() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let peer = Peer::serve(|mut wire| {
            wire.accept_upgrade();
            wire.send_frame(&Frame::text("first"));
            wire.send_frame(&Frame::text("begin").unfinished());
            wire.expect_from_client(&Frame::binary("more"));
            wire.send_frame(&Frame::continuation("end"));
            wire.answer_close(&Frame::close_without_code());
        });
        let socket = WebSocket::new(&event_loop, &peer.url()).unwrap();
        let first = Later::default();
        socket.set_onmessage({
            let first = first.clone();
            move |_| first.give(())
        });
        let inside = event_loop.clone();
        run(&event_loop, async move {
            first.take().await;
            inside.sleep(Duration::from_millis(200)).await;
            let mut stream = socket.into_byte_stream().unwrap();
            let mut begin = [0; 5];
            stream.read_exact(&mut begin).await.unwrap();
            assert_eq!(&begin, b"begin");
            stream.write_all(b"more").await.unwrap();
            stream.read_exact(&mut begin[..3]).await.unwrap();
            assert_eq!(&begin[..3], b"end");
            stream.close().await.unwrap();
        });
        peer.join();
    });
}

/// What another thread has been told is taken: it is sent, before what the stream writes.
#[test]
fn what_other_threads_sent_before_the_switch_leaves_before_what_is_written_after_it() {
    for edition in EDITIONS {
        bounded(move || {
            on_a_loop(move |event_loop| async move {
                let (client, server) = Options::of(edition).sockets(&event_loop).await;
                let gone = client.remote();
                gone.try_send("from whom is gone").unwrap();
                drop(gone);
                let remotes = [client.remote(), client.remote()];
                for (remote, number) in remotes.iter().zip(["1", "2"]) {
                    remote.try_send(number).unwrap();
                    remote.try_send("more").unwrap();
                }
                let stream = client.into_stream().unwrap();
                for remote in remotes {
                    assert!(remote.is_closed());
                    assert_eq!(remote.buffered_amount(), 0);
                    assert!(remote.try_send("late").is_err());
                    remote.close();
                }
                let mut to_server = stream.opened().await.unwrap();
                to_server.writable.write("last").await.unwrap();
                let mut from_client = server.into_stream().unwrap().opened().await.unwrap();
                let mut received = Vec::new();
                while received.last().map(String::as_str) != Some("last") {
                    let message = from_client.readable.next().await.unwrap().unwrap();
                    received.push(message.as_text().unwrap().to_owned());
                }
                assert_eq!(
                    received,
                    ["from whom is gone", "1", "more", "2", "more", "last"]
                );
            });
        });
    }
}

#[test]
fn there_is_no_switch_while_what_another_thread_sent_has_to_wait() {
    bounded(|| {
        on_a_loop(|event_loop| async move {
            let (client, server) = Options::of(Edition::Living).sockets(&event_loop).await;
            let received = Later::default();
            server.set_onmessage({
                let received = received.clone();
                move |event| received.give(event.data().to_string())
            });
            let (first, second) = (client.remote(), client.remote());
            first.try_send("behind which").unwrap();
            second.close();
            let refused = client.clone().into_stream().unwrap_err();
            assert_eq!(refused.name(), "InvalidStateError");
            assert_eq!(client.ready_state(), WebSocket::OPEN);
            assert!(!first.is_closed());
            assert_eq!(received.take().await, "behind which");
        });
        let event_loop = EventLoop::new();
        let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
        let remote = socket.remote();
        remote.try_send("early").unwrap();
        assert!(socket.clone().into_stream().is_err());
        assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
        assert_eq!(remote.buffered_amount(), 5);
        remote.try_send("more").unwrap();
    });
}
