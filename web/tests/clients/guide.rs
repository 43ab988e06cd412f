//! A start function as guides to `wasm_bindgen` have it: every handler, text, an `ArrayBuffer`, and a `Blob` with its
//! reader. The calls and their order are those of the guide's own WebSocket example.

use crate::server;
use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, MessageEvent, WebSocket};

macro_rules! console_log {
    ($($t:tt)*) => { log(&format!($($t)*)) };
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(line: &str);
}

#[wasm_bindgen(start)]
fn start(url: &str) -> Result<(), JsValue> {
    let ws = WebSocket::new(url)?;
    ws.set_binary_type(web_sys::BinaryType::Arraybuffer);

    let socket = ws.clone();
    let onmessage = Closure::<dyn FnMut(_)>::new(move |e: MessageEvent| {
        if let Ok(buffer) = e.data().dyn_into::<js_sys::ArrayBuffer>() {
            let array = js_sys::Uint8Array::new(&buffer);
            console_log!("a buffer of {}: {:?}", array.byte_length(), array.to_vec());
            socket.set_binary_type(web_sys::BinaryType::Blob);
            match socket.send_with_u8_array(&[5, 6, 7, 8]) {
                Ok(_) => console_log!("sent"),
                Err(err) => console_log!("not sent: {:?}", err),
            }
        } else if let Ok(blob) = e.data().dyn_into::<web_sys::Blob>() {
            console_log!("a blob of {}", blob.size());
            let reader = web_sys::FileReader::new().unwrap();
            let (read, socket) = (reader.clone(), socket.clone());
            let onloadend = Closure::<dyn FnMut(_)>::new(move |e: web_sys::ProgressEvent| {
                let array = js_sys::Uint8Array::new(&read.result().unwrap());
                console_log!("{} of {}: {:?}", e.type_(), e.loaded(), array.to_vec());
                socket.send_with_str("bye").unwrap();
                // The guide leaves it there, and so the reader holds itself, in a browser too.
                read.set_onloadend(None);
            });
            reader.set_onloadend(Some(onloadend.as_ref().unchecked_ref()));
            reader.read_as_array_buffer(&blob).expect("readable");
            onloadend.forget();
        } else if let Ok(text) = e.data().dyn_into::<js_sys::JsString>() {
            console_log!("text: {:?}", text);
        } else {
            console_log!("unknown: {:?}", e.data());
        }
    });
    ws.set_onmessage(Some(onmessage.as_ref().unchecked_ref()));
    onmessage.forget();

    let onerror = Closure::<dyn FnMut(_)>::new(move |e: ErrorEvent| {
        console_log!("error: {:?} {:?}", e.type_(), e.message());
    });
    ws.set_onerror(Some(onerror.as_ref().unchecked_ref()));
    onerror.forget();

    let socket = ws.clone();
    let onopen = Closure::<dyn FnMut()>::new(move || {
        console_log!("open");
        socket.send_with_str("ping").unwrap();
        socket.send_with_u8_array(&[0, 1, 2, 3]).unwrap();
    });
    ws.set_onopen(Some(onopen.as_ref().unchecked_ref()));
    onopen.forget();
    Ok(())
}

/// What the console shows of it.
fn log_of(url: &str) -> Vec<String> {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let sink = lines.clone();
    dom_websocket_web::set_console(move |method, line| {
        sink.borrow_mut().push(format!("{method} {line}"));
    });
    dom_websocket_web::run(|| start(url)).unwrap();
    lines.take()
}

#[test]
fn text_a_buffer_and_a_blob_come_back() {
    let expected = [
        "log open",
        "log text: \"ping\"",
        "log a buffer of 4: [0, 1, 2, 3]",
        "log sent",
        "log a blob of 4",
        "log loadend of 4: [5, 6, 7, 8]",
    ];
    assert_eq!(log_of(&server::echo()), expected);
}

#[test]
fn the_console_alone_says_why_a_connection_failed() {
    let url = server::nowhere();
    let log = log_of(&url);
    let [cause, event] = &log[..] else {
        panic!("{log:?}");
    };
    assert_eq!(event, "log error: \"error\" \"\"");
    let start = format!("error WebSocket connection to {url}");
    assert!(
        cause.starts_with(&start) && cause.contains(" failed: "),
        "{cause}"
    );
}

#[test]
fn what_is_no_url_is_a_syntax_error() {
    let thrown = start("nowhere").unwrap_err();
    let exception = thrown.dyn_into::<web_sys::DomException>().unwrap();
    assert_eq!(exception.name(), "SyntaxError");
    assert_eq!(exception.code(), web_sys::DomException::SYNTAX_ERR);
}
