//! Much at once, in both directions, past peers that are slower than we are.

use dom_websocket::{EventLoop, Limits, UserAgent, WebSocket};
use std::cell::Cell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use support::{
    Backend, CLOSING, Gate, PATIENCE, Peer, Recorder, Wire, bounded, frame, run_until, settle,
};

const MESSAGES: usize = 10_000;

/// A message that tells its number, and long enough that ten thousand of them fill any kernel's
/// buffers.
fn message(number: usize) -> String {
    format!("{number:0>1000}")
}

/// Checks that this handler's messages come in order, and says whether that was the last.
fn in_order() -> impl Fn(&str) -> bool {
    let next = Cell::new(0);
    move |text| {
        assert_eq!(text.len(), 1000);
        assert_eq!(
            text.trim_start_matches('0').parse().unwrap_or(0),
            next.get()
        );
        next.set(next.get() + 1);
        next.get() == MESSAGES
    }
}

/// Sends all messages, as a careful script does: never more than `HIGH` ahead of the network.
#[derive(Clone, Default)]
struct Sender {
    next: Rc<Cell<usize>>,
    most_buffered: Rc<Cell<usize>>,
}

const HIGH: usize = 256 * 1024;

impl Sender {
    fn fill(&self, socket: &WebSocket) {
        while self.next.get() < MESSAGES && socket.buffered_amount() < HIGH {
            assert_eq!(socket.send(message(self.next.get())), Ok(true));
            self.next.set(self.next.get() + 1);
        }
        let most = self.most_buffered.get().max(socket.buffered_amount());
        self.most_buffered.set(most);
    }

    fn has_sent_all(&self) -> bool {
        self.next.get() == MESSAGES
    }
}

#[test]
fn ten_thousand_messages_each_way_at_once_between_our_own_ends() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let send_all = |socket: &WebSocket| {
            for number in 0..MESSAGES {
                assert_eq!(socket.send(message(number)), Ok(true));
            }
        };
        let has_all = Rc::new(Cell::new(0));
        let count_and_close = {
            let has_all = has_all.clone();
            move |socket: &WebSocket| {
                has_all.set(has_all.get() + 1);
                if has_all.get() == 2 {
                    socket.close();
                }
            }
        };
        let receive = move |socket: &WebSocket| {
            let (is_last, count_and_close) = (in_order(), count_and_close.clone());
            socket.set_onmessage(move |event| {
                if is_last(event.data().as_str().unwrap()) {
                    count_and_close(event.target());
                }
            });
        };
        let backend = Backend::new(&event_loop, {
            let receive = receive.clone();
            move |socket| {
                receive(socket);
                socket.set_onopen(move |event| send_all(event.target()));
            }
        });
        let (socket, _) = backend.open(&event_loop);
        receive(&socket);
        socket.set_onopen(move |event| send_all(event.target()));
        let server = backend.server.clone();
        socket.set_onclose(move |event| {
            assert!(event.was_clean());
            server.close();
        });
        event_loop.run();
        assert_eq!(has_all.get(), 2);
    });
}

#[test]
fn ten_thousand_messages_each_way_at_once_with_a_peer_that_reads_slowly() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.shrink_receive_buffer();
            wire.accept_client();
            let mut writer = wire.writer();
            let writing = thread::spawn(move || {
                for number in 0..MESSAGES {
                    writer.send(&frame(&message(number)));
                }
            });
            let mut bytes = 0;
            for number in 0..MESSAGES {
                let expected = frame(&message(number));
                wire.expect(&expected);
                bytes += expected.len();
                if bytes >= 64 * 1024 {
                    bytes = 0;
                    thread::sleep(Duration::from_millis(1));
                }
            }
            writing.join().unwrap();
            wire.send(CLOSING);
            wire.expect(CLOSING);
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        let received_all = Rc::new(Cell::new(false));
        socket.set_onmessage({
            let (is_last, received_all) = (in_order(), received_all.clone());
            move |event| {
                if is_last(event.data().as_str().unwrap()) {
                    received_all.set(true);
                }
            }
        });
        run_until(&event_loop, || recorder.count() > 0);
        let sender = Sender::default();
        // A script would do this from a timer: whenever there is room, more.
        run_until(&event_loop, || {
            sender.fill(&socket);
            sender.has_sent_all()
        });
        event_loop.run();
        peer.join();
        assert!(received_all.get());
        assert_eq!(recorder.finished().last().unwrap(), "CLOSED close clean");
        let most = sender.most_buffered.get();
        assert!(most < HIGH + 1000, "{most} bytes were ahead of the network");
        assert!(most >= HIGH, "the peer was never slower than we");
    });
}

/// Sends these bytes. Says when the other side has taken in nothing for a while, or when all has left;
/// true if it was the first.
fn flood(wire: &mut Wire, bytes: &[u8], is_stuck: &Gate) -> bool {
    wire.set_patience(Duration::from_millis(200));
    let mut was_stuck = false;
    let mut left = bytes;
    while !left.is_empty() {
        match wire.send_some(left) {
            Ok(count) => left = &left[count..],
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                was_stuck = true;
                is_stuck.open();
            }
        }
    }
    is_stuck.open();
    wire.set_patience(PATIENCE);
    was_stuck
}

/// A server that floods its client as soon as it may.
fn flooding_peer(bytes: Vec<u8>, is_open: &Gate, is_stuck: &Gate) -> Peer<bool> {
    let (is_open, is_stuck) = (is_open.clone(), is_stuck.clone());
    Peer::serve(move |mut wire| {
        wire.accept_client();
        is_open.wait();
        let was_stuck = flood(&mut wire, &bytes, &is_stuck);
        wire.send(CLOSING);
        wire.expect(CLOSING);
        was_stuck
    })
}

#[test]
fn a_peer_that_floods_a_loop_which_takes_no_turn_is_slowed_down() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (is_open, is_stuck) = (Gate::new(&event_loop), Gate::new(&event_loop));
        let text = "x".repeat(1 << 20);
        let peer = flooding_peer(frame(&text).repeat(32), &is_open, &is_stuck);
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let count = Rc::new(Cell::new(0));
        socket.set_onmessage({
            let count = count.clone();
            move |event| {
                assert!(*event.data() == *text.as_str());
                count.set(count.get() + 1);
            }
        });
        run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
        is_open.open();
        // The kernels take in what they can; the library has nothing of it.
        is_stuck.wait();
        assert_eq!(count.get(), 0);
        event_loop.run();
        assert!(peer.join(), "there is a limit to what the kernels take in");
        assert_eq!(count.get(), 32);
    });
}

/// The most messages that one turn dispatches while a peer floods us with the smallest there are.
fn most_in_a_turn(undispatched: usize) -> usize {
    const COUNT: usize = 150_000;
    let event_loop = EventLoop::new();
    let (is_open, is_stuck) = (Gate::new(&event_loop), Gate::new(&event_loop));
    let peer = flooding_peer(frame("").repeat(COUNT), &is_open, &is_stuck);
    let user_agent = UserAgent::builder()
        .limits(Limits {
            undispatched,
            ..Limits::default()
        })
        .build();
    let socket = WebSocket::builder(&event_loop, &peer.url())
        .edition(dom_websocket::Edition::Html5)
        .user_agent(&user_agent)
        .open()
        .unwrap();
    run_until(&event_loop, || socket.ready_state() == WebSocket::OPEN);
    settle(&event_loop);
    is_open.open();
    is_stuck.wait();
    let counts = Rc::new(Cell::new((0, 0)));
    socket.set_onmessage({
        let counts = counts.clone();
        move |_| {
            let (in_this_turn, in_all) = counts.get();
            counts.set((in_this_turn + 1, in_all + 1));
        }
    });
    let mut most = 0;
    run_until(&event_loop, || {
        let (in_this_turn, in_all) = counts.get();
        counts.set((0, in_all));
        most = most.max(in_this_turn);
        in_all == COUNT
    });
    event_loop.run();
    peer.join();
    most
}

#[test]
fn reading_pauses_where_the_tasks_do_not_keep_up() {
    bounded(|| {
        // What a single read of 64 KiB takes in is over the limit: the next one waits for the tasks.
        let (paused, unlimited) = (most_in_a_turn(1000), most_in_a_turn(usize::MAX));
        assert!(
            paused <= 32 * 1024 && paused < unlimited,
            "{paused} messages in a turn at the most, and {unlimited} without the limit"
        );
    });
}
