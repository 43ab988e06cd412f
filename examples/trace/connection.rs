//! What the commands act on.

use crate::options::Options;
use crate::to_hex;
use dom_websocket::{
    Data, Dispatch, DomException, Edition, Event, EventLoop, UserAgent, WebSocket,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

pub(crate) trait Connection {
    fn send(&self, data: Data<'_>) -> Result<bool, Exception>;

    fn finish(&self) -> Result<bool, Exception>;

    fn close(&self, code: Option<u16>, reason: &str) -> Result<(), Exception>;

    /// Up to so many bytes of what was received and not read; none at the end. `None` where it is too early to say.
    fn read(&self, at_most: usize) -> Option<Vec<u8>>;

    fn ready_state(&self) -> u16;

    fn buffered_amount(&self) -> usize;

    /// Whether it can be closed with a code.
    fn has_codes(&self) -> bool;

    /// The types of events that there can be.
    fn events(&self) -> &'static [&'static str];

    /// How many events of a type there have been.
    fn seen(&self, type_: &str) -> usize;
}

/// What is thrown.
pub(crate) struct Exception {
    pub(crate) name: &'static str,
    pub(crate) message: String,
}

impl Exception {
    pub(crate) fn invalid_state() -> Self {
        Self {
            name: "InvalidStateError",
            message: "the stream is still connecting".to_owned(),
        }
    }
}

impl From<DomException> for Exception {
    fn from(exception: DomException) -> Self {
        Self {
            name: exception.name(),
            message: exception.message().to_owned(),
        }
    }
}

/// A `WebSocket`, with a copy of what it received that has not been read.
pub(crate) struct Socket {
    socket: WebSocket,
    seen: Rc<RefCell<HashMap<&'static str, usize>>>,
    unread: Rc<RefCell<VecDeque<u8>>>,
}

const EVENTS: &[&str] = &["open", "message", "error", "close"];

impl Socket {
    pub(crate) fn open(
        event_loop: &EventLoop,
        options: &Options,
        edition: Edition,
        user_agent: &UserAgent,
    ) -> Result<Self, Exception> {
        let mut builder = WebSocket::builder(event_loop, &options.url);
        builder
            .edition(edition)
            .user_agent(user_agent)
            .protocols(options.subprotocols.iter().map(String::as_str));
        if let Some(origin) = &options.origin {
            builder.origin(origin);
        }
        let socket = builder.open()?;
        let seen: Rc<RefCell<HashMap<_, usize>>> = Rc::default();
        let unread: Rc<RefCell<VecDeque<u8>>> = Rc::default();
        for type_ in EVENTS {
            let (seen, unread) = (seen.clone(), unread.clone());
            socket.add_event_listener(type_, move |event| {
                *seen.borrow_mut().entry(*type_).or_default() += 1;
                if let Some(message) = event.as_message_event() {
                    let data = message.data();
                    let bytes = data.as_str().map(str::as_bytes).or(data.as_bytes());
                    unread.borrow_mut().extend(bytes.unwrap_or_default());
                }
                print_event(event);
            });
        }
        Ok(Self {
            socket,
            seen,
            unread,
        })
    }
}

impl Connection for Socket {
    fn send(&self, data: Data<'_>) -> Result<bool, Exception> {
        Ok(self.socket.send(data)?)
    }

    fn finish(&self) -> Result<bool, Exception> {
        Ok(self.socket.finish()?)
    }

    fn close(&self, code: Option<u16>, reason: &str) -> Result<(), Exception> {
        Ok(self.socket.close_with(code, reason)?)
    }

    fn read(&self, at_most: usize) -> Option<Vec<u8>> {
        let mut unread = self.unread.borrow_mut();
        let len = unread.len().min(at_most);
        (len > 0 || self.seen("close") > 0).then(|| unread.drain(..len).collect())
    }

    fn ready_state(&self) -> u16 {
        self.socket.ready_state()
    }

    fn buffered_amount(&self) -> usize {
        self.socket.buffered_amount()
    }

    fn has_codes(&self) -> bool {
        true
    }

    fn events(&self) -> &'static [&'static str] {
        EVENTS
    }

    fn seen(&self, type_: &str) -> usize {
        self.seen.borrow().get(type_).copied().unwrap_or(0)
    }
}

fn print_event(event: Dispatch<'_, Event>) {
    let socket = event.target();
    let mut line = json!({ "event": event.type_(), "readyState": socket.ready_state() });
    if let Some(message) = event.as_message_event() {
        match message.data().as_str() {
            Some(text) => line["data"] = json!(text),
            None => line["hex"] = json!(to_hex(message.data().as_bytes().unwrap_or_default())),
        }
    }
    if let Some(close) = event.as_close_event() {
        line["wasClean"] = json!(close.was_clean());
        line["code"] = json!(close.code());
        line["reason"] = json!(close.reason());
    }
    line["bufferedAmount"] = Value::from(socket.buffered_amount());
    println!("{line}");
}
