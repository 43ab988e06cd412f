//! Loops and the runtimes of tokio that they are made in, driven from, and dropped in.
#![cfg(all(
    feature = "tokio",
    not(any(feature = "async-std", feature = "native", feature = "smol"))
))]

use dom_websocket::{EventLoop, Turn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::time::Duration;
use support::{Backend, PATIENCE, Recorder, bounded, count_to};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, spawn_local, yield_now};

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn multi_thread() -> Runtime {
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().unwrap()
}

fn assert_counted(recorder: &Recorder, last: usize) {
    assert_eq!(recorder.finished().len(), last + 3);
}

#[test]
fn a_loop_is_awaited_where_it_was_made() {
    for runtime in [current_thread, multi_thread] {
        bounded(move || {
            runtime().block_on(async {
                let event_loop = EventLoop::new();
                let recorder = count_to(&event_loop, 300);
                event_loop.until_idle().await;
                assert_counted(&recorder, 300);
            });
        });
    }
}

#[test]
fn tasks_of_a_local_set_and_the_loop_let_each_other_have_their_turn() {
    for runtime in [current_thread, multi_thread] {
        bounded(move || {
            let local = LocalSet::new();
            runtime().block_on(local.run_until(async {
                let event_loop = EventLoop::new();
                let recorder = count_to(&event_loop, 300);
                let driving = event_loop.clone();
                let driver = spawn_local(async move { driving.drive().await });
                // Each number takes a turn of the loop at least, and the other task is asked behind each.
                let other = spawn_local(async move {
                    let mut turns = 0;
                    while !recorder.has_ended() {
                        yield_now().await;
                        turns += 1;
                    }
                    assert_counted(&recorder, 300);
                    turns
                });
                let turns = other.await.unwrap();
                assert!(turns >= 300, "{turns} turns of another task");
                driver.abort();
            }));
        });
    }
}

#[test]
fn a_loop_that_was_made_outside_is_awaited_inside_and_dropped_there() {
    for runtime in [current_thread, multi_thread] {
        bounded(move || {
            let event_loop = EventLoop::new();
            let recorder = count_to(&event_loop, 50);
            runtime().block_on(async move {
                event_loop.until_idle().await;
                drop(event_loop);
            });
            assert_counted(&recorder, 50);
        });
    }
}

#[test]
fn a_loop_of_a_runtime_with_threads_can_be_run_outside() {
    bounded(|| {
        let runtime = multi_thread();
        let event_loop = {
            let _entered = runtime.enter();
            EventLoop::new()
        };
        let recorder = count_to(&event_loop, 50);
        event_loop.run();
        assert_counted(&recorder, 50);
    });
}

#[test]
fn to_block_where_nobody_would_drive_the_runtime_is_said_in_words() {
    bounded(|| {
        let runtime = current_thread();
        let _entered = runtime.enter();
        let event_loop = EventLoop::new();
        let _server = Backend::echoing(&event_loop);
        let ran = catch_unwind(AssertUnwindSafe(|| event_loop.run()));
        let words = ran.unwrap_err().downcast::<&str>().unwrap();
        assert!(words.contains("await `until_idle`"), "{words}");
    });
}

#[test]
fn a_loop_of_its_own_is_driven_by_turns_and_a_wake_up() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let recorder = count_to(&event_loop, 50);
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        loop {
            match event_loop.turn() {
                Turn::More => {}
                Turn::Waiting => woken.recv_timeout(PATIENCE).unwrap(),
                Turn::Idle => break,
            }
        }
        assert_counted(&recorder, 50);
    });
}

#[test]
fn a_loop_of_its_own_is_driven_by_turns_alone() {
    bounded(|| {
        let event_loop = EventLoop::new();
        let recorder = count_to(&event_loop, 50);
        while event_loop.turn() != Turn::Idle {
            std::thread::sleep(Duration::from_micros(100));
        }
        assert_counted(&recorder, 50);
    });
}

#[test]
fn a_loop_of_its_own_can_be_run_by_turns_and_by_run() {
    bounded(|| {
        let event_loop = EventLoop::new();
        event_loop.set_wake_up(|| ());
        for _ in 0..3 {
            let recorder = count_to(&event_loop, 20);
            event_loop.turn();
            event_loop.run();
            assert_counted(&recorder, 20);
        }
    });
}
