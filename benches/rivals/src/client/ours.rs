//! dom-websocket as its users use it: listeners, a plain `send()` in them, and the loop. Nothing is batched by
//! hand and nothing is flushed: the loop writes once a turn.

use super::drive::{CONNECTIONS, SENT_AT_ONCE, SETTLING};
use super::{Client, Figures, Run};
use crate::payload::{Message, Payloads};
use crate::usage::{processor, resident};
use crate::workload::{Echo, Extent, Progress, Workload};
use dom_websocket::{BinaryType, Edition, EventLoop, MessageData, WebSocket};
use futures::future::select;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

pub const CLIENTS: [Client; 2] = if cfg!(feature = "async-std") {
    [
        ("dom-websocket, async-std", living),
        ("dom-websocket html5, async-std", html5),
    ]
} else if cfg!(feature = "smol") {
    [
        ("dom-websocket, smol", living),
        ("dom-websocket html5, smol", html5),
    ]
} else {
    [
        ("dom-websocket, native", living),
        ("dom-websocket html5, native", html5),
    ]
};

fn living(run: Run) -> Option<Figures> {
    Ours::new(Edition::Living, run.port).run(run)
}

fn html5(run: Run) -> Option<Figures> {
    Ours::new(Edition::Html5, run.port).run(run)
}

struct Ours {
    event_loop: EventLoop,
    edition: Edition,
    port: u16,
}

impl Ours {
    fn new(edition: Edition, port: u16) -> Self {
        Self {
            event_loop: EventLoop::new(),
            edition,
            port,
        }
    }

    fn run(&self, run: Run) -> Option<Figures> {
        let _waiting = self.event_loop.keep_alive();
        match run.workload {
            // Draft 76 carries text only.
            Workload::Echo(echo)
                if echo.message == Message::Binary && self.edition == Edition::Html5 =>
            {
                None
            }
            Workload::Echo(echo) => {
                let socket = self.open("/");
                self.check(&socket, &Rc::new(self.data(echo.message)));
                let sockets = [socket];
                self.send_back(&sockets, echo, run.warm_up);
                let before = processor();
                let messages = self.send_back(&sockets, echo, run.extent);
                Some(vec![(processor() - before) / messages as f64])
            }
            Workload::Receive => {
                self.receive(run.warm_up);
                Some(vec![self.receive(run.extent)])
            }
            Workload::Send => {
                self.send(run.warm_up);
                Some(vec![self.send(run.extent)])
            }
            Workload::Connect => {
                self.connect(run.warm_up);
                Some(vec![self.connect(run.extent)])
            }
            Workload::Many => {
                let sockets: Vec<_> = (0..CONNECTIONS).map(|_| self.open("/")).collect();
                let echo = Echo {
                    message: Message::Small,
                    in_flight: 1,
                    at_once: 1,
                };
                self.send_back(&sockets, echo, run.warm_up);
                let before = processor();
                let messages = self.send_back(&sockets, echo, run.extent);
                Some(vec![(processor() - before) / messages as f64])
            }
            Workload::Memory => Some(self.memory()),
        }
    }

    fn socket(&self, path: &str) -> WebSocket {
        let url = format!("ws://127.0.0.1:{}{path}", self.port);
        let mut builder = WebSocket::builder(&self.event_loop, &url);
        let socket = builder.edition(self.edition).open().unwrap();
        socket.set_binary_type(BinaryType::ArrayBuffer);
        socket.set_onerror(|_| -> () { panic!("the connection fails") });
        socket
    }

    fn open(&self, path: &str) -> WebSocket {
        let socket = self.socket(path);
        let is_open = Rc::new(Cell::new(false));
        let opened = is_open.clone();
        socket.set_onopen(move |_| opened.set(true));
        self.run_until(|| is_open.get());
        socket
    }

    /// Runs the loop: `EventLoop::run`, with an end.
    fn run_until(&self, is_so: impl Fn() -> bool) {
        let condition = poll_fn(|_| match is_so() {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        let idle = pin!(self.event_loop.until_idle());
        self.event_loop.block_on(select(idle, condition));
    }

    fn settle(&self) {
        let idle = pin!(self.event_loop.until_idle());
        let pause = pin!(self.event_loop.sleep(SETTLING));
        self.event_loop.block_on(select(idle, pause));
    }

    fn data(&self, message: Message) -> MessageData {
        let payloads = Payloads::new();
        match message {
            Message::Small => payloads.small.into(),
            Message::Text => payloads.text.into(),
            Message::Binary if self.edition == Edition::Html5 => "x".repeat(message.len()).into(),
            Message::Binary => MessageData::ArrayBuffer(payloads.binary),
        }
    }

    fn check(&self, socket: &WebSocket, data: &Rc<MessageData>) {
        let is_back = Rc::new(Cell::new(false));
        let (back, expected) = (is_back.clone(), data.clone());
        socket.send(&**data).unwrap();
        socket.set_onmessage(move |event| {
            assert!(*event.data() == *expected);
            back.set(true);
        });
        self.run_until(|| is_back.get());
    }

    /// On each socket so many are in flight, and each that comes is answered with one `send()`.
    fn send_back(&self, sockets: &[WebSocket], echo: Echo, extent: Extent) -> usize {
        let data = Rc::new(self.data(echo.message));
        let len = echo.message.len();
        let progress = Rc::new(RefCell::new(Progress::new(extent, echo.message)));
        let in_flight = Rc::new(Cell::new(sockets.len() * echo.in_flight));
        for socket in sockets {
            let (progress, in_flight) = (progress.clone(), in_flight.clone());
            let answer = data.clone();
            socket.set_onmessage(move |event| {
                assert_eq!(length(event.data()), len);
                if progress.borrow_mut().add(1) {
                    in_flight.set(in_flight.get() - 1);
                } else {
                    event.target().send(&*answer).unwrap();
                }
            });
            for _ in 0..echo.in_flight {
                socket.send(&*data).unwrap();
            }
        }
        self.run_until(|| in_flight.get() == 0);
        progress.borrow().done()
    }

    fn receive(&self, extent: Extent) -> f64 {
        let messages = extent.messages(5_000_000).max(2);
        let socket = self.socket(&format!("/push?{messages}"));
        let (received, before) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0.0)));
        let (counted, started) = (received.clone(), before.clone());
        socket.set_onmessage(move |event| {
            assert_eq!(length(event.data()), Message::Small.len());
            if counted.get() == 0 {
                started.set(processor());
            }
            counted.set(counted.get() + 1);
        });
        self.run_until(|| received.get() == messages);
        (processor() - before.get()) / (messages - 1) as f64
    }

    fn send(&self, extent: Extent) -> f64 {
        let batches = extent.messages(4_000_000).max(1).div_ceil(SENT_AT_ONCE);
        let messages = batches * SENT_AT_ONCE;
        let socket = self.open(&format!("/take?{messages}"));
        let before = processor();
        let is_answered = Rc::new(Cell::new(false));
        let answered = is_answered.clone();
        socket.set_onmessage(move |_| answered.set(true));
        let text = Rc::new(Payloads::new().small);
        send_batch(self.event_loop.clone(), socket, text, batches);
        self.run_until(|| is_answered.get());
        (processor() - before) / messages as f64
    }

    fn connect(&self, extent: Extent) -> f64 {
        let connections = extent.messages(2_000);
        let mut sockets = Vec::with_capacity(connections);
        let before = processor();
        for _ in 0..connections {
            sockets.push(self.open("/"));
        }
        (processor() - before) / connections as f64
    }

    fn memory(&self) -> Figures {
        let data = Rc::new(self.data(Message::Binary));
        for _ in 0..20 {
            drop(self.open("/"));
        }
        let before = resident();
        let growth = || (resident() - before) / CONNECTIONS as f64;
        let sockets: Vec<_> = (0..CONNECTIONS).map(|_| self.open("/")).collect();
        self.settle();
        let idle = growth();
        for socket in &sockets {
            self.check(socket, &data);
        }
        self.settle();
        vec![idle, growth()]
    }
}

/// What is queued at most before the sender waits.
const QUEUED: usize = 512 << 10;

/// A task for each batch; it minds `bufferedAmount`, as a page would.
fn send_batch(event_loop: EventLoop, socket: WebSocket, text: Rc<String>, left: usize) {
    for _ in 0..SENT_AT_ONCE {
        socket.send(&**text).unwrap();
    }
    if left == 1 {
        return;
    }
    let next = event_loop.clone();
    if socket.buffered_amount() < QUEUED {
        event_loop.queue_task(move || send_batch(next, socket, text, left - 1));
    } else {
        let room = socket.room_for(QUEUED);
        event_loop.spawn(async move {
            assert!(room.await);
            send_batch(next, socket, text, left - 1);
        });
    }
}

fn length(data: &MessageData) -> usize {
    match data {
        MessageData::Text(text) => text.len(),
        MessageData::ArrayBuffer(bytes) => bytes.len(),
        _ => 0,
    }
}
