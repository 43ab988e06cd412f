//! Clients in the style of futures, by `gloo_net`'s names.

use crate::server;
use dom_websocket_web::gloo_net::websocket::futures::WebSocket;
use dom_websocket_web::gloo_net::websocket::{Message, State, WebSocketError};
use dom_websocket_web::wasm_bindgen_futures::spawn_local;
use dom_websocket_web::{block_on, wasm_bindgen, web_sys};
use futures::channel::oneshot;
use futures::{SinkExt, StreamExt};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;

#[test]
fn a_split_socket_sends_and_receives() {
    let url = server::echo();
    block_on(async move {
        let (mut write, mut read) = WebSocket::open(&url).unwrap().split();
        let (finished, writer) = oneshot::channel();
        spawn_local(async move {
            // It waits for the connection.
            write.send(Message::Text("one".into())).await.unwrap();
            write.send(Message::Bytes(vec![2; 70_000])).await.unwrap();
            write.send(Message::Text("bye".into())).await.unwrap();
            finished.send(write).unwrap();
        });
        assert_eq!(read.next().await, Some(Ok(Message::Text("one".into()))));
        assert_eq!(read.next().await, Some(Ok(Message::Bytes(vec![2; 70_000]))));
        let Some(Err(WebSocketError::ConnectionClose(close))) = read.next().await else {
            panic!("it closes");
        };
        assert_eq!(
            (close.code, &*close.reason, close.was_clean),
            (4000, "bye to you", true)
        );
        assert_eq!(read.next().await, None);
        let socket = read.reunite(writer.await.unwrap()).unwrap();
        assert_eq!(socket.state(), State::Closed);
    });
}

#[test]
fn a_socket_that_is_taken_over_keeps_its_handlers() {
    let socket = web_sys::WebSocket::new(&server::echo()).unwrap();
    let heard = Rc::new(Cell::new(0));
    let counted = heard.clone();
    let onmessage = Closure::<dyn FnMut()>::new(move || counted.set(counted.get() + 1));
    socket.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
    block_on(async move {
        let mut duplex = WebSocket::try_from(socket.clone()).unwrap();
        duplex.send(Message::Text("both".into())).await.unwrap();
        assert_eq!(duplex.next().await, Some(Ok(Message::Text("both".into()))));
        drop(duplex);
        assert!(socket.onmessage().is_some());
    });
    assert_eq!(heard.get(), 1);
}

#[test]
fn a_subprotocol_is_agreed_on() {
    let url = server::echo();
    block_on(async move {
        let mut socket = WebSocket::open_with_protocols(&url, &["chat", "talk"]).unwrap();
        socket.send(Message::Text("x".into())).await.unwrap();
        assert_eq!(socket.protocol(), "chat");
        assert_eq!(socket.state(), State::Open);
        socket.close(Some(4001), Some("done")).unwrap();
    });
    dom_websocket_web::run_until_idle();
}

#[test]
fn what_goes_wrong_is_an_error() {
    let error = WebSocket::open("no url").unwrap_err();
    assert_eq!(error.name, "SyntaxError");
    let url = server::nowhere();
    block_on(async move {
        let mut socket = WebSocket::open(&url).unwrap();
        assert_eq!(
            socket.next().await,
            Some(Err(WebSocketError::ConnectionError))
        );
        let close = socket.next().await.unwrap().unwrap_err();
        assert_eq!(close.to_string(), "the connection is closed: 1006 \"\"");
        assert_eq!(socket.next().await, None);
        // A closed socket takes messages, and sends none.
        socket.send(Message::Text("late".into())).await.unwrap();
        let error = socket.close(Some(12), None).unwrap_err();
        assert_eq!(error.name, "InvalidAccessError");
    });
}
