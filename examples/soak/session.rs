//! One socket's life: it opens, sends, waits for the echoes, and ends in one of several ways.

use crate::clients::Soak;
use crate::messages::Message;
use crate::server::{GOODBYE, GOODBYE_CODE};
use dom_websocket::{Edition, MessageData, WebSocket};
use rand::RngExt;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

pub(crate) struct Session {
    soak: Rc<Soak>,
    /// Which server, and how often it had been killed when this began; `None` if it was not there.
    server: usize,
    lives: Option<u64>,
    edition: Edition,
    end: End,
    /// What has been sent and has not come back.
    under_way: RefCell<VecDeque<Message>>,
    /// So many messages are still to be sent.
    left: Cell<usize>,
    has_opened: Cell<bool>,
    has_closed: Cell<bool>,
}

/// How it is to end, if its server lives.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// We close, when all is back.
    Ours,
    /// We close with messages under way.
    Early,
    /// The server closes, as it is asked to when all is back.
    Servers,
}

/// So many messages at most are sent at once, and by one socket.
const AT_ONCE: usize = 8;
const ALL: usize = 60;

/// Opens a socket.
pub(crate) fn begin(soak: &Rc<Soak>) {
    let mut random = soak.random.borrow_mut();
    let edition = soak.plan.editions[random.random_range(0..soak.plan.editions.len())];
    let server = random.random_range(0..soak.servers.len());
    let compression = random.random();
    let session = Rc::new(Session {
        soak: soak.clone(),
        server,
        lives: soak.servers[server].lives(),
        edition,
        end: match random.random_range(0..4) {
            0 => End::Early,
            1 => End::Servers,
            _ => End::Ours,
        },
        under_way: RefCell::default(),
        left: Cell::new(random.random_range(1..=ALL)),
        has_opened: Cell::default(),
        has_closed: Cell::default(),
    });
    let agent = &soak.agents[random.random_range(0..soak.agents.len())];
    drop(random);
    let Some(event_loop) = soak.event_loop.upgrade() else {
        return;
    };
    let url = format!("ws://{}/", soak.servers[server].address);
    let opened = WebSocket::builder(&event_loop, &url)
        .edition(edition)
        .user_agent(agent)
        .compression(compression)
        .open();
    let socket = opened.expect("the URL is one");
    socket.set_binary_type(dom_websocket::BinaryType::ArrayBuffer);
    soak.ledger.made.add(1);
    socket.set_onopen({
        let session = session.clone();
        move |event| session.open(event.target())
    });
    socket.set_onmessage({
        let session = session.clone();
        move |event| session.message(event.target(), event.data())
    });
    socket.set_onerror({
        let session = session.clone();
        move |_| session.error()
    });
    socket.set_onclose(move |event| {
        session.close(
            event.target(),
            event.was_clean(),
            event.code(),
            event.reason(),
        );
    });
}

impl Session {
    fn problem(&self, what: impl std::fmt::Display) {
        let edition = self.edition;
        self.soak
            .ledger
            .problem(format_args!("{edition:?}: {what}"));
    }

    /// Whether the server was killed, or was not there, at any time since this began.
    fn may_be_cut_off(&self) -> bool {
        self.lives.is_none() || self.soak.servers[self.server].lives() != self.lives
    }

    fn open(self: &Rc<Self>, socket: &WebSocket) {
        if self.has_opened.replace(true) || self.has_closed.get() {
            self.problem("a second open, or one behind close");
        }
        self.soak.ledger.opened.add(1);
        self.go_on(socket);
    }

    /// Sends some messages, or ends.
    fn go_on(self: &Rc<Self>, socket: &WebSocket) {
        // It may have waited.
        if socket.ready_state() != WebSocket::OPEN {
            return;
        }
        let left = match self.soak.is_over.get() {
            true => 0,
            false => self.left.get(),
        };
        let some = self
            .soak
            .random
            .borrow_mut()
            .random_range(1..=AT_ONCE)
            .min(left);
        for _ in 0..some {
            self.send(socket);
        }
        self.left.set(left - some);
        if self.left.get() > 0 {
            return;
        }
        match self.end {
            End::Early => socket.close(),
            // All is back.
            _ if some > 0 => {}
            End::Ours => socket.close(),
            End::Servers => {
                socket.send(GOODBYE).expect("it is open");
            }
        }
    }

    fn send(&self, socket: &WebSocket) {
        let soak = &self.soak;
        let may_be_binary = self.edition == Edition::Living;
        let message = soak
            .messages
            .draw(&mut soak.random.borrow_mut(), may_be_binary);
        let content = soak.messages.content(message);
        let before = socket.buffered_amount();
        let sent = match message.is_binary {
            true => socket.send(content.as_bytes()),
            false => socket.send(content),
        };
        // Of a connection that is gone, and has not said so yet, it is false.
        let is_sent = sent == Ok(true) || (sent == Ok(false) && self.may_be_cut_off());
        if !is_sent || socket.buffered_amount() != before + message.len {
            self.problem(format_args!(
                "send: {sent:?}, buffered {before} + {}, {}",
                message.len,
                socket.buffered_amount()
            ));
        }
        soak.ledger.sent.add(1);
        soak.ledger.bytes.add(message.len);
        self.under_way.borrow_mut().push_back(message);
    }

    fn message(self: &Rc<Self>, socket: &WebSocket, data: &MessageData) {
        if !self.has_opened.get() || self.has_closed.get() {
            self.problem("a message ahead of open or behind close");
        }
        let soak = &self.soak;
        let is = |message: &Message| {
            let content = soak.messages.content(*message);
            match data {
                MessageData::Text(text) => !message.is_binary && text == content,
                MessageData::ArrayBuffer(bytes) => message.is_binary && bytes == content.as_bytes(),
                _ => false,
            }
        };
        let mut under_way = self.under_way.borrow_mut();
        match under_way.iter().position(is) {
            Some(0) => {}
            Some(ahead) => self.problem(format_args!(
                "{ahead} messages were lost, or are out of turn"
            )),
            None => return self.problem("a message came twice, or changed"),
        }
        under_way.pop_front();
        soak.ledger.came_back.add(1);
        let is_back = under_way.is_empty();
        drop(under_way);
        if is_back && socket.ready_state() == WebSocket::OPEN {
            self.wait_and_go_on(socket);
        }
    }

    fn wait_and_go_on(self: &Rc<Self>, socket: &WebSocket) {
        let pause = self.soak.pause();
        let Some(event_loop) = self.soak.event_loop.upgrade() else {
            return;
        };
        if pause.is_zero() || self.soak.is_over.get() {
            return self.go_on(socket);
        }
        let (session, socket) = (self.clone(), socket.clone());
        let waiting = event_loop.sleep(pause);
        event_loop.spawn(async move {
            waiting.await;
            session.go_on(&socket);
        });
    }

    fn error(&self) {
        // The html5 edition's is for frames of unknown types.
        if self.edition == Edition::Html5 || self.has_closed.get() || !self.may_be_cut_off() {
            self.problem("an error");
        }
    }

    fn close(self: &Rc<Self>, socket: &WebSocket, was_clean: bool, code: u16, reason: &str) {
        if self.has_closed.replace(true) || socket.ready_state() != WebSocket::CLOSED {
            self.problem("a second close, or one that is not CLOSED");
        }
        let under_way = self.under_way.take().len();
        let ledger = &self.soak.ledger;
        if was_clean {
            let (ends, unanswered) = match self.end {
                End::Ours => (&ledger.closed_by_us, 0),
                End::Early => (&ledger.closed_by_us_early, under_way),
                End::Servers => (&ledger.closed_by_the_server, 0),
            };
            ends.add(1);
            ledger.unanswered.add(unanswered);
            if unanswered != under_way {
                self.problem(format_args!("{under_way} messages have not come back"));
            }
            if (self.end, self.edition) == (End::Servers, Edition::Living)
                && (code, reason) != (GOODBYE_CODE, GOODBYE)
            {
                self.problem(format_args!("closed with {code} {reason:?}"));
            }
        } else {
            match self.has_opened.get() {
                true => ledger.cut_off.add(1),
                false => ledger.never_opened.add(1),
            }
            ledger.died.add(under_way);
            if !self.may_be_cut_off() {
                self.problem(format_args!("cut off ({code}) although the server lived"));
            }
        }
        self.soak.come_back();
    }
}

impl Soak {
    /// Some wait, most don't.
    fn pause(&self) -> Duration {
        let longest = self.plan.longest_pause;
        self.random
            .borrow_mut()
            .random_range(Duration::ZERO..=longest)
    }

    /// A socket has ended: another one begins, after a while.
    fn come_back(self: &Rc<Self>) {
        let Some(event_loop) = self.event_loop.upgrade() else {
            return;
        };
        if self.is_over.get() {
            return;
        }
        let (soak, pause) = (self.clone(), event_loop.sleep(self.pause()));
        event_loop.spawn(async move {
            pause.await;
            if !soak.is_over.get() {
                begin(&soak);
            }
        });
    }
}
