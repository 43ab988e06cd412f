//! Other sockets on the same loop, which count up with a healthy server.

use super::route::{ROUTES, World};
use dom_websocket::{EventLoop, WebSocket};
use std::cell::Cell;
use std::rc::Rc;
use support::{Recorder, run_until};

pub(crate) struct Bystanders {
    all: Vec<Bystander>,
    is_over: Rc<Cell<bool>>,
}

struct Bystander {
    _socket: WebSocket,
    recorder: Recorder,
    count: Rc<Cell<usize>>,
}

impl Bystanders {
    /// One of each edition, and with TLS.
    pub(crate) fn begin(event_loop: &EventLoop, world: &World) -> Self {
        let is_over = Rc::new(Cell::new(false));
        let all: Vec<_> = ROUTES[..4]
            .iter()
            .map(|route| {
                let first = world.first(*route);
                let socket = WebSocket::builder(event_loop, &world.url(*route, first))
                    .edition(route.edition)
                    .user_agent(&world.user_agent(*route, first).build())
                    .open()
                    .unwrap();
                Bystander::counting(socket, &is_over)
            })
            .collect();
        let bystanders = Self { all, is_over };
        bystanders.advance(event_loop);
        bystanders
    }

    fn counts(&self) -> Vec<usize> {
        self.all.iter().map(|one| one.count.get()).collect()
    }

    /// Each gets further.
    #[track_caller]
    pub(crate) fn advance(&self, event_loop: &EventLoop) {
        let before = self.counts();
        run_until(event_loop, || {
            let all = self.counts().into_iter().zip(&before);
            all.into_iter().all(|(now, before)| now > *before)
        });
    }

    /// Each has heard all numbers, in order, and closes.
    #[track_caller]
    pub(crate) fn end(self, event_loop: &EventLoop) {
        self.is_over.set(true);
        run_until(event_loop, || {
            self.all.iter().all(|one| one.recorder.has_ended())
        });
        for one in self.all {
            let events = one.recorder.finished();
            assert_eq!(events[0], "OPEN open");
            assert!(events[events.len() - 1].starts_with("CLOSED close clean"));
            let numbers = &events[1..events.len() - 1];
            assert_eq!(numbers.len(), one.count.get());
            for (number, event) in numbers.iter().enumerate() {
                assert_eq!(*event, format!("OPEN message {number}"));
            }
        }
    }
}

impl Bystander {
    fn counting(socket: WebSocket, is_over: &Rc<Cell<bool>>) -> Self {
        let recorder = Recorder::of(&socket);
        let count = Rc::new(Cell::new(0));
        socket.set_onopen(|event| event.target().send("0"));
        socket.set_onmessage({
            let (count, is_over) = (count.clone(), is_over.clone());
            move |event| {
                count.set(count.get() + 1);
                if is_over.get() {
                    event.target().close();
                    return Ok(true);
                }
                event.target().send(count.get().to_string())
            }
        });
        Self {
            _socket: socket,
            recorder,
            count,
        }
    }
}
