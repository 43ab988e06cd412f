//! A room: who is in it hears what each says, and who comes sees what was said last.

use crate::message::{NAME, PROTOCOL, ToRoom, ToTerminal, shown};
use dom_websocket::{Answer, EventLoop, Server, WebSocket};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::rc::Rc;

/// So much is kept for those who come later.
const HISTORY: usize = 50;

/// Serves until it is killed.
pub(crate) fn listen(address: &str) -> Result<bool, Box<dyn Error>> {
    let event_loop = EventLoop::new();
    let server =
        Server::listen(&event_loop, address).map_err(|error| format!("{address}: {error}"))?;
    serve(&server);
    println!("a room at ws://{}/", server.local_addr());
    event_loop.run();
    Ok(true)
}

/// Opens a room at this server.
pub(crate) fn serve(server: &Server) {
    server.set_onrequest(|request| {
        match request.protocols().any(|protocol| protocol == PROTOCOL) {
            true => Answer::accept_with(PROTOCOL),
            // Any WebSocket may look in.
            false => Answer::accept(),
        }
    });
    let room = Rc::<RefCell<Room>>::default();
    server.set_onconnection(move |socket, _| {
        socket.set_onopen(|event| tell(event.target(), &ToTerminal::Hello));
        let hears = room.clone();
        socket.set_onmessage(move |event| {
            if let Some(message) = event.data().as_str().and_then(ToRoom::read) {
                hears.borrow_mut().hear(event.target(), message);
            }
        });
        let loses = room.clone();
        socket.set_onclose(move |event| loses.borrow_mut().lose(event.target()));
    });
}

#[derive(Default)]
struct Room {
    members: Vec<Member>,
    history: VecDeque<ToTerminal>,
}

struct Member {
    socket: WebSocket,
    name: String,
    is_typing: bool,
}

impl Room {
    fn hear(&mut self, socket: &WebSocket, message: ToRoom) {
        let place = self.members.iter().position(|m| m.socket == *socket);
        match (place, message) {
            (None, ToRoom::Join(name)) => self.welcome(socket, &name),
            (Some(place), ToRoom::Say(text)) if !text.is_empty() => {
                self.members[place].is_typing = false;
                let name = self.members[place].name.clone();
                self.tell_all(ToTerminal::Said { name, text });
                self.tell_who_is_typing();
            }
            (Some(place), ToRoom::Typing(is_typing)) => {
                self.members[place].is_typing = is_typing;
                self.tell_who_is_typing();
            }
            // It came out of turn, and says nothing.
            _ => {}
        }
    }

    fn welcome(&mut self, socket: &WebSocket, name: &str) {
        let name = if name.is_empty() { "guest" } else { name };
        let is_taken = |name: &str| self.members.iter().any(|member| member.name == name);
        // Whoever reads it cuts it off behind so many characters.
        let others = (2_usize..).map(|number| {
            let number = number.to_string();
            shown(name, NAME.saturating_sub(number.len())) + &number
        });
        let name = std::iter::once(name.to_owned())
            .chain(others)
            .find(|name| !is_taken(name))
            .unwrap_or_default();
        for message in &self.history {
            tell(socket, message);
        }
        tell(socket, &ToTerminal::Welcome(name.clone()));
        self.members.push(Member {
            socket: socket.clone(),
            name: name.clone(),
            is_typing: false,
        });
        self.tell_all(ToTerminal::Joined(name));
    }

    fn lose(&mut self, socket: &WebSocket) {
        if let Some(place) = self.members.iter().position(|m| m.socket == *socket) {
            let member = self.members.swap_remove(place);
            self.tell_all(ToTerminal::Left(member.name));
            if member.is_typing {
                self.tell_who_is_typing();
            }
        }
    }

    fn tell_who_is_typing(&self) {
        let typing = self.members.iter().filter(|member| member.is_typing);
        let names = typing.map(|member| member.name.clone()).collect();
        let message = ToTerminal::Typing(names);
        for member in &self.members {
            tell(&member.socket, &message);
        }
    }

    fn tell_all(&mut self, message: ToTerminal) {
        for member in &self.members {
            tell(&member.socket, &message);
        }
        self.history.push_back(message);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }
}

/// Nobody waits for a terminal that does not read.
fn tell(socket: &WebSocket, message: &ToTerminal) {
    if socket
        .try_send(message.write())
        .is_err_and(|e| e.would_block())
    {
        let closed = socket.close_with(4008, "too slow");
        debug_assert!(closed.is_ok(), "the code is one of ours");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dom_websocket::Turn;
    use std::sync::mpsc;
    use std::time::Duration;

    /// Takes turns until `is_so`, and never waits for long.
    fn run_until(event_loop: &EventLoop, is_so: impl Fn() -> bool) {
        let (wake, woken) = mpsc::channel();
        event_loop.set_wake_up(move || wake.send(()).unwrap_or_default());
        while !is_so() {
            if event_loop.turn() != Turn::More && !is_so() {
                woken.recv_timeout(Duration::from_secs(20)).unwrap();
            }
        }
        event_loop.set_wake_up(|| ());
    }

    /// A terminal that keeps all that it is told.
    fn join(
        event_loop: &EventLoop,
        url: &str,
        name: &str,
    ) -> (WebSocket, Rc<RefCell<Vec<ToTerminal>>>) {
        let socket = WebSocket::with_protocol(event_loop, url, PROTOCOL).unwrap();
        let heard = Rc::<RefCell<Vec<_>>>::default();
        let name = ToRoom::Join(name.to_owned()).write();
        let hears = heard.clone();
        socket.set_onmessage(
            move |event| match ToTerminal::read(&event.data().to_string()) {
                Some(ToTerminal::Hello) => drop(event.target().send(&name)),
                message => hears.borrow_mut().extend(message),
            },
        );
        let hears = heard.clone();
        run_until(event_loop, || {
            hears.borrow().contains(&ToTerminal::Joined("Ada".into()))
        });
        (socket, heard)
    }

    #[test]
    fn a_conversation() {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        serve(&server);
        let url = format!("ws://{}/", server.local_addr());
        let (ada, ada_hears) = join(&event_loop, &url, "Ada");
        ada.send(ToRoom::Say("Is anybody here?".into()).write())
            .unwrap();
        run_until(&event_loop, || ada_hears.borrow().len() == 4);

        // Who comes later sees what was said, and has a name of its own.
        let (bob, bob_hears) = join(&event_loop, &url, "Ada");
        let said = ToTerminal::Said {
            name: "Ada".into(),
            text: "Is anybody here?".into(),
        };
        let joined = |name: &str| ToTerminal::Joined(name.into());
        run_until(&event_loop, || bob_hears.borrow().len() == 4);
        let welcome = ToTerminal::Welcome("Ada2".into());
        assert_eq!(
            *bob_hears.borrow(),
            [joined("Ada"), said, welcome, joined("Ada2")]
        );

        bob.send(ToRoom::Typing(true).write()).unwrap();
        let typing = ToTerminal::Typing(vec!["Ada2".into()]);
        run_until(&event_loop, || ada_hears.borrow().last() == Some(&typing));
        bob.close();
        run_until(&event_loop, || {
            ada_hears.borrow().ends_with(&[
                ToTerminal::Left("Ada2".into()),
                ToTerminal::Typing(Vec::new()),
            ])
        });
    }

    /// However long they are, and so as they are read.
    #[test]
    fn no_two_have_the_same_name() {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        serve(&server);
        let url = format!("ws://{}/", server.local_addr());
        let name = "\u{e4}".repeat(2 * NAME);
        let mut names = Vec::new();
        let mut sockets = Vec::new();
        for _ in 0..12 {
            let socket = WebSocket::with_protocol(&event_loop, &url, PROTOCOL).unwrap();
            let welcome = Rc::<RefCell<Option<String>>>::default();
            let (join, hears) = (ToRoom::Join(name.clone()).write(), welcome.clone());
            socket.set_onmessage(
                move |event| match ToTerminal::read(&event.data().to_string()) {
                    Some(ToTerminal::Hello) => drop(event.target().send(&join)),
                    Some(ToTerminal::Welcome(name)) => drop(hears.borrow_mut().replace(name)),
                    _ => {}
                },
            );
            run_until(&event_loop, || welcome.borrow().is_some());
            sockets.push(socket);
            names.extend(welcome.take());
        }
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 12, "{names:?}");
    }
}
