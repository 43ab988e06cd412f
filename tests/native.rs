//! The runtime of the loop's own: loops of others wait for it by its descriptor, and no thread helps.
//!
//! Threads and descriptors belong to the whole process: so it is this program's, and one test runs at a time.
#![cfg(all(
    unix,
    feature = "native",
    not(any(feature = "async-std", feature = "smol"))
))]

use dom_websocket::{EventLoop, Server, Turn, WebSocket};
use futures::FutureExt;
use futures::future::join;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, getrlimit, setrlimit};
use std::cell::{Cell, RefCell};
use std::os::fd::AsFd;
use std::rc::Rc;
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use support::{Backend, PATIENCE, bounded, count_to, settle};

fn alone(body: impl FnOnce() + Send + 'static) {
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    bounded(|| {
        body();
        assert!(!has_helper(), "a thread waited for the loop");
    });
}

/// Whether a thread of the library's is there.
fn has_helper() -> bool {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return false;
    };
    tasks.filter_map(Result::ok).any(|task| {
        let name = std::fs::read_to_string(task.path().join("comm"));
        name.is_ok_and(|name| name.trim_end() == "dom-websocket")
    })
}

/// Waits until the loop has something to do; whether it has by now.
fn wait(event_loop: &EventLoop, timeout: Duration) -> bool {
    let mut descriptors = [PollFd::new(event_loop, PollFlags::IN)];
    let timeout = Timespec::try_from(timeout).unwrap();
    poll(&mut descriptors, Some(&timeout)).unwrap() > 0
}

fn is_readable(event_loop: &EventLoop) -> bool {
    wait(event_loop, Duration::ZERO)
}

/// Drives a loop as its documentation has it, without a look at what a turn says but for the end. How many turns it took.
fn drive(event_loop: &EventLoop) -> usize {
    let mut turns = 1;
    while event_loop.turn() != Turn::Idle {
        let timer = event_loop.next_timer();
        let left = timer.map(|timer| timer.saturating_duration_since(Instant::now()));
        let is_due = wait(event_loop, left.unwrap_or(PATIENCE).min(PATIENCE));
        assert!(is_due || timer.is_some(), "the loop waits in vain");
        turns += 1;
    }
    turns
}

#[test]
fn a_loop_of_others_drives_a_whole_session_by_the_descriptor() {
    alone(|| {
        const LAST: usize = 20;
        let event_loop = EventLoop::new();
        let recorder = count_to(&event_loop, LAST);
        let turns = drive(&event_loop);
        let events = recorder.finished();
        assert_eq!(events.len(), LAST + 3);
        assert_eq!(events.last().unwrap(), "CLOSED close clean");
        assert!(turns < 200, "{turns} turns: it spins");
    });
}

#[test]
fn the_descriptor_is_readable_while_there_is_something_to_do() {
    alone(|| {
        let event_loop = EventLoop::new();
        let _work = event_loop.keep_alive();
        assert!(is_readable(&event_loop), "nobody has looked yet");
        assert_eq!(event_loop.turn(), Turn::Waiting);
        assert!(!is_readable(&event_loop));
        // A task, and one that it queues.
        let again = event_loop.clone();
        event_loop.queue_task(move || again.queue_task(|| ()));
        assert!(is_readable(&event_loop));
        assert_eq!(event_loop.turn(), Turn::More);
        assert!(is_readable(&event_loop));
        assert_eq!(event_loop.turn(), Turn::Waiting);
        assert!(!is_readable(&event_loop));
        // A client, and nobody has called anything.
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        settle(&event_loop);
        assert!(!is_readable(&event_loop));
        let client = std::net::TcpStream::connect(server.local_addr()).unwrap();
        assert!(wait(&event_loop, PATIENCE));
        settle(&event_loop);
        assert!(!is_readable(&event_loop));
        drop(client);
        assert!(wait(&event_loop, PATIENCE));
        assert_eq!(
            std::os::fd::AsRawFd::as_raw_fd(&event_loop.as_fd()),
            std::os::fd::AsRawFd::as_raw_fd(&event_loop.descriptor())
        );
    });
}

#[test]
fn another_thread_makes_the_descriptor_readable() {
    alone(|| {
        const TASKS: usize = 10_000;
        let event_loop = EventLoop::new();
        let (handle, work) = (event_loop.handle(), event_loop.keep_alive());
        settle(&event_loop);
        let (ran, has_run) = mpsc::channel();
        let other = thread::spawn(move || {
            for number in 0..TASKS {
                let ran = ran.clone();
                assert!(handle.queue_task(move || ran.send(number).unwrap()));
                if number % 100 == 0 {
                    thread::yield_now();
                }
            }
            drop(work);
        });
        drive(&event_loop);
        other.join().unwrap();
        assert_eq!(has_run.iter().count(), TASKS);
    });
}

#[test]
fn what_is_left_behind_a_block_on_makes_the_descriptor_readable() {
    alone(|| {
        let event_loop = EventLoop::new();
        let _work = event_loop.keep_alive();
        assert!(is_readable(&event_loop));
        settle(&event_loop);
        let has_run = Rc::new(Cell::new(false));
        event_loop.block_on(async {
            let has_run = has_run.clone();
            event_loop.queue_task(move || has_run.set(true));
        });
        assert!(!has_run.get());
        assert!(is_readable(&event_loop));
        assert_eq!(event_loop.turn(), Turn::Waiting);
        assert!(has_run.get());
    });
}

#[test]
fn the_next_timer_is_known_and_ends_in_a_turn() {
    alone(|| {
        let event_loop = EventLoop::new();
        let _work = event_loop.keep_alive();
        let order = Rc::new(RefCell::new(Vec::new()));
        let begin = loop {
            let begin = Instant::now();
            for milliseconds in [60, 20, 40, 20] {
                let order = order.clone();
                let sleep = event_loop.sleep(Duration::from_millis(milliseconds));
                event_loop.spawn(async move {
                    sleep.await;
                    order.borrow_mut().push(milliseconds);
                });
            }
            settle(&event_loop);
            let next = event_loop.next_timer();
            let end = Instant::now();
            if end < begin + Duration::from_millis(20) {
                let next = next.unwrap();
                assert!(next >= begin + Duration::from_millis(20));
                assert!(next < end + Duration::from_millis(20));
                break begin;
            }
            // The machine stood still: once more.
            while event_loop.next_timer().is_some() {
                settle(&event_loop);
            }
            order.borrow_mut().clear();
        };
        while let Some(timer) = event_loop.next_timer() {
            thread::sleep(timer.saturating_duration_since(Instant::now()));
            settle(&event_loop);
        }
        assert_eq!(*order.borrow(), [20, 20, 40, 60]);
        assert!(begin.elapsed() >= Duration::from_millis(60));
        // One that is dropped is none.
        let mut dropped = Box::pin(event_loop.sleep(Duration::from_secs(3600)));
        assert!(
            event_loop
                .block_on(async { (&mut dropped).now_or_never() })
                .is_none()
        );
        assert!(event_loop.next_timer().is_some());
        drop(dropped);
        assert_eq!(event_loop.next_timer(), None);
        // One that never ends is none either.
        event_loop.spawn(event_loop.sleep(Duration::MAX));
        settle(&event_loop);
        assert_eq!(event_loop.next_timer(), None);
    });
}

#[test]
fn timers_end_where_the_loop_blocks() {
    alone(|| {
        let event_loop = EventLoop::new();
        let (begin, short) = (Instant::now(), Duration::from_millis(15));
        event_loop.block_on(event_loop.sleep(short));
        assert!(begin.elapsed() >= short);
        event_loop.spawn(event_loop.sleep(short));
        let begin = Instant::now();
        event_loop.run();
        assert!(begin.elapsed() >= short);
    });
}

#[test]
fn loops_run_inside_each_other() {
    alone(|| {
        let outer = EventLoop::new();
        let recorder = count_to(&outer, 20);
        let inside = Rc::new(Cell::new(0));
        for _ in 0..5 {
            let (weak, inside) = (outer.downgrade(), inside.clone());
            outer.queue_task(move || {
                // A loop in a task of the other, and a wait of the other's in a task of its own.
                let inner = EventLoop::new();
                let recorder = count_to(&inner, 3);
                inner.run();
                assert_eq!(recorder.finished().last().unwrap(), "CLOSED close clean");
                let outer = weak.upgrade().unwrap();
                inner.block_on(async { outer.block_on(outer.sleep(Duration::from_millis(5))) });
                inside.set(inside.get() + 1);
            });
        }
        outer.run();
        assert_eq!(inside.get(), 5);
        assert_eq!(recorder.finished().last().unwrap(), "CLOSED close clean");
    });
}

#[test]
fn a_wake_up_that_comes_in_a_nested_block_on_reaches_the_outer_future() {
    alone(|| {
        let event_loop = EventLoop::new();
        let (sender, receiver) = futures::channel::oneshot::channel();
        let nested = async {
            // The other future is woken in here.
            event_loop.block_on(async {
                sender.send("woken").unwrap();
                event_loop.sleep(Duration::from_millis(5)).await;
            });
        };
        // Polled first, it waits.
        let (received, ()) = event_loop.block_on(join(receiver, nested));
        assert_eq!(received, Ok("woken"));
    });
}

#[test]
fn thousands_of_sockets_have_a_loop_in_common() {
    const SOCKETS: usize = 2_000;
    alone(|| {
        let limit = getrlimit(Resource::Nofile);
        let wanted = 2 * SOCKETS as u64 + 200;
        if limit.maximum.is_some_and(|maximum| maximum < wanted) {
            // Then as many as there may be are too few to say anything.
            return;
        }
        let mut raised = limit;
        raised.current = Some(limit.current.unwrap_or(wanted).max(wanted));
        setrlimit(Resource::Nofile, raised).unwrap();
        let event_loop = EventLoop::new();
        let backend = Rc::new(Backend::echoing(&event_loop));
        let (open, closed) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let sockets: Rc<RefCell<Vec<WebSocket>>> = Rc::default();
        for _ in 0..SOCKETS {
            let socket = WebSocket::new(&event_loop, &backend.url()).unwrap();
            socket.set_onopen({
                let (open, sockets) = (open.clone(), sockets.clone());
                move |_| {
                    open.set(open.get() + 1);
                    // All are there at once before any of them begins.
                    if open.get() == SOCKETS {
                        for socket in &*sockets.borrow() {
                            socket.send("1").unwrap();
                        }
                    }
                }
            });
            socket.set_onmessage(|event| match event.data().as_str() {
                Some("1") => drop(event.target().send("2")),
                _ => event.target().close(),
            });
            socket.set_onclose({
                let (closed, backend) = (closed.clone(), backend.clone());
                move |event| {
                    assert!(event.was_clean());
                    closed.set(closed.get() + 1);
                    if closed.get() == SOCKETS {
                        backend.server.close();
                    }
                }
            });
            sockets.borrow_mut().push(socket);
        }
        event_loop.run();
        assert_eq!(closed.get(), SOCKETS);
    });
}

#[test]
fn a_thread_waits_for_a_loop_that_has_to_call_somebody_and_ends_with_it() {
    alone(|| {
        let before = descriptors();
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap());
        settle(&event_loop);
        while woken.try_recv().is_ok() {}
        assert!(has_helper() || !cfg!(target_os = "linux"));
        let client = std::net::TcpStream::connect(server.local_addr()).unwrap();
        woken.recv_timeout(PATIENCE).unwrap();
        settle(&event_loop);
        // A timer that is set while it waits.
        let has_ended = Rc::new(Cell::new(false));
        let sleep = event_loop.sleep(Duration::from_millis(5));
        let ended = has_ended.clone();
        event_loop.spawn(async move {
            sleep.await;
            ended.set(true);
        });
        while !has_ended.get() {
            woken.recv_timeout(PATIENCE).unwrap();
            settle(&event_loop);
        }
        drop((event_loop, server, client));
        assert_eq!(descriptors(), before);
        let begin = Instant::now();
        while has_helper() && begin.elapsed() < PATIENCE {
            thread::yield_now();
        }
    });
}

#[test]
fn a_wake_up_that_panics_in_the_thread_that_waits_does_not_stop_the_next() {
    alone(|| {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        let connect = || std::net::TcpStream::connect(server.local_addr()).unwrap();
        let (wake, woken) = mpsc::channel();
        let here = thread::current().id();
        event_loop.set_wake_up(move || {
            if thread::current().id() != here {
                wake.send(()).unwrap();
                panic!("in a wake-up");
            }
        });
        for _ in 0..3 {
            settle(&event_loop);
            let client = connect();
            woken.recv_timeout(PATIENCE).unwrap();
            drop(client);
        }
        drop((event_loop, server));
        let begin = Instant::now();
        while has_helper() && begin.elapsed() < PATIENCE {
            thread::yield_now();
        }
    });
}

/// What this process has open.
fn descriptors() -> usize {
    std::fs::read_dir("/dev/fd").unwrap().count()
}

#[test]
fn whatever_outlives_a_loop_holds_no_descriptor() {
    alone(|| {
        let before = descriptors();
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);
        let (socket, recorder) = backend.open(&event_loop);
        let handle = event_loop.handle();
        while recorder.count() == 0 {
            event_loop.turn();
        }
        assert!(descriptors() > before);
        drop(event_loop);
        assert_eq!(descriptors(), before);
        assert!(!handle.queue_task(|| ()));
        let _ = socket.send("into the void");
        drop((backend, socket));
        assert_eq!(descriptors(), before);
    });
}

#[test]
fn a_timer_that_outlives_its_loop_can_be_dropped() {
    alone(|| {
        let event_loop = EventLoop::new();
        let mut sleep = Box::pin(event_loop.sleep(Duration::from_secs(3600)));
        assert!(
            event_loop
                .block_on(async { (&mut sleep).now_or_never() })
                .is_none()
        );
        drop(event_loop);
        drop(sleep);
    });
}

#[test]
fn loops_on_several_threads_know_nothing_of_each_other() {
    alone(|| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(|| {
                    let event_loop = EventLoop::new();
                    let recorder = count_to(&event_loop, 50);
                    event_loop.run();
                    recorder.finished().len()
                })
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 53);
        }
    });
}
