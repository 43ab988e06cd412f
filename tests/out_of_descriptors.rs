//! A process without a descriptor left: what needs one fails or waits, what has one goes on, and all is well once there are
//! some again.
//!
//! Descriptors belong to the whole process, so there is one test here, and it has the process to itself.

use dom_websocket::{Edition, EventLoop, WebSocket};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::cell::Cell;
use std::fs::File;
use std::net::TcpStream;
use std::rc::Rc;
use std::thread;
use support::{Backend, FAILURE, Frame, Gate, Head, Recorder, Wire, bounded, run_until};

/// Few enough to be used up at once.
const DESCRIPTORS: u64 = 256;

/// Takes all that are left.
fn hoard() -> Vec<File> {
    let mut files = vec![File::open("/dev/null").unwrap()];
    while let Ok(file) = files[0].try_clone() {
        files.push(file);
    }
    files
}

fn open(event_loop: &EventLoop, url: &str, edition: Edition) -> (WebSocket, Recorder) {
    let socket = WebSocket::builder(event_loop, url)
        .edition(edition)
        .open()
        .unwrap();
    let recorder = Recorder::of(&socket);
    (socket, recorder)
}

#[test]
fn without_descriptors_nothing_is_lost_but_what_needs_one() {
    bounded(|| {
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let current = Some(DESCRIPTORS);
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
        let event_loop = EventLoop::new();
        let backend = Backend::echoing(&event_loop);

        // One that counts up.
        let (bystander, bystanding) = open(&event_loop, &backend.url(), Edition::Living);
        let count = Rc::new(Cell::new(0));
        bystander.set_onopen(|event| event.target().send("0"));
        bystander.set_onmessage({
            let count = count.clone();
            move |event| {
                assert_eq!(*event.data(), *count.get().to_string());
                count.set(count.get() + 1);
                event.target().send(count.get().to_string())
            }
        });
        let advance = || {
            let before = count.get();
            run_until(&event_loop, || count.get() > before + 100);
        };
        advance();

        // A client that the kernel has accepted, and the server not yet.
        let address = backend.server.local_addr();
        let stream = TcpStream::connect(address).unwrap();
        let hoarded = hoard();
        let refused = [Edition::Living, Edition::Html5].map(|edition| {
            let (_socket, recorder) = open(&event_loop, &backend.url(), edition);
            run_until(&event_loop, || recorder.has_ended());
            recorder.finished()
        });
        assert_eq!(refused[0], FAILURE);
        assert_eq!(refused[1], ["CLOSED close unclean"]);
        advance();
        assert_eq!(backend.count(), 1, "nobody was accepted");

        drop(hoarded);
        let is_served = Gate::new(&event_loop);
        let waiting = thread::spawn({
            let is_served = is_served.clone();
            move || {
                let mut wire = Wire::new(stream);
                wire.upgrade(&Head::upgrade("/", address));
                wire.send_frame(&Frame::close_without_code().masked());
                wire.expect_from_server(&Frame::close_without_code());
                is_served.open();
                wire.take_rest();
            }
        });
        run_until(&event_loop, || is_served.is_open());
        waiting.join().unwrap();
        for edition in [Edition::Living, Edition::Html5] {
            let (socket, recorder) = open(&event_loop, &backend.url(), edition);
            socket.set_onopen(|event| event.target().close());
            run_until(&event_loop, || recorder.has_ended());
            assert!(recorder.events()[1].starts_with("CLOSED close clean"));
        }
        advance();
        bystander.set_onmessage(|event| event.target().close());
        run_until(&event_loop, || bystanding.has_ended());
        backend.server.close();
        event_loop.run();
    });
}
