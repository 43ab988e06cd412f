//! One end, and what script does with it.

use dom_websocket::protocol::Wire;
use dom_websocket::{
    ByteStream, Message, WebSocket, WebSocketCloseInfo, WebSocketError, WebSocketErrorKind,
    WebSocketOpenInfo, WebSocketStream,
};
use futures::future::FutureExt;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream::StreamExt;
use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::rc::Rc;

/// What a socket's listeners have heard.
#[derive(Default)]
pub(super) struct Heard {
    received: RefCell<Vec<Vec<u8>>>,
    opened: Cell<u32>,
    /// Whether it was clean.
    closed: RefCell<Vec<bool>>,
}

pub(super) enum Object {
    Socket(WebSocket, Rc<Heard>),
    /// With its two streams, once it is open.
    Stream(WebSocketStream, Option<Box<WebSocketOpenInfo>>),
    Bytes(Box<ByteStream>),
    Gone,
}

impl Object {
    pub(super) fn socket(socket: WebSocket) -> Self {
        let heard = Rc::new(Heard::default());
        let here = heard.clone();
        socket.set_onopen(move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::OPEN);
            here.opened.set(here.opened.get() + 1);
            assert_eq!((here.opened.get(), here.closed.borrow().len()), (1, 0));
        });
        let here = heard.clone();
        socket.set_onmessage(move |event| {
            assert_eq!((here.opened.get(), here.closed.borrow().len()), (1, 0));
            let data = event.data();
            let text = data.as_str().map(str::as_bytes);
            let bytes = text.or(data.as_bytes()).expect("no blob").to_vec();
            here.received.borrow_mut().push(bytes);
        });
        let here = heard.clone();
        socket.set_onerror(move |_| assert!(here.closed.borrow().is_empty()));
        let here = heard.clone();
        socket.set_onclose(move |event| {
            assert_eq!(event.target().ready_state(), WebSocket::CLOSED);
            let mut closed = here.closed.borrow_mut();
            assert!(closed.is_empty(), "a second close");
            if event.was_clean() {
                assert_ne!(event.code(), 1006);
            }
            closed.push(event.was_clean());
        });
        socket.set_binary_type(dom_websocket::BinaryType::ArrayBuffer);
        Self::Socket(socket, heard)
    }

    pub(super) fn bytes(stream: ByteStream) -> Self {
        Self::Bytes(Box::new(stream))
    }
}

pub(super) struct End {
    object: Object,
    wire: Wire,
    /// What was taken, message by message where there are any.
    sent: Vec<Vec<u8>>,
    /// By the objects before this one.
    received: Vec<u8>,
    ready_state: u16,
    /// This side has ended what it receives.
    has_closed: bool,
    has_read_to_the_end: bool,
    has_failed: bool,
    count: usize,
    /// So much of what was taken is the beginning of a character whose rest found no room.
    unfinished: usize,
}

impl End {
    pub(super) fn new(object: Object, wire: Wire) -> Self {
        Self {
            object,
            wire,
            sent: Vec::new(),
            received: Vec::new(),
            ready_state: 0,
            has_closed: false,
            has_read_to_the_end: false,
            has_failed: false,
            count: 0,
            unfinished: 0,
        }
    }

    /// No two are alike.
    fn text(&mut self, len: usize) -> String {
        let mut text = format!("{} ", self.count);
        self.count += 1;
        while text.len() < len {
            text.push_str("aé€😀");
        }
        text
    }

    /// Whether a message was lost over a queue that is full.
    pub(super) fn send(&mut self, is_text: bool, len: usize) -> bool {
        let text = self.text(len);
        let is_text = is_text || self.wire == Wire::Hixie76;
        match &mut self.object {
            Object::Socket(socket, _) => {
                let (state, before) = (socket.ready_state(), socket.buffered_amount());
                let sent = match is_text {
                    true => socket.send(&text),
                    false => socket.send(text.as_bytes()),
                };
                let after = socket.buffered_amount();
                if state == WebSocket::CONNECTING {
                    assert!(sent.is_err() && after == before);
                    return false;
                }
                assert_eq!(after, before + text.len());
                let is_taken = sent.expect("it may be sent");
                if is_taken {
                    assert_eq!(state, WebSocket::OPEN);
                    self.sent.push(text.into_bytes());
                }
                return !is_taken && state == WebSocket::OPEN;
            }
            Object::Stream(_, Some(ends)) => {
                let message = match is_text {
                    true => Message::Text(text.clone()),
                    false => Message::Binary(text.clone().into_bytes()),
                };
                if let Some(Ok(())) = ends.writable.write(message).now_or_never() {
                    self.sent.push(text.into_bytes());
                }
            }
            Object::Bytes(stream) => {
                if let Some(Ok(count)) = stream.write(text.as_bytes()).now_or_never() {
                    assert!((1..=text.len()).contains(&count));
                    self.sent.push(text.as_bytes()[..count].to_vec());
                    // The rest of a character, which draft 76 would otherwise wait for.
                    let mut rest = &text.as_bytes()[count..];
                    let behind = (count..=text.len()).find(|at| text.is_char_boundary(*at));
                    rest = &rest[..behind.unwrap_or(count) - count];
                    if !rest.is_empty() {
                        let begin = (0..count).rfind(|at| text.is_char_boundary(*at));
                        self.unfinished = count - begin.unwrap_or(count);
                        if let Some(Ok(more)) = stream.write(rest).now_or_never() {
                            self.sent.push(rest[..more].to_vec());
                            match more == rest.len() {
                                true => self.unfinished = 0,
                                false => self.unfinished += more,
                            }
                            return more < rest.len();
                        }
                        return true;
                    }
                }
            }
            Object::Stream(_, None) | Object::Gone => {}
        }
        false
    }

    /// Whether anything was read.
    pub(super) fn read(&mut self, len: usize) -> bool {
        match &mut self.object {
            Object::Stream(stream, ends) => {
                if ends.is_none() {
                    match stream.opened().now_or_never() {
                        Some(Ok(opened)) => *ends = Some(Box::new(opened)),
                        Some(Err(_)) => self.has_failed = true,
                        None => {}
                    }
                }
                let Some(ends) = ends else { return false };
                match ends.readable.next().now_or_never() {
                    Some(Some(Ok(message))) => {
                        assert!(!self.has_read_to_the_end);
                        self.received.extend(message.into_bytes());
                        return true;
                    }
                    Some(Some(Err(_))) => self.has_failed = true,
                    Some(None) => self.has_read_to_the_end = true,
                    None => {}
                }
            }
            Object::Bytes(stream) => {
                let mut buffer = vec![0; len.max(1)];
                match stream.read(&mut buffer).now_or_never() {
                    Some(Ok(0)) => self.has_read_to_the_end = true,
                    Some(Ok(count)) => {
                        assert!(!self.has_read_to_the_end);
                        self.received.extend(&buffer[..count]);
                        return true;
                    }
                    Some(Err(error)) => {
                        assert_ne!(error.kind(), ErrorKind::WouldBlock);
                        self.has_failed = true;
                    }
                    None => {}
                }
            }
            Object::Socket(..) | Object::Gone => {}
        }
        false
    }

    pub(super) fn close(&mut self, code: Option<u16>) {
        let info = code.map(|code| match code % 3 {
            0 => 1000,
            _ => 3000 + code % 2000,
        });
        let info = info.filter(|_| self.wire == Wire::Rfc6455);
        match &mut self.object {
            Object::Socket(socket, _) => {
                self.has_closed = true;
                match info {
                    Some(code) => socket.close_with(code, "enough").expect("a code"),
                    None => socket.close(),
                }
            }
            Object::Stream(stream, _) => {
                self.has_closed = true;
                let info = info.map_or_else(WebSocketCloseInfo::default, Into::into);
                stream.close(info).expect("a code");
            }
            Object::Bytes(stream) => {
                if let Some(Err(error)) = stream.close().now_or_never() {
                    // The rest of a character has found no room.
                    if error.kind() == ErrorKind::InvalidData {
                        self.object = Object::Gone;
                    }
                }
            }
            Object::Gone => {}
        }
    }

    pub(super) fn finish(&mut self) {
        match &mut self.object {
            Object::Socket(socket, _) => {
                let _ = socket.finish();
            }
            Object::Stream(_, Some(ends)) => {
                let _ = ends.writable.finish(WebSocketCloseInfo::default());
            }
            Object::Bytes(stream) => {
                let _ = stream.close().now_or_never();
            }
            Object::Stream(_, None) | Object::Gone => {}
        }
    }

    pub(super) fn flush(&mut self) {
        if let Object::Bytes(stream) = &mut self.object {
            let _ = stream.flush().now_or_never();
        }
    }

    pub(super) fn become_stream(&mut self, is_bytes: bool) {
        let Object::Socket(socket, heard) = &self.object else {
            return;
        };
        let may = socket.ready_state() < WebSocket::CLOSING;
        let (socket, heard) = (socket.clone(), heard.clone());
        let kept = socket.clone();
        let object = match is_bytes {
            true => socket.into_byte_stream().map(Object::bytes),
            false => socket
                .into_stream()
                .map(|stream| Object::Stream(stream, None)),
        };
        assert_eq!(object.is_ok(), may);
        let Ok(object) = object else { return };
        assert_eq!(kept.ready_state(), WebSocket::CLOSED);
        self.received.extend(heard.received.take().concat());
        self.object = object;
        self.ready_state = 0;
    }

    pub(super) fn drop_it(&mut self) {
        self.object = Object::Gone;
    }

    /// What holds at any time.
    pub(super) fn look(&mut self) {
        let Object::Socket(socket, heard) = &self.object else {
            return;
        };
        let ready_state = socket.ready_state();
        assert!(
            ready_state >= self.ready_state,
            "it goes back to {ready_state}"
        );
        self.ready_state = ready_state;
        let closed = heard.closed.borrow().len();
        assert_eq!(ready_state == WebSocket::CLOSED, closed == 1);
    }

    /// Only draft 76 waits for whole characters.
    fn unfinished_of_text(&self) -> usize {
        match self.wire {
            Wire::Hixie76 => self.unfinished,
            _ => 0,
        }
    }

    fn all_received(&self) -> Vec<u8> {
        let mut all = self.received.clone();
        if let Object::Socket(_, heard) = &self.object {
            all.extend(heard.received.borrow().concat());
        }
        all
    }

    /// What was received is what was sent from there.
    pub(super) fn compare(&self, there: &Self) {
        let (received, sent) = (self.all_received(), there.sent.concat());
        // Of a write that was taken in part the rest of a character may be there, too.
        assert!(
            sent.starts_with(&received),
            "{} of {}",
            received.len(),
            sent.len()
        );
        if let (Object::Socket(_, heard), Object::Socket(..)) = (&self.object, &there.object)
            && self.received.is_empty()
        {
            let heard = heard.received.borrow();
            assert_eq!(*heard, there.sent[..heard.len()]);
        }
    }

    fn was_clean(&self) -> Option<bool> {
        match &self.object {
            Object::Socket(_, heard) => heard.closed.borrow().first().copied(),
            Object::Stream(stream, _) => Some(stream.closed().now_or_never()?.is_ok()),
            Object::Bytes(stream) => Some(stream.closed().now_or_never()?.is_ok()),
            Object::Gone => Some(false),
        }
    }

    /// All has ended.
    pub(super) fn check_end(&mut self) {
        let was_clean = self.was_clean();
        let was_clean = was_clean.expect("it has not ended");
        match &mut self.object {
            Object::Socket(socket, _) => assert_eq!(socket.ready_state(), WebSocket::CLOSED),
            Object::Stream(stream, ends) => {
                let closed: Result<_, WebSocketError> =
                    stream.closed().now_or_never().expect("ended");
                if let Err(error) = &closed {
                    assert_ne!(error.kind(), WebSocketErrorKind::Aborted);
                }
                if let Some(ends) = ends {
                    assert!(
                        ends.writable
                            .write("more")
                            .now_or_never()
                            .is_some_and(|w| w.is_err())
                    );
                }
            }
            Object::Bytes(stream) => {
                let written = stream.write(b"more").now_or_never();
                assert!(written.is_some_and(|written| written.is_err()));
                assert!(self.has_read_to_the_end || self.has_failed);
                // The peer's direction may have ended well, and ours not.
                assert!(!(self.has_failed && was_clean));
            }
            Object::Gone => {}
        }
    }

    pub(super) fn compare_at_the_end(&self, there: &Self, is_disturbed: bool) {
        self.compare(there);
        let is_gone = matches!(self.object, Object::Gone);
        // An end of the simplified wire is as good as another.
        let tells = self.wire != Wire::Simplified || !is_disturbed;
        if self.was_clean() == Some(true) && !self.has_closed && !is_gone && tells {
            let taken = there.sent.concat().len();
            let least = taken - there.unfinished_of_text();
            assert!((least..=taken).contains(&self.all_received().len()));
        }
    }
}
