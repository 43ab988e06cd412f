//! A connection of the simplified wire.

use crate::connection::{Connection, Exception};
use crate::options::Options;
use dom_websocket::{ByteStream, Data, EventLoop, Observation, Step, UserAgent, WebSocket};
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, join, select};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::rc::Rc;

const EVENTS: &[&str] = &["open", "close"];

/// A `ByteStream`, with what it received and nobody has read. What is sent waits in a queue of its own, so that commands
/// in a row are one task.
pub(crate) struct Stream {
    state: Rc<State>,
    /// `None` once this direction has ended.
    queue: RefCell<Option<mpsc::UnboundedSender<Vec<u8>>>>,
    /// Dropped, it ends the attempt to connect.
    opening: RefCell<Option<oneshot::Sender<()>>>,
}

#[derive(Default)]
struct State {
    ready_state: Cell<u16>,
    /// Bytes that the network has not taken.
    buffered: Cell<usize>,
    unread: RefCell<VecDeque<u8>>,
    /// `close` has been called: nobody wants to know what comes.
    is_unwanted: Cell<bool>,
    /// The peer's end has come, or that of the connection.
    is_at_end: Cell<bool>,
    opened: Cell<usize>,
    closed: Cell<usize>,
}

impl Stream {
    pub(crate) fn open(
        event_loop: &EventLoop,
        options: &Options,
        user_agent: &UserAgent,
    ) -> Result<Self, Exception> {
        let state: Rc<State> = Rc::default();
        let watched = state.clone();
        let stream = ByteStream::builder(event_loop, &options.url)
            .user_agent(user_agent)
            .observer(move |observation| watched.observe(observation))
            .open()?;
        let (queue, queued) = mpsc::unbounded();
        let (opening, is_given_up) = oneshot::channel();
        event_loop.spawn(run(stream, state.clone(), queued, is_given_up));
        Ok(Self {
            state,
            queue: RefCell::new(Some(queue)),
            opening: RefCell::new(Some(opening)),
        })
    }

    fn check_that_it_was_opened(&self) -> Result<(), Exception> {
        match self.ready_state() {
            WebSocket::CONNECTING => Err(Exception::invalid_state()),
            _ => Ok(()),
        }
    }

    /// Our end follows what is queued. False if it has done so before.
    fn end(&self) -> bool {
        let is_first = self.queue.take().is_some();
        if is_first && self.ready_state() < WebSocket::CLOSING {
            self.state.ready_state.set(WebSocket::CLOSING);
        }
        is_first
    }
}

/// The connection, both ways, until both have ended.
async fn run(
    stream: ByteStream,
    state: Rc<State>,
    mut queued: mpsc::UnboundedReceiver<Vec<u8>>,
    is_given_up: oneshot::Receiver<()>,
) {
    // How it fails, then or later, is told by its end.
    match select(pin!(stream.opened()), is_given_up).await {
        Either::Left((Ok(()), _)) => {}
        _ => return,
    }
    state.open();
    let (mut incoming, mut outgoing) = stream.split();
    let receiving = async {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(len @ 1..) = incoming.read(&mut buffer).await {
            if !state.is_unwanted.get() {
                state.unread.borrow_mut().extend(&buffer[..len]);
            }
        }
        state.is_at_end.set(true);
    };
    let sending = async {
        while let Some(bytes) = queued.next().await {
            outgoing.write_all(&bytes).await?;
            outgoing.flush().await?;
            state.buffered.set(state.buffered.get() - bytes.len());
        }
        outgoing.close().await?;
        Ok::<_, io::Error>(())
    };
    let _ = join(receiving, sending).await;
}

impl State {
    fn open(&self) {
        if self.ready_state.get() == WebSocket::CONNECTING {
            self.ready_state.set(WebSocket::OPEN);
        }
        self.opened.set(1);
        self.print("open", |_| {});
    }

    fn observe(&self, observation: &Observation<'_>) {
        let (was_clean, code) = match observation.step {
            Step::Closed(code) => (true, code),
            Step::Failed(_) => (false, 1006),
            _ => return,
        };
        self.ready_state.set(WebSocket::CLOSED);
        self.is_at_end.set(true);
        self.closed.set(1);
        self.print("close", |line| {
            line["wasClean"] = json!(was_clean);
            line["code"] = json!(code);
            line["reason"] = json!("");
        });
    }

    fn print(&self, type_: &str, add: impl FnOnce(&mut Value)) {
        let mut line = json!({ "event": type_, "readyState": self.ready_state.get() });
        add(&mut line);
        line["bufferedAmount"] = json!(self.buffered.get());
        println!("{line}");
    }
}

impl Connection for Stream {
    fn send(&self, data: Data<'_>) -> Result<bool, Exception> {
        self.check_that_it_was_opened()?;
        let bytes = match data {
            Data::Text(text) => text.as_bytes().to_vec(),
            Data::Bytes(bytes) => bytes.to_vec(),
            _ => return Ok(false),
        };
        let queue = self.queue.borrow();
        let is_open = self.ready_state() == WebSocket::OPEN;
        let Some(queue) = queue.as_ref().filter(|_| is_open) else {
            return Ok(false);
        };
        self.state
            .buffered
            .set(self.state.buffered.get() + bytes.len());
        Ok(queue.unbounded_send(bytes).is_ok())
    }

    fn finish(&self) -> Result<bool, Exception> {
        self.check_that_it_was_opened()?;
        Ok(self.end() && self.ready_state() < WebSocket::CLOSED)
    }

    fn close(&self, _: Option<u16>, _: &str) -> Result<(), Exception> {
        self.end();
        self.state.is_unwanted.set(true);
        self.opening.take();
        Ok(())
    }

    fn read(&self, at_most: usize) -> Option<Vec<u8>> {
        let mut unread = self.state.unread.borrow_mut();
        let len = unread.len().min(at_most);
        (len > 0 || self.state.is_at_end.get()).then(|| unread.drain(..len).collect())
    }

    fn ready_state(&self) -> u16 {
        self.state.ready_state.get()
    }

    fn buffered_amount(&self) -> usize {
        self.state.buffered.get()
    }

    fn has_codes(&self) -> bool {
        false
    }

    fn events(&self) -> &'static [&'static str] {
        EVENTS
    }

    fn seen(&self, type_: &str) -> usize {
        match type_ {
            "open" => self.state.opened.get(),
            _ => self.state.closed.get(),
        }
    }
}
