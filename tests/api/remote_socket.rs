//! `RemoteSocket`: sends and closes from other threads.

use dom_websocket::{
    Edition, EventLoop, Limits, Message, RemoteSocket, Server, TrySendError, UserAgent, WebSocket,
};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{Frame, Gate, Peer, block_on, bounded, run_until, settle};

fn assert_that_threads_share_it<T: Send + Sync + Clone>(_: &T) {}

/// A server that keeps the messages and how each connection ended, and closes behind the first.
#[derive(Clone)]
struct Log {
    messages: Rc<RefCell<Vec<String>>>,
    end: Rc<Cell<Option<(u16, bool)>>>,
}

fn serve(event_loop: &EventLoop) -> (Server, Log) {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let log = Log {
        messages: Rc::default(),
        end: Rc::default(),
    };
    let (kept, listening) = (log.clone(), server.clone());
    server.set_onconnection(move |socket, _| {
        let (messages, end) = (kept.messages.clone(), kept.end.clone());
        socket.set_onmessage(move |event| messages.borrow_mut().push(event.data().to_string()));
        let listening = listening.clone();
        socket.set_onclose(move |event| {
            end.set(Some((event.code(), event.was_clean())));
            listening.close();
        });
    });
    (server, log)
}

fn open(event_loop: &EventLoop, server: &Server, limits: Limits, edition: Edition) -> WebSocket {
    let user_agent = UserAgent::builder().limits(limits).build();
    WebSocket::builder(event_loop, &format!("ws://{}/", server.local_addr()))
        .user_agent(&user_agent)
        .edition(edition)
        .open()
        .unwrap()
}

fn connect(event_loop: &EventLoop, server: &Server) -> WebSocket {
    open(event_loop, server, Limits::default(), Edition::Living)
}

#[test]
fn each_threads_messages_keep_their_order_and_none_is_lost_where_room_is_short() {
    const THREADS: usize = 4;
    const MESSAGES: usize = 2000;
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, log) = serve(&event_loop);
        let limits = Limits {
            high_water: 1000,
            ..Limits::default()
        };
        let socket = open(&event_loop, &server, limits, Edition::Living);
        let remote = socket.remote();
        assert_that_threads_share_it(&remote);
        let threads = (0..THREADS).map(|number| {
            let remote = remote.clone();
            thread::spawn(move || {
                for message in 0..MESSAGES {
                    remote.send_blocking(format!("{number} {message}")).unwrap();
                    assert!(remote.buffered_amount() <= 1000);
                }
            })
        });
        let threads: Vec<_> = threads.collect();
        let closer = thread::spawn(move || {
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            remote.close_with(4000, "enough").unwrap();
        });
        event_loop.run();
        closer.join().unwrap();
        let messages = log.messages.borrow();
        assert_eq!(messages.len(), THREADS * MESSAGES);
        for number in 0..THREADS {
            let start = format!("{number} ");
            let mut of_one = messages.iter().filter_map(|m| m.strip_prefix(&start));
            assert!((0..MESSAGES).all(|m| of_one.next() == Some(&m.to_string())));
        }
        assert_eq!(log.end.get(), Some((4000, true)));
    });
}

#[test]
fn what_is_given_before_the_socket_is_open_leaves_once_it_is() {
    for edition in [Edition::Living, Edition::Html5] {
        bounded(move || {
            let event_loop = EventLoop::new();
            let (server, log) = serve(&event_loop);
            let socket = open(&event_loop, &server, Limits::default(), edition);
            let remote = socket.remote();
            drop(socket);
            remote.try_send("early").unwrap();
            assert_eq!(remote.buffered_amount(), 5);
            remote.close();
            assert_eq!(
                remote.try_send("late"),
                Err(TrySendError::Closed("late".into()))
            );
            event_loop.run();
            assert_eq!(*log.messages.borrow(), ["early"]);
            assert!(log.end.get().unwrap().1);
            assert_eq!(remote.buffered_amount(), 0);
        });
    }
}

#[test]
fn it_is_a_handle_and_the_last_one_leaves_nothing_behind() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, log) = serve(&event_loop);
        let socket = connect(&event_loop, &server);
        let remote = socket.remote();
        drop(socket);
        remote.try_send("one").unwrap();
        let messages = log.messages.clone();
        run_until(&event_loop, || messages.borrow().len() == 1);
        assert_eq!(remote.buffered_amount(), 0);
        let clone = remote.clone();
        drop(remote);
        thread::spawn(move || {
            clone.try_send("two").unwrap();
        });
        event_loop.run();
        assert_eq!(*log.messages.borrow(), ["one", "two"]);
        assert_eq!(log.end.get(), Some((1005, true)));
    });
}

#[test]
fn who_has_no_room_gets_the_message_back_or_waits_until_the_loops_end() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = serve(&event_loop);
        let limits = Limits {
            high_water: 10,
            send_queue: 100,
            ..Limits::default()
        };
        let socket = open(&event_loop, &server, limits, Edition::Living);
        let remote = socket.remote();
        let long = Message::from("x".repeat(101));
        assert_eq!(
            remote.try_send(long.clone()),
            Err(TrySendError::TooLong(long))
        );
        // Where nothing is queued there is room for any that the socket would take.
        remote.try_send("x".repeat(100)).unwrap();
        assert_eq!(
            remote.try_send("y"),
            Err(TrySendError::WouldBlock("y".into()))
        );
        let waiting = [false, true].map(|blocks| {
            let remote = remote.clone();
            thread::spawn(move || match blocks {
                true => remote.send_blocking("y"),
                false => block_on(remote.send("y")),
            })
        });
        thread::sleep(Duration::from_millis(20));
        assert!(waiting.iter().all(|thread| !thread.is_finished()));
        assert!(!remote.is_closed());
        // Its listener has the server.
        server.set_onconnection(|_, _| ());
        drop((socket, server, event_loop));
        for thread in waiting {
            assert_eq!(
                thread.join().unwrap(),
                Err(TrySendError::Closed("y".into()))
            );
        }
        assert!(remote.is_closed());
        assert_eq!(remote.buffered_amount(), 0);
    });
}

#[test]
fn the_loops_own_thread_does_not_wait_for_itself() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, log) = serve(&event_loop);
        let limits = Limits {
            high_water: 10,
            ..Limits::default()
        };
        let socket = open(&event_loop, &server, limits, Edition::Living);
        let remote = socket.remote();
        let long = "x".repeat(11);
        socket.set_onopen(move |_| {
            assert_eq!(remote.send_blocking(&*long), Ok(()));
            let full = Err(TrySendError::WouldBlock("y".into()));
            assert_eq!(remote.send_blocking("y"), full);
            remote.close();
        });
        event_loop.run();
        assert_eq!(*log.messages.borrow(), ["x".repeat(11)]);
    });
}

#[test]
fn it_takes_text_and_bytes_however_they_are_held() {
    let event_loop = EventLoop::new();
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    let remote = socket.remote();
    let (text, bytes) = (String::from("ab"), vec![1, 2]);
    for taken in [
        remote.try_send("ab"),
        remote.try_send(&text),
        remote.try_send(Cow::from(&text)),
        remote.try_send(text.clone()),
        remote.try_send(b"ab"),
        remote.try_send([1, 2]),
        remote.try_send(&bytes),
        remote.try_send(&bytes[..]),
        remote.try_send(Cow::from(&bytes)),
        remote.try_send(bytes.clone()),
    ] {
        assert_eq!(taken, Ok(()));
    }
    assert_eq!(remote.buffered_amount(), 20);
}

#[test]
fn arguments_are_checked_where_they_are_given() {
    let event_loop = EventLoop::new();
    let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
    let remote: RemoteSocket = socket.remote();
    let bytes = Message::from([1, 2]);
    assert_eq!(
        remote.try_send(bytes.clone()),
        Err(TrySendError::Unsupported(bytes))
    );
    let socket = WebSocket::new(&event_loop, "ws://example.com/").unwrap();
    let remote = socket.remote();
    assert_eq!(
        remote.close_with(1001, "").unwrap_err().name(),
        "InvalidAccessError"
    );
    let long = "x".repeat(124);
    assert_eq!(
        remote.close_with(None, &long).unwrap_err().name(),
        "SyntaxError"
    );
    assert!(!remote.is_closed());
}

#[test]
fn a_socket_that_closes_takes_no_more_and_does_not_keep_the_loop() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (server, _) = serve(&event_loop);
        let socket = connect(&event_loop, &server);
        let remote = socket.remote();
        socket.set_onopen(|event| event.target().close());
        event_loop.run();
        assert!(remote.is_closed());
        assert_eq!(remote.try_send("x"), Err(TrySendError::Closed("x".into())));
        remote.close();
    });
}

#[test]
fn it_takes_as_much_as_there_may_be() {
    let event_loop = EventLoop::new();
    let limits = Limits {
        high_water: 10,
        ..Limits::default()
    };
    let user_agent = UserAgent::builder().limits(limits).build();
    let socket = WebSocket::builder(&event_loop, "ws://example.com/")
        .user_agent(&user_agent)
        .open()
        .unwrap();
    let remote = socket.remote();
    assert_eq!(remote.try_send("four"), Ok(()));
    assert_eq!(remote.try_send("sixsix"), Ok(()));
    assert!(remote.try_send("x").is_err());
    assert_eq!(remote.buffered_amount(), 10);
}

/// It waits for as much room as its message takes, and the connection never has to hold more than it may.
#[test]
fn a_message_from_elsewhere_waits_for_its_room() {
    const LARGE: usize = 16 << 20;
    bounded(|| {
        let event_loop = EventLoop::new();
        let gate = Gate::new(&event_loop);
        let peer = Peer::serve({
            let gate = gate.clone();
            move |mut wire| {
                wire.accept_upgrade();
                gate.wait();
                wire.expect_from_client(&Frame::binary(vec![7; LARGE]));
                wire.expect_from_client(&Frame::binary(vec![8; LARGE]));
                wire.answer_close(&Frame::close_without_code());
            }
        });
        let limits = Limits {
            send_queue: LARGE + 1024,
            high_water: LARGE,
            ..Limits::default()
        };
        let agent = UserAgent::builder()
            .limits(limits)
            .compression(false)
            .build();
        let socket = WebSocket::builder(&event_loop, &peer.url())
            .user_agent(&agent)
            .open()
            .unwrap();
        let remote = socket.remote();
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        socket.send(vec![7; LARGE]).unwrap();
        settle(&event_loop);
        remote.try_send(vec![8; LARGE]).unwrap();
        remote.close();
        settle(&event_loop);
        assert_eq!(remote.buffered_amount(), LARGE);
        gate.open();
        event_loop.run();
        peer.join();
    });
}
