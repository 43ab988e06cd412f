//! A client that turns events into values for a loop of its own, as immediate-mode user interfaces have it: handlers that
//! are boxed and cast, a socket in an `Rc`, `Reflect` on the error event, and a turn per frame.

use crate::server;
use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
use std::rc::Rc;
use std::sync::mpsc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

#[derive(Debug, PartialEq)]
enum Received {
    Opened,
    Text(String),
    Binary(Vec<u8>),
    Error(String),
    Closed,
}

struct Sender {
    socket: Option<Rc<web_sys::WebSocket>>,
}

impl Sender {
    fn send(&self, text: &str) {
        if let Some(socket) = &self.socket {
            socket.send_with_str(text).unwrap();
        }
    }

    fn close(&mut self) {
        if let Some(socket) = self.socket.take() {
            socket.close().unwrap();
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.close();
    }
}

fn text(value: wasm_bindgen::JsValue) -> String {
    value.as_string().unwrap_or(format!("{value:#?}"))
}

fn connect(url: &str) -> Result<(Sender, mpsc::Receiver<Received>), String> {
    let socket = web_sys::WebSocket::new(url).map_err(text)?;
    let socket = Rc::new(socket);
    socket.set_binary_type(web_sys::BinaryType::Arraybuffer);
    let (events, received) = mpsc::channel();

    {
        let events = events.clone();
        let onmessage = Closure::wrap(Box::new(move |e: web_sys::MessageEvent| {
            let event = if let Ok(buffer) = e.data().dyn_into::<js_sys::ArrayBuffer>() {
                Received::Binary(js_sys::Uint8Array::new(&buffer).to_vec())
            } else {
                Received::Text(text(e.data()))
            };
            events.send(event).unwrap();
        }) as Box<dyn FnMut(web_sys::MessageEvent)>);
        socket.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
        onmessage.forget();
    }
    {
        let events = events.clone();
        let onerror = Closure::wrap(Box::new(move |event: web_sys::ErrorEvent| {
            let message = js_sys::Reflect::get(&event, &"message".into()).unwrap_or_default();
            let message = message.as_string().unwrap_or_else(|| "unknown".to_owned());
            events.send(Received::Error(message)).unwrap();
        }) as Box<dyn FnMut(web_sys::ErrorEvent)>);
        socket.set_onerror(Some(onerror.as_ref().unchecked_ref()));
        onerror.forget();
    }
    {
        let (events, socket2) = (events.clone(), socket.clone());
        let onopen = Closure::wrap(Box::new(move |_| {
            socket2.send_with_u8_array(&[1, 2]).unwrap();
            events.send(Received::Opened).unwrap();
        }) as Box<dyn FnMut(wasm_bindgen::JsValue)>);
        socket.set_onopen(Some(onopen.as_ref().unchecked_ref()));
        onopen.forget();
    }
    {
        let onclose = Closure::wrap(Box::new(move |_| {
            events.send(Received::Closed).unwrap();
        }) as Box<dyn FnMut(wasm_bindgen::JsValue)>);
        socket.set_onclose(Some(onclose.as_ref().unchecked_ref()));
        onclose.forget();
    }
    let socket = Some(socket);
    Ok((Sender { socket }, received))
}

/// The next event, with a turn of the loop in each frame.
fn next(received: &mpsc::Receiver<Received>) -> Received {
    loop {
        dom_websocket_web::turn();
        match received.try_recv() {
            Ok(event) => return event,
            Err(_) => std::thread::yield_now(),
        }
    }
}

#[test]
fn a_frame_loop_gets_every_event() {
    let (mut sender, received) = connect(&server::echo()).unwrap();
    assert_eq!(next(&received), Received::Opened);
    sender.send("hello");
    assert_eq!(next(&received), Received::Binary(vec![1, 2]));
    assert_eq!(next(&received), Received::Text("hello".into()));
    sender.close();
    assert_eq!(next(&received), Received::Closed);
    dom_websocket_web::run_until_idle();
    assert!(received.recv().is_err(), "the handlers are gone");
}

#[test]
fn a_refused_connection_is_an_error_without_a_message() {
    let (_sender, received) = connect(&server::nowhere()).unwrap();
    dom_websocket_web::run_until_idle();
    let events: Vec<_> = received.iter().collect();
    assert_eq!(
        events,
        [Received::Error("unknown".into()), Received::Closed]
    );
}

#[test]
fn what_a_bad_url_throws_can_be_read() {
    let error = connect("http//x").err().unwrap();
    assert!(error.contains("SyntaxError"), "{error}");
}
