//! A game's client: listeners by `addEventListener`, a timer until it connects again, a promise that is a sleep.

use crate::server;
use dom_websocket_web::{js_sys, run, wasm_bindgen, wasm_bindgen_futures, web_sys};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AddEventListenerOptions, CloseEvent, MessageEvent, WebSocket};

async fn sleep(ms: i32) -> Result<(), JsValue> {
    let promise = js_sys::Promise::new(&mut |resolve, _reject| {
        web_sys::window()
            .unwrap()
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms)
            .unwrap();
    });
    JsFuture::from(promise).await?;
    Ok(())
}

struct Game {
    urls: RefCell<Vec<String>>,
    log: RefCell<Vec<String>>,
    frames: Cell<u32>,
}

impl Game {
    fn say(&self, line: impl Into<String>) {
        self.log.borrow_mut().push(line.into());
    }
}

/// Connects to one server after the other, until there is none left.
fn connect(game: Rc<Game>) -> Result<(), JsValue> {
    let Some(url) = game.urls.borrow_mut().pop() else {
        return Ok(());
    };
    let socket = WebSocket::new(&url)?;
    let controller = AbortController::new()?;
    let options = AddEventListenerOptions::new();
    options.set_signal(&controller.signal());

    let (player, sender) = (game.clone(), socket.clone());
    let onopen = Closure::<dyn Fn()>::new(move || {
        player.say("open");
        sender.send_with_str("where am I?").unwrap();
    });
    socket.add_event_listener_with_callback("open", onopen.as_ref().unchecked_ref())?;
    onopen.forget();

    let (player, sender) = (game.clone(), socket.clone());
    let onmessage = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        player.say(event.data().as_string().unwrap());
        // Nothing more of this socket matters.
        controller.abort();
        sender.send_with_str("unheard").unwrap();
        sender.send_with_str("bye").unwrap();
    });
    socket.add_event_listener_with_callback_and_add_event_listener_options(
        "message",
        onmessage.as_ref().unchecked_ref(),
        &options,
    )?;
    onmessage.forget();

    let onclose = Closure::once(move |event: CloseEvent| {
        game.say(format!("closed {} {}", event.code(), event.was_clean()));
        let again = Closure::once_into_js(move || connect(game));
        web_sys::window()
            .unwrap()
            .set_timeout_with_callback_and_timeout_and_arguments_0(again.unchecked_ref(), 1)
            .unwrap();
    });
    let onclose: Closure<dyn FnMut(CloseEvent)> = onclose;
    socket.set_onclose(Some(onclose.as_ref().unchecked_ref()));
    onclose.forget();
    Ok(())
}

#[test]
fn it_connects_again_and_plays_on() {
    let game = Rc::new(Game {
        urls: RefCell::new(vec![server::echo(), server::nowhere()]),
        log: RefCell::default(),
        frames: Cell::new(0),
    });
    let (player, frames) = (game.clone(), game.clone());
    run(move || {
        spawn_local(async move {
            for _ in 0..3 {
                sleep(1).await.unwrap();
                frames.frames.set(frames.frames.get() + 1);
            }
        });
        connect(player)
    })
    .unwrap();
    let expected = [
        "closed 1006 false",
        "open",
        "where am I?",
        "closed 4000 true",
    ];
    assert_eq!(game.log.take(), expected);
    assert_eq!(game.frames.get(), 3);
}

/// As a page does that forgets its sockets: the handlers keep them, for as long as there are any.
#[test]
fn a_socket_that_nobody_has_goes_with_its_last_handler() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let said = log.clone();
    run(|| {
        let socket =
            WebSocket::new_with_str_sequence(&server::echo(), &JsValue::UNDEFINED).unwrap();
        let onopen = Closure::once_into_js(|event: web_sys::Event| {
            let socket: WebSocket = event.target().unwrap().unchecked_into();
            socket.set_onopen(None);
            socket.send_with_str("hello").unwrap();
        });
        socket.set_onopen(Some(onopen.unchecked_ref()));
        let onmessage = Closure::once_into_js(move |event: MessageEvent| {
            let socket: WebSocket = event.target().unwrap().unchecked_into();
            said.borrow_mut().push((event.data(), socket.protocol()));
            socket.set_onmessage(None);
        });
        socket.set_onmessage(Some(onmessage.unchecked_ref()));
    });
    assert_eq!(log.take(), [("hello".into(), String::new())]);
}
