//! Listeners that go with their guards, as libraries of events have them: their closures borrow the event.

use crate::server;
use dom_websocket_web::{run, wasm_bindgen, web_sys};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{CloseEvent, Event, EventTarget, MessageEvent, WebSocket};

struct Guard {
    target: EventTarget,
    type_: &'static str,
    closure: Closure<dyn FnMut(&Event)>,
}

impl Guard {
    fn new(
        target: &EventTarget,
        type_: &'static str,
        callback: impl FnMut(&Event) + 'static,
    ) -> Self {
        let closure = Closure::wrap(Box::new(callback) as Box<dyn FnMut(&Event)>);
        target
            .add_event_listener_with_callback(type_, closure.as_ref().unchecked_ref())
            .unwrap_throw();
        Self {
            target: target.clone(),
            type_,
            closure,
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.target
            .remove_event_listener_with_callback(self.type_, self.closure.as_ref().unchecked_ref())
            .unwrap_throw();
    }
}

#[test]
fn each_is_called_until_its_guard_goes() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let guards = Rc::new(RefCell::new(Vec::new()));
    run(|| {
        let socket = WebSocket::new(&server::echo()).unwrap();
        let sender = socket.clone();
        let open = Guard::new(&socket, "open", move |_| {
            sender.send_with_str("one").unwrap();
            sender.send_with_str("two").unwrap();
        });
        let (said, sender) = (log.clone(), socket.clone());
        let message = Guard::new(&socket, "message", move |event| {
            let event = event.dyn_ref::<MessageEvent>().unwrap_throw();
            said.borrow_mut().push(event.data().as_string().unwrap());
            sender.close_with_code(4001).unwrap();
        });
        let (said, all) = (log.clone(), guards.clone());
        let close = Guard::new(&socket, "close", move |event| {
            let event: &CloseEvent = event.unchecked_ref();
            said.borrow_mut().push(format!("closed {}", event.code()));
            // This one too.
            all.borrow_mut().clear();
        });
        guards.borrow_mut().extend([open, message, close]);
    });
    assert_eq!(log.take(), ["one", "closed 4001"]);
    assert!(guards.borrow().is_empty());
}
