//! The order of tasks, and the ways to drive a loop.

use dom_websocket::{EventLoop, Turn};
use futures::FutureExt;
use futures::channel::{mpsc as channel, oneshot};
use futures::future::{Either, join, select};
use futures::stream::StreamExt;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use support::{
    Backend, PATIENCE, Peer, Recorder, block_on, bounded, expect_quiet, frame, run_until,
};

/// Numbers in the order in which tasks noted them.
#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<usize>>>);

impl Notes {
    fn task(&self, number: usize) -> impl FnOnce() + 'static {
        let notes = self.0.clone();
        move || notes.borrow_mut().push(number)
    }

    fn take(&self) -> Vec<usize> {
        self.0.take()
    }
}

/// A loop, and what tells of each of its wake-ups.
fn watched_loop() -> (EventLoop, mpsc::Receiver<()>) {
    let event_loop = EventLoop::new();
    let (wake, woken) = mpsc::channel();
    event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
    (event_loop, woken)
}

#[test]
fn tasks_run_in_the_order_in_which_they_were_queued() {
    let event_loop = EventLoop::new();
    let notes = Notes::default();
    for number in 0..100 {
        event_loop.queue_task(notes.task(number));
    }
    assert!(notes.take().is_empty(), "none of them outside of a turn");
    assert_eq!(event_loop.turn(), Turn::Idle);
    assert_eq!(notes.take(), (0..100).collect::<Vec<_>>());
}

#[test]
fn events_and_tasks_share_one_queue() {
    let event_loop = EventLoop::new();
    let notes = Notes::default();
    let socket = support::html5(&event_loop, "ws://example.com/").unwrap();
    socket.set_onclose({
        let notes = notes.clone();
        move |_| notes.task(2)()
    });
    event_loop.queue_task(notes.task(1));
    socket.close();
    event_loop.queue_task(notes.task(3));
    event_loop.run();
    assert_eq!(notes.take(), [1, 2, 3]);
}

#[test]
fn a_task_that_a_task_queues_runs_in_the_next_turn() {
    let event_loop = EventLoop::new();
    let notes = Notes::default();
    event_loop.queue_task({
        let (event_loop, later) = (event_loop.clone(), notes.task(2));
        let now = notes.task(1);
        move || {
            event_loop.queue_task(later);
            now();
        }
    });
    assert_eq!(event_loop.turn(), Turn::More);
    assert_eq!(notes.take(), [1]);
    assert_eq!(event_loop.turn(), Turn::Idle);
    assert_eq!(notes.take(), [2]);
}

#[test]
fn a_chain_of_tasks_without_end_does_not_keep_the_connections_waiting() {
    bounded(|| {
        fn chain(event_loop: &EventLoop, goes_on: Rc<Cell<bool>>) {
            let next = event_loop.clone();
            event_loop.queue_task(move || {
                if goes_on.get() {
                    chain(&next, goes_on);
                }
            });
        }
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);
        let (socket, recorder) = backend.open(&event_loop);
        let goes_on = Rc::new(Cell::new(true));
        chain(&event_loop, goes_on.clone());
        socket.set_onopen(|event| event.target().send("hello"));
        socket.set_onmessage(|event| event.target().close());
        socket.set_onclose(move |_| goes_on.set(false));
        run_until(&event_loop, || recorder.has_ended());
        backend.server.close();
        event_loop.run();
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "OPEN message hello", "CLOSED close clean"]
        );
    });
}

/// However many there were before: a turn runs those that it finds, events and the rest, and none that these queue.
#[test]
fn what_tasks_and_events_queue_is_for_another_turn() {
    bounded(|| {
        let event_loop = EventLoop::new();
        for _ in 0..10 {
            event_loop.queue_task(|| ());
        }
        event_loop.turn();
        let turn = Rc::new(Cell::new(0));
        let chains = Rc::new(Cell::new(0));
        /// Tasks that each queue the next, and have to find another turn.
        fn chain(
            event_loop: &EventLoop,
            turn: &Rc<Cell<usize>>,
            chains: &Rc<Cell<usize>>,
            length: usize,
        ) {
            let (turn, chains, queued_in) = (turn.clone(), chains.clone(), turn.get());
            let weak = event_loop.downgrade();
            event_loop.queue_task(move || {
                assert_ne!(turn.get(), queued_in, "in the same turn");
                match weak.upgrade() {
                    Some(event_loop) if length > 0 => {
                        chain(&event_loop, &turn, &chains, length - 1);
                    }
                    _ => chains.set(chains.get() + 1),
                }
            });
        }
        let backend = Backend::echoing(&event_loop);
        let (socket, recorder) = backend.open(&event_loop);
        socket.set_onopen(|event| {
            for _ in 0..20 {
                event.target().send("x").unwrap();
            }
        });
        let heard = Rc::new(Cell::new(0));
        socket.set_onmessage({
            let (turn, chains, heard) = (turn.clone(), chains.clone(), heard.clone());
            let weak = event_loop.downgrade();
            move |event| {
                chain(&weak.upgrade().unwrap(), &turn, &chains, 5);
                heard.set(heard.get() + 1);
                if heard.get() == 20 {
                    event.target().close();
                }
            }
        });
        run_until(&event_loop, || {
            turn.set(turn.get() + 1);
            recorder.has_ended() && chains.get() == 20
        });
        assert_eq!(heard.get(), 20);
        backend.server.close();
        event_loop.run();
    });
}

#[test]
fn a_turn_or_a_run_inside_a_task_does_nothing() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let notes = Notes::default();
        event_loop.queue_task({
            let (event_loop, outer) = (event_loop.clone(), notes.task(1));
            move || {
                assert_eq!(event_loop.turn(), Turn::Idle);
                event_loop.run();
                outer();
            }
        });
        event_loop.queue_task(notes.task(2));
        event_loop.run();
        assert_eq!(notes.take(), [1, 2]);
    });
}

#[test]
fn a_loop_without_anything_is_idle_and_its_run_returns() {
    bounded(|| {
        let event_loop = EventLoop::new();
        assert_eq!(event_loop.turn(), Turn::Idle);
        event_loop.run();
        event_loop.run();
    });
}

#[test]
fn the_wake_up_is_called_once_until_the_next_turn() {
    let (event_loop, woken) = watched_loop();
    assert!(woken.try_recv().is_err(), "nothing to do yet");
    for _ in 0..3 {
        event_loop.queue_task(|| ());
    }
    assert!(woken.try_recv().is_ok());
    assert!(woken.try_recv().is_err());
    assert_eq!(event_loop.turn(), Turn::Idle);
    assert!(woken.try_recv().is_err(), "the turn itself wakes nobody");
    event_loop.queue_task(|| ());
    assert!(woken.try_recv().is_ok());
}

#[test]
fn a_wake_up_that_is_set_too_late_is_called_at_once_and_replaces_the_one_before() {
    let (event_loop, woken) = watched_loop();
    event_loop.queue_task(|| ());
    assert!(woken.try_recv().is_ok());
    let (wake, woken_later) = mpsc::channel();
    event_loop.set_wake_up(move || wake.send(()).unwrap());
    assert!(woken_later.try_recv().is_ok());
    assert_eq!(event_loop.turn(), Turn::Idle);
    event_loop.queue_task(|| ());
    assert!(woken_later.try_recv().is_ok());
    assert!(woken.try_recv().is_err());
}

#[test]
fn a_wake_up_that_was_cleared_is_not_called() {
    let (event_loop, woken) = watched_loop();
    event_loop.clear_wake_up();
    event_loop.queue_task(|| ());
    let woken = woken.recv_timeout(PATIENCE);
    assert_eq!(woken, Err(mpsc::RecvTimeoutError::Disconnected));
}

#[test]
fn a_foreign_loop_drives_a_whole_session_in_few_turns() {
    bounded(|| {
        const MESSAGES: usize = 10;
        let (event_loop, woken) = watched_loop();
        let backend = Backend::echoing(&event_loop);
        let (socket, recorder) = backend.open(&event_loop);
        socket.set_onopen(|event| event.target().send("0"));
        socket.set_onmessage(|event| {
            let number: usize = event.data().to_string().parse().unwrap();
            match number + 1 {
                MESSAGES => event.target().close(),
                next => drop(event.target().send(next.to_string())),
            }
        });
        let mut turns = 0;
        let mut end = Turn::More;
        while end != Turn::Idle {
            turns += 1;
            assert!(turns < 500, "it spins");
            end = event_loop.turn();
            if recorder.has_ended() {
                backend.server.close();
            }
            if end == Turn::Waiting {
                woken.recv_timeout(PATIENCE).unwrap();
            }
        }
        assert_eq!(recorder.finished().len(), 2 + MESSAGES);
        assert!(
            turns > 2 * MESSAGES,
            "{turns} turns: each message takes some"
        );
    });
}

#[test]
fn a_loop_that_waits_for_its_peer_takes_no_turns() {
    bounded(|| {
        let (event_loop, woken) = watched_loop();
        let (answer, may_answer) = mpsc::channel();
        let peer = Peer::serve(move |mut wire| {
            wire.accept_client();
            may_answer.recv().unwrap();
            wire.send(&frame("x"));
        });
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        let take_turns = |count: usize| {
            let mut turns = 0;
            loop {
                turns += 1;
                let turn = event_loop.turn();
                if recorder.count() >= count {
                    return turns;
                }
                if turn == Turn::Waiting {
                    woken.recv_timeout(PATIENCE).unwrap();
                }
            }
        };
        let turns = take_turns(1);
        assert!(turns < 20, "{turns} turns to open a connection");
        expect_quiet(&event_loop, &woken);
        answer.send(()).unwrap();
        let turns = take_turns(2);
        assert!(turns < 10, "{turns} turns to read a message");
        drop(peer);
    });
}

#[test]
fn a_loop_is_a_future_for_any_executor() {
    bounded(|| {
        let (client, server) = (EventLoop::new(), EventLoop::new());
        let backend = Rc::new(Backend::echoing(&server));
        let (socket, recorder) = backend.open(&client);
        socket.set_onopen(|event| event.target().send("hello"));
        socket.set_onmessage(|event| event.target().close());
        let ended = backend.clone();
        socket.set_onclose(move |_| ended.server.close());
        block_on(join(client.until_idle(), server.until_idle()));
        assert_eq!(
            recorder.finished(),
            ["OPEN open", "OPEN message hello", "CLOSED close clean"]
        );
    });
}

#[test]
fn a_dropped_run_goes_on_where_it_was() {
    bounded(|| {
        let peer = Peer::serve(|mut wire| {
            wire.accept_client();
            wire.finish();
            wire.expect_end();
        });
        let event_loop = EventLoop::new();
        let socket = support::html5(&event_loop, &peer.url()).unwrap();
        let recorder = Recorder::of(&socket);
        for _ in 0..3 {
            let _ = event_loop.until_idle().now_or_never();
        }
        block_on(event_loop.until_idle());
        peer.join();
        assert_eq!(recorder.finished(), ["OPEN open", "CLOSED close unclean"]);
    });
}

#[test]
fn another_thread_queues_tasks_through_a_handle() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (handle, work) = (event_loop.handle(), event_loop.keep_alive());
        let (ran, has_run) = mpsc::channel();
        let other = thread::spawn(move || {
            for number in 0..10 {
                let ran = ran.clone();
                assert!(
                    handle.queue_task(move || ran.send((number, thread::current().id())).unwrap())
                );
            }
            drop(work);
        });
        event_loop.run();
        other.join().unwrap();
        let here = thread::current().id();
        let expected: Vec<_> = (0..10).map(|number| (number, here)).collect();
        assert_eq!(has_run.try_iter().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn a_handle_does_not_keep_the_loop_from_being_idle_and_keep_alive_does() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let handle = event_loop.handle();
        assert_eq!(event_loop.turn(), Turn::Idle);
        let (first, second) = (event_loop.keep_alive(), handle.keep_alive());
        assert_eq!(event_loop.turn(), Turn::Waiting);
        drop(first);
        assert_eq!(event_loop.turn(), Turn::Waiting);
        let (go, may_go) = mpsc::channel();
        let other = thread::spawn(move || {
            may_go.recv().unwrap();
            drop(second);
        });
        event_loop.queue_task(move || go.send(()).unwrap());
        event_loop.run();
        other.join().unwrap();
        assert_eq!(event_loop.turn(), Turn::Idle);
    });
}

#[test]
fn a_handle_knows_when_the_loop_is_gone() {
    let event_loop = EventLoop::new();
    let handle = event_loop.handle();
    let held = Arc::new(());
    let task = |held: &Arc<()>| {
        let held = held.clone();
        move || drop(held)
    };
    assert!(handle.queue_task(task(&held)));
    event_loop.queue_task(task(&held));
    drop(event_loop);
    assert_eq!(Arc::strong_count(&held), 1, "its tasks are gone too");
    assert!(!handle.queue_task(task(&held)));
    assert_eq!(Arc::strong_count(&held), 1);
    drop(handle.keep_alive());
}

#[test]
fn a_future_of_the_hosts_own_is_polled_until_it_ends() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let notes = Notes::default();
        let (sender, mut numbers) = channel::unbounded();
        event_loop.spawn({
            let (event_loop, notes) = (event_loop.clone(), notes.clone());
            async move {
                while let Some(number) = numbers.next().await {
                    event_loop.queue_task(notes.task(number));
                }
            }
        });
        assert_eq!(event_loop.turn(), Turn::Waiting);
        let other = thread::spawn(move || {
            for number in 0..10 {
                sender.unbounded_send(number).unwrap();
            }
        });
        event_loop.run();
        other.join().unwrap();
        assert_eq!(notes.take(), (0..10).collect::<Vec<_>>());
    });
}

#[test]
fn a_loop_that_is_driven_waits_for_more_where_nothing_is_left() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let handle = event_loop.handle();
        let (done, is_done) = futures::channel::oneshot::channel();
        let later = thread::spawn(move || {
            // By then the loop is idle.
            thread::sleep(Duration::from_millis(20));
            assert!(handle.queue_task(move || done.send(()).unwrap()));
        });
        block_on(async {
            let driving = pin!(event_loop.drive());
            match select(is_done, driving).await {
                Either::Left((done, _)) => done.unwrap(),
                Either::Right((never, _)) => match never {},
            }
        });
        later.join().unwrap();
    });
}

/// Whoever polls it there drives the loop already, and is not kept from going on.
#[test]
fn a_loop_that_is_given_its_own_drive_goes_on() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let (end, ended) = oneshot::channel();
        let own = event_loop.clone();
        event_loop.spawn(async move {
            // It is woken before the future looks.
            assert!(own.handle().queue_task(move || end.send(()).unwrap()));
            select(ended, pin!(own.drive())).await;
        });
        event_loop.run();
        // Nor is script, which no loop drives.
        let (end, ended) = oneshot::channel();
        thread::scope(|scope| {
            assert!(event_loop.handle().queue_task(|| ()));
            scope.spawn(|| end.send(()).unwrap());
            event_loop.run_script(|| drop(block_on(select(ended, pin!(event_loop.drive())))));
        });
        event_loop.run();
    });
}
