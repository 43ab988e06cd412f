//! A process that has no descriptors left gets no event loop, and is told so; a socket of one that it has fails.
//!
//! Descriptors belong to the whole process, so there is one test here, and it has the process to itself.
#![cfg(unix)]

use dom_websocket::{EventLoop, Exception, Host, WebSocket};
use rustix::io::Errno;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::cell::Cell;
use std::fs::File;
use std::io;
use std::panic::catch_unwind;
use std::rc::Rc;
use support::{FAILURE, Recorder, bounded};

/// How many a loop takes. Where the runtime's are the process's, a loop has none.
fn of_a_loop() -> usize {
    if cfg!(any(feature = "async-std", feature = "smol")) {
        0
    } else {
        3
    }
}

/// Enough for what a test needs besides.
const LIMIT: u64 = 64;

/// All descriptors that there are.
fn take_all() -> Vec<File> {
    let mut taken = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => taken.push(file),
            Err(error) => {
                assert!(is_want_of_descriptors(&error), "{error}");
                return taken;
            }
        }
    }
}

fn is_want_of_descriptors(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::MFILE.raw_os_error())
}

struct Dropped(Rc<Cell<bool>>);

impl Host for Dropped {
    fn report_exception(&self, exception: Exception) {
        panic!("{exception}");
    }
}

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn a_loop_for_which_there_are_too_few_is_an_error() {
    bounded(|| {
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = Some(LIMIT);
        setrlimit(Resource::Nofile, limit).unwrap();

        let mut taken = take_all();
        for left in 0..of_a_loop() {
            assert!(is_want_of_descriptors(&EventLoop::try_new().unwrap_err()));
            let is_dropped = Rc::default();
            let error = EventLoop::try_with_host(Dropped(Rc::clone(&is_dropped))).unwrap_err();
            assert!(is_want_of_descriptors(&error) && is_dropped.get());
            let panic = catch_unwind(EventLoop::new).unwrap_err();
            let message = panic.downcast::<String>().unwrap();
            assert_eq!(*message, format!("no event loop can be made: {error}"));
            // None is lost.
            assert_eq!(take_all().len(), left);
            drop(taken.pop());
        }

        let event_loop = EventLoop::try_new().unwrap();
        let socket = WebSocket::new(&event_loop, "ws://127.0.0.1:1/").unwrap();
        let recorder = Recorder::of(&socket);
        event_loop.run();
        assert_eq!(recorder.events(), FAILURE);
        drop((socket, event_loop));
        assert_eq!(take_all().len(), of_a_loop());
    });
}
