//! A terminal in a room; or, with any other server, lines that are sent and received.

use crate::message::{PROTOCOL, ToRoom, ToTerminal, shown};
use crate::screen::Screen;
use crate::typing::{self, KeyByKey, Typed};
use dom_websocket::{Edition, EventLoop, UserAgent, WebSocket};
use event_listener::Event;
use futures::future::{abortable, select};
use futures::{FutureExt, StreamExt};
use std::cell::{Cell, RefCell};
use std::error::Error;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

/// So long an answer may take that is waited for once the input has ended.
const PATIENCE: Duration = Duration::from_secs(5);
/// So long a room may take to say that it is one.
const FIRST_WORD: Duration = Duration::from_secs(1);

pub(crate) fn edition(name: &str) -> Result<Edition, String> {
    match name {
        "living" => Ok(Edition::Living),
        "html5" => Ok(Edition::Html5),
        other => Err(format!("unknown edition {other:?}")),
    }
}

/// What both sides of a conversation know.
struct Chat {
    screen: Screen,
    /// As the room has it, once it has welcomed us.
    name: RefCell<String>,
    /// The server has said that it is a room.
    is_in_room: Cell<bool>,
    /// It has told all that was said before.
    is_welcome: Cell<bool>,
    hello: Event,
    /// Lines that were sent and not answered. A room answers by telling everybody, us too.
    unanswered: Cell<usize>,
    /// Messages so far.
    heard: Cell<usize>,
    /// Nothing more is typed: the last answer ends it.
    is_over: Cell<bool>,
    is_clean: Cell<bool>,
}

/// Until either side ends; whether it ended cleanly.
pub(crate) fn chat(url: &str, name: &str, edition: Edition) -> Result<bool, Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let user_agent = UserAgent::builder().log_failures().build();
    let mut builder = WebSocket::builder(&event_loop, url);
    builder.user_agent(&user_agent).edition(edition);
    // A server of 2010 has to agree; one of today may ignore it.
    if edition == Edition::Living {
        builder.protocol(PROTOCOL);
    }
    let socket = builder.open()?;
    let by_key = typing::is_by_key();
    let _keys = by_key.then(KeyByKey::begin).transpose()?;
    let chat = Rc::new(Chat::new(name, by_key));

    let hears = chat.clone();
    socket.set_onmessage(move |event| hears.hear(event.target(), &event.data().to_string()));
    let typed = say_what_is_typed(event_loop.clone(), socket.clone(), chat.clone(), by_key);
    let (typed, stop) = abortable(typed);
    let ends = chat.clone();
    socket.set_onclose(move |event| {
        ends.is_clean.set(event.was_clean());
        let (code, reason) = (event.code(), event.reason());
        ends.screen
            .note(format!("closed: {code} {reason}").trim_end());
        stop.abort();
    });
    drop(socket);
    event_loop.spawn(typed.map(drop));
    event_loop.run();
    Ok(chat.is_clean.get())
}

/// Once the socket is open.
async fn say_what_is_typed(event_loop: EventLoop, socket: WebSocket, chat: Rc<Chat>, by_key: bool) {
    if !socket.room_for(0).await {
        return;
    }
    // A room says so at once, and another server may take its subprotocol all the same. One of 2010 was not asked for it.
    if socket.protocol() == PROTOCOL || socket.edition() == Edition::Html5 {
        chat.hear_first_word(&event_loop).await;
    }
    if !chat.is_in_room.get() {
        chat.screen.note("open: each line is sent");
    }
    let mut typed = typing::read(by_key);
    let mut is_typing = false;
    while let Some(typed) = typed.next().await {
        let (line, is_whole) = match typed {
            Typed::End => break,
            Typed::Part(part) => (part, false),
            Typed::Line(line) => (line, true),
        };
        chat.screen.set_line(if is_whole { "" } else { &line });
        let message = match (is_whole, chat.is_in_room.get()) {
            (true, true) => ToRoom::say(&line).map(|message| message.write()),
            (true, false) => Some(line),
            (false, true) if is_typing == line.is_empty() => {
                is_typing = !is_typing;
                Some(ToRoom::Typing(is_typing).write())
            }
            (false, _) => None,
        };
        let Some(message) = message else {
            continue;
        };
        if !socket.room_for(message.len()).await || socket.try_send(message).is_err() {
            return;
        }
        if is_whole {
            is_typing = false;
            chat.unanswered.set(chat.unanswered.get() + 1);
        }
    }
    chat.is_over.set(true);
    // A person who leaves waits for nothing.
    while !by_key && chat.unanswered.get() > 0 {
        let heard = chat.heard.get();
        event_loop.sleep(PATIENCE).await;
        if chat.heard.get() == heard {
            break;
        }
    }
    socket.close();
}

impl Chat {
    fn new(name: &str, by_key: bool) -> Self {
        Self {
            screen: Screen::new(by_key),
            name: RefCell::new(name.to_owned()),
            is_in_room: Cell::new(false),
            is_welcome: Cell::new(false),
            hello: Event::new(),
            unanswered: Cell::new(0),
            heard: Cell::new(0),
            is_over: Cell::new(false),
            is_clean: Cell::new(false),
        }
    }

    /// Waits until the server has said that it is a room, or could have.
    async fn hear_first_word(&self, event_loop: &EventLoop) {
        let hello = pin!(self.hello.listen());
        // It may have come with the end of the handshake.
        if !self.is_in_room.get() {
            select(hello, pin!(event_loop.sleep(FIRST_WORD))).await;
        }
    }

    fn hear(&self, socket: &WebSocket, message: &str) {
        self.heard.set(self.heard.get() + 1);
        let message_of_room = ToTerminal::read(message);
        let is_answer = if message_of_room == Some(ToTerminal::Hello) {
            self.is_in_room.set(true);
            let join = ToRoom::Join(self.name.borrow().clone());
            // It is open: it has just said something.
            let _ = socket.send(join.write());
            self.hello.notify(1);
            false
        } else if self.is_in_room.get() {
            message_of_room.is_some_and(|message| self.show(message))
        } else {
            self.screen
                .print(&format!("< {}", shown(message, usize::MAX)));
            true
        };
        if is_answer {
            self.unanswered.set(self.unanswered.get().saturating_sub(1));
            if self.is_over.get() && self.unanswered.get() == 0 {
                socket.close();
            }
        }
    }

    /// Shows what the room says; whether it is what we said.
    fn show(&self, message: ToTerminal) -> bool {
        let screen = &self.screen;
        match message {
            ToTerminal::Hello => {}
            ToTerminal::Welcome(name) => {
                screen.note(&format!("welcome, {name}"));
                *self.name.borrow_mut() = name;
                self.is_welcome.set(true);
            }
            ToTerminal::Joined(name) => screen.note(&format!("{name} has come")),
            ToTerminal::Left(name) => screen.note(&format!("{name} has left")),
            ToTerminal::Typing(mut names) => {
                names.retain(|name| *name != *self.name.borrow());
                screen.set_typing(&names);
            }
            ToTerminal::Said { name, text } => {
                screen.print(&format!("{}: {text}", screen.name(&name)));
                // Somebody else may have had the name before.
                return self.is_welcome.get() && name == *self.name.borrow();
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_has_said_so_is_not_waited_for() {
        let event_loop = EventLoop::new();
        let chat = Chat::new("Ada", false);
        chat.is_in_room.set(true);
        assert_eq!(chat.hear_first_word(&event_loop).now_or_never(), Some(()));
    }

    #[test]
    fn what_another_of_the_same_name_said_is_no_answer() {
        let chat = Chat::new("Ada", false);
        let hi = ToTerminal::Said {
            name: "Ada".into(),
            text: "hi".into(),
        };
        assert!(!chat.show(hi.clone()));
        chat.show(ToTerminal::Welcome("Ada".into()));
        assert!(chat.show(hi));
    }
}
