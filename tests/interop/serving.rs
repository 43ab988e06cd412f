//! A server of ours, as clients of others want it.

use dom_websocket::{Answer, Edition, Server};
use std::cell::RefCell;
use std::rc::Rc;

/// What a server had to do with its clients.
pub(crate) struct Sessions(Rc<RefCell<Vec<Session>>>);

#[derive(Debug)]
struct Session {
    protocol: String,
    extensions: String,
    was_clean: bool,
    code: u16,
    reason: String,
}

impl Sessions {
    /// Has the server echo, and close when it is told "goodbye".
    pub(crate) fn of(server: &Server) -> Self {
        server.set_onrequest(|request| {
            assert_eq!(request.edition(), Edition::Living);
            assert_eq!(request.resource_name(), "/echo");
            match request.protocols().find(|&protocol| protocol == "chat") {
                Some(protocol) => Answer::accept_with(protocol),
                None => Answer::accept(),
            }
        });
        let sessions = Self(Rc::default());
        let all = sessions.0.clone();
        server.set_onconnection(move |socket, _| {
            socket.set_onmessage(|event| {
                let socket = event.target();
                if event.data() == "goodbye" {
                    socket.close_with(4321, "bye from us")
                } else {
                    socket.send(event.data()).map(|_| ())
                }
            });
            let all = all.clone();
            socket.set_onclose(move |event| {
                all.borrow_mut().push(Session {
                    protocol: event.target().protocol(),
                    extensions: event.target().extensions(),
                    was_clean: event.was_clean(),
                    code: event.code(),
                    reason: event.reason().to_owned(),
                });
            });
        });
        sessions
    }

    /// There was one client, which offered this compression, and closed first or had the server do so.
    pub(crate) fn judge(&self, extensions: &str, mode: &str) {
        let sessions = self.0.borrow();
        let [session] = &sessions[..] else {
            panic!("one connection: {sessions:?}");
        };
        assert_eq!(session.protocol, "chat");
        assert_eq!(session.extensions, extensions);
        let (code, reasons): (_, &[_]) = match mode {
            "close-first" => (4001, &["done"]),
            // The answer to our frame: the code has to come back, the reason may.
            _ => (4321, &["", "bye from us"]),
        };
        assert_eq!((session.was_clean, session.code), (true, code));
        assert!(reasons.contains(&&session.reason[..]), "{session:?}");
    }
}
