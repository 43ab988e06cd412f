//! What browser code sees is the same as native code and in a browser, where the names are those of the real crates: these
//! tests run in both.
//!
//! In a browser they talk to `portable --listen`, whose address is `PEER` when they are compiled.

#[cfg(not(target_family = "wasm"))]
#[path = "../clients/server.rs"]
#[allow(dead_code)] // The other tests use the rest.
mod server;

use dom_websocket_web::gloo_net::websocket::{Message, WebSocketError, futures as gloo};
use dom_websocket_web::{js_sys, wasm_bindgen, wasm_bindgen_futures, web_sys};
use futures::{SinkExt, StreamExt};
use js_sys::{Array, ArrayBuffer, Error, Function, JsString, Promise, Reflect, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, AbortSignal, AddEventListenerOptions, BinaryType, Blob, CloseEvent,
    DomException, Event, EventInit, EventTarget, FileReader, MessageEvent, WebSocket,
};

/// Each is a test of the platform's own kind.
macro_rules! tests {
    ($(async fn $name:ident($peer:ident: String) $body:block)*) => {
        mod tests {
            $(
                #[cfg(not(target_family = "wasm"))]
                #[test]
                fn $name() {
                    dom_websocket_web::block_on(super::cases::$name(super::server::echo()));
                }

                #[cfg(target_family = "wasm")]
                #[wasm_bindgen_test::wasm_bindgen_test]
                async fn $name() {
                    super::cases::$name(format!("ws://{}/", env!("PEER"))).await;
                }
            )*
        }

        mod cases {
            use super::*;
            $(pub(super) async fn $name($peer: String) $body)*
        }
    };
}

mod imports;
mod values;

type Log = Rc<RefCell<Vec<String>>>;

/// A listener that leaves a line, for as long as it is wanted.
fn listener(log: &Log, name: &'static str) -> Function {
    let log = log.clone();
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        log.borrow_mut().push(format!("{name} {}", event.type_()));
    });
    closure.into_js_value().unchecked_into()
}

/// Waits for an event.
async fn next(target: &EventTarget, type_: &str) -> Event {
    let options = AddEventListenerOptions::new();
    options.set_once(true);
    let promise = Promise::new(&mut |resolve, _reject| {
        let add = EventTarget::add_event_listener_with_callback_and_add_event_listener_options;
        add(target, type_, &resolve, &options).unwrap();
    });
    JsFuture::from(promise).await.unwrap().unchecked_into()
}

async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve, _reject| set_timeout(&resolve, ms));
    JsFuture::from(promise).await.unwrap();
}

#[wasm_bindgen]
extern "C" {
    // A worker has no `window`.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(handler: &Function, timeout: i32);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout_with(handler: &Function, timeout: i32, argument: &JsValue) -> i32;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: i32);
}

fn name_of(thrown: JsValue) -> String {
    thrown.unchecked_into::<DomException>().name()
}

fn message_of(thrown: JsValue) -> String {
    thrown.unchecked_into::<Error>().message().into()
}

tests! {
    async fn a_socket_opens_talks_and_closes(peer: String) {
        let protocols = Array::of2(&"chat".into(), &"talk".into());
        let socket = WebSocket::new_with_str_sequence(&peer, &protocols).unwrap();
        assert_eq!((socket.url(), socket.ready_state()), (peer, WebSocket::CONNECTING));
        assert_eq!(name_of(socket.send_with_str("early").unwrap_err()), "InvalidStateError");
        assert_eq!(socket.binary_type(), BinaryType::Blob);
        socket.set_binary_type(BinaryType::Arraybuffer);
        let log = Log::default();
        for type_ in ["open", "message", "error", "close"] {
            socket.add_event_listener_with_callback(type_, &listener(&log, "heard")).unwrap();
        }
        next(&socket, "open").await;
        assert_eq!((socket.protocol(), socket.ready_state()), ("chat".into(), WebSocket::OPEN));
        socket.send_with_u8_array(&[1, 2]).unwrap();
        let event: MessageEvent = next(&socket, "message").await.unchecked_into();
        assert_eq!(event.target(), Some(socket.clone().into()));
        let data = event.data();
        assert_eq!(data, event.data(), "the same object each time");
        assert_eq!(Uint8Array::new(&data.unchecked_into::<ArrayBuffer>()).to_vec(), [1, 2]);
        socket.send_with_str("Grüße").unwrap();
        let before = event;
        let event: MessageEvent = next(&socket, "message").await.unchecked_into();
        assert_eq!(event.data(), "Grüße");
        assert!(Reflect::get(&before, &"currentTarget".into()).unwrap().is_null());
        assert_eq!(event.origin(), socket.url().trim_end_matches('/'));
        assert_eq!(name_of(socket.close_with_code(1001).unwrap_err()), "InvalidAccessError");
        let long = "x".repeat(124);
        assert_eq!(name_of(socket.close_with_code_and_reason(3000, &long).unwrap_err()), "SyntaxError");
        socket.close_with_code_and_reason(4000, "enough").unwrap();
        socket.send_with_str("late").unwrap();
        assert_eq!((socket.ready_state(), socket.buffered_amount()), (WebSocket::CLOSING, 4));
        let event: CloseEvent = next(&socket, "close").await.unchecked_into();
        assert_eq!((event.code(), event.was_clean()), (4000, true));
        assert_eq!(log.take(), ["heard open", "heard message", "heard message", "heard close"]);
    }

    async fn a_url_is_checked(_peer: String) {
        for url in ["ftp://example.com/", "ws://example.com/#fragment", "ws://example.com:99999/"] {
            let thrown = WebSocket::new(url).unwrap_err();
            assert_eq!(thrown.unchecked_ref::<DomException>().code(), DomException::SYNTAX_ERR);
            assert_eq!(Reflect::get(&thrown, &"code".into()).unwrap(), 12);
        }
        let twice = Array::of2(&"a".into(), &"a".into());
        let thrown = WebSocket::new_with_str_sequence("ws://example.com/", &twice).unwrap_err();
        assert_eq!(name_of(thrown), "SyntaxError");
    }

    async fn no_subprotocol_is_none(peer: String) {
        let socket = WebSocket::new_with_str_sequence(&peer, &JsValue::UNDEFINED).unwrap();
        next(&socket, "open").await;
        assert_eq!(socket.protocol(), "");
        socket.close().unwrap();
    }

    async fn a_connection_that_fails_is_an_error_and_a_close(_peer: String) {
        // Both block this port.
        let socket = WebSocket::new("ws://127.0.0.1:1/").unwrap();
        let log = Log::default();
        socket.set_onerror(Some(&listener(&log, "heard")));
        let close: CloseEvent = next(&socket, "close").await.unchecked_into();
        assert_eq!((close.code(), close.was_clean()), (1006, false));
        assert_eq!(log.take(), ["heard error"]);
    }

    async fn handlers_can_be_set_by_name(peer: String) {
        let socket = WebSocket::new(&peer).unwrap();
        let set = |name: &str, value: &JsValue| Reflect::set(&socket, &name.into(), value);
        let get = |name: &str| Reflect::get(&socket, &name.into()).unwrap();
        assert!(get("onopen").is_null());
        let log = Log::default();
        let handler = listener(&log, "heard");
        set("onopen", &handler).unwrap();
        assert_eq!((get("onopen"), socket.onopen()), (handler.clone().into(), Some(handler)));
        for value in ["arraybuffer", "nonsense"] {
            let _ = set("binaryType", &value.into());
            assert_eq!(get("binaryType"), "arraybuffer");
        }
        next(&socket, "open").await;
        assert_eq!(log.take(), ["heard open"]);
        set("onopen", &JsValue::NULL).unwrap();
        assert_eq!(socket.onopen(), None);
        socket.close().unwrap();
    }

    async fn listeners_run_in_order(_peer: String) {
        let (log, target) = (Log::default(), EventTarget::new().unwrap());
        let options = AddEventListenerOptions::new();
        options.set_once(true);
        let add = |listener: &Function, options: &AddEventListenerOptions| {
            let add = EventTarget::add_event_listener_with_callback_and_add_event_listener_options;
            add(&target, "x", listener, options).unwrap();
        };
        add(&listener(&log, "once"), &options);
        target.add_event_listener_with_callback("x", &listener(&log, "stays")).unwrap();
        let controller = AbortController::new().unwrap();
        let options = AddEventListenerOptions::new();
        options.set_signal(&controller.signal());
        add(&listener(&log, "until aborted"), &options);
        let cancels = Closure::<dyn FnMut(Event)>::new(|event: Event| event.prevent_default());
        target.add_event_listener_with_callback("x", cancels.as_ref().unchecked_ref()).unwrap();
        let init = EventInit::new();
        init.set_cancelable(true);
        let event = Event::new_with_event_init_dict("x", &init).unwrap();
        assert!(!target.dispatch_event(&event).unwrap());
        assert_eq!(log.take(), ["once x", "stays x", "until aborted x"]);
        controller.abort_with_reason(&JsValue::UNDEFINED);
        assert_eq!(name_of(controller.signal().reason()), "AbortError");
        assert!(target.dispatch_event(&Event::new("x").unwrap()).unwrap());
        assert_eq!(log.take(), ["stays x"]);
        assert_eq!(AbortSignal::abort_with_reason(&"why".into()).reason(), "why");
    }

    async fn a_reader_reads_and_can_be_stopped(_peer: String) {
        let blob = Blob::new_with_str_sequence(&Array::of2(&"ä".into(), &"b".into())).unwrap();
        assert_eq!(blob.size(), 3.0);
        let (log, reader) = (Log::default(), FileReader::new().unwrap());
        for type_ in ["loadstart", "load", "loadend", "abort", "error"] {
            reader.add_event_listener_with_callback(type_, &listener(&log, "heard")).unwrap();
        }
        reader.read_as_text(&blob).unwrap();
        assert_eq!(name_of(reader.read_as_text(&blob).unwrap_err()), "InvalidStateError");
        next(&reader, "loadend").await;
        assert_eq!(log.take(), ["heard loadstart", "heard load", "heard loadend"]);
        assert_eq!(reader.result().unwrap(), "äb");
        let stops = reader.clone();
        let onloadstart = Closure::<dyn FnMut()>::new(move || stops.abort());
        reader.set_onloadstart(Some(onloadstart.as_ref().unchecked_ref()));
        reader.read_as_array_buffer(&blob).unwrap();
        next(&reader, "loadend").await;
        sleep(5).await;
        assert_eq!(log.take(), ["heard loadstart", "heard abort", "heard loadend"]);
        assert!(reader.result().unwrap().is_null());
        let text = JsFuture::from(blob.text()).await.unwrap();
        assert_eq!(text, "äb");
    }

    async fn closures_throw_where_they_cannot_be_called(_peer: String) {
        const NOT_CALLABLE: &str = "closure invoked recursively or after being dropped";
        let call = |function: &JsValue| function.unchecked_ref::<Function>().call0(&JsValue::NULL);
        let once: Closure<dyn FnMut() -> u32> = Closure::once(|| 4);
        assert_eq!(call(once.as_ref()).unwrap(), 4);
        assert_eq!(message_of(call(once.as_ref()).unwrap_err()), "FnOnce called more than once");
        let closure = Closure::<dyn FnMut()>::new(|| ());
        let function = closure.as_ref().clone();
        drop(closure);
        assert_eq!(message_of(call(&function).unwrap_err()), NOT_CALLABLE);
        let (place, result) = (Rc::new(RefCell::new(JsValue::NULL)), Rc::new(RefCell::new(None)));
        let (itself, inner) = (place.clone(), result.clone());
        let recursive = Closure::<dyn FnMut()>::new(move || {
            let function = itself.borrow().clone();
            inner.replace(Some(function.unchecked_ref::<Function>().call0(&JsValue::NULL)));
        });
        place.replace(recursive.as_ref().clone());
        call(recursive.as_ref()).unwrap();
        assert_eq!(message_of(result.take().unwrap().unwrap_err()), NOT_CALLABLE);
        let fails = Closure::<dyn FnMut() -> Result<(), JsValue>>::new(|| Err("thrown".into()));
        assert_eq!(call(fails.as_ref()).unwrap_err(), "thrown");
    }

    async fn arguments_are_converted(_peer: String) {
        let closure = Closure::<dyn FnMut(i32, u8, f64, Option<String>) -> String>::new(
            |int: i32, byte: u8, float: f64, text: Option<String>| format!("{int} {byte} {float} {text:?}"),
        );
        let call = |values: &Array| {
            let function: &Function = closure.as_ref().unchecked_ref();
            function.apply(&JsValue::NULL, values).unwrap()
        };
        let numbers = Array::of4(&(-1).into(), &257.into(), &1.5.into(), &"a".into());
        assert_eq!(call(&numbers), r#"-1 1 1.5 Some("a")"#);
        let wide = Array::of3(&4_294_967_299_f64.into(), &(-1.9).into(), &f64::NAN.into());
        assert_eq!(call(&wide), "3 255 NaN None");
        let vec = Closure::<dyn FnMut(Vec<u8>) -> Vec<u8>>::new(|mut bytes: Vec<u8>| {
            bytes.push(3);
            bytes
        });
        let function: &Function = vec.as_ref().unchecked_ref();
        let result = function.call1(&JsValue::NULL, &Uint8Array::from(&[1, 2][..])).unwrap();
        assert_eq!(result.unchecked_into::<Uint8Array>().to_vec(), [1, 2, 3]);
    }

    async fn values_are_what_they_are(_peer: String) {
        assert!(JsValue::from(vec![1_u8]).is_instance_of::<Uint8Array>());
        assert_eq!(Array::from(&JsValue::from(vec!["a".to_owned()])).get(0), "a");
        assert_eq!(f64::try_from(JsValue::from_str(" 0x10 ")).unwrap(), 16.0);
        assert!(f64::try_from(JsValue::from_str("inf")).unwrap().is_nan());
        assert_eq!(JsValue::NULL.unchecked_into_f64(), 0.0);
        let text = JsValue::from_str("s");
        assert!(text.has_type::<JsString>() && !text.is_instance_of::<JsString>());
        assert_eq!(format!("{:?}", JsValue::from_str("a\"b")), r#"JsValue("a\"b")"#);
        assert_eq!(format!("{:?}", JsString::from("t").to_string()), r#""t""#);
        let error: JsValue = js_sys::RangeError::new("far").into();
        assert!(error.is_instance_of::<Error>() && error.is_instance_of::<js_sys::RangeError>());
        assert!(!error.is_instance_of::<js_sys::TypeError>());
        let exception: JsValue = DomException::new_with_message("m").unwrap().into();
        assert!(exception.is_instance_of::<Error>() && exception.is_instance_of::<DomException>());
        let data = "a b/ä?".to_owned();
        assert_eq!(js_sys::encode_uri_component(&data), "a%20b%2F%C3%A4%3F");
        assert_eq!(js_sys::encode_uri(&data), "a%20b/%C3%A4?");
    }

    async fn arrays_and_views_can_be_set_by_index(_peer: String) {
        let (array, view) = (Array::of2(&1.into(), &2.into()), Uint8Array::new_with_length(2));
        for object in [AsRef::<JsValue>::as_ref(&array), view.as_ref()] {
            Reflect::set(object, &1.into(), &257.into()).unwrap();
        }
        assert_eq!((array.get(1), view.to_vec()), (257.into(), vec![0, 1]));
        assert_eq!((view.at(-1), view.at(2)), (Some(1), None));
        Reflect::set(&array, &"length".into(), &1.into()).unwrap();
        assert_eq!((array.length(), array.at(-1), array.at(-2)), (1, 1.into(), JsValue::UNDEFINED));
        assert_eq!((array.unshift(&0.into()), array.index_of(&1.into(), -1)), (2, 1));
        assert!(array.includes(&0.into(), 0) && !array.includes(&0.into(), 1));
        let both = array.concat(&Array::from(view.as_ref()));
        assert_eq!(both.join("-"), "0-1-0-1");
        assert_eq!(both.slice(1, 3).join("-"), "1-0");
    }

    async fn microtasks_run_in_order(_peer: String) {
        let log = Log::default();
        let say = |line: &'static str| {
            let log = log.clone();
            Closure::<dyn FnMut(JsValue)>::new(move |_: JsValue| log.borrow_mut().push(line.into()))
        };
        let (outer, first, second, third) = (say("outer"), say("1"), say("2"), say("3"));
        let inner = Promise::resolve(&JsValue::from(1));
        let promise = Promise::new(&mut |resolve, _reject| {
            resolve.call1(&JsValue::NULL, &inner).unwrap();
        });
        let _ = promise.then(&outer);
        let _ = inner.then(&first).then(&second).then(&third);
        let spawned = log.clone();
        spawn_local(async move { spawned.borrow_mut().push("spawned".into()) });
        log.borrow_mut().push("script".into());
        sleep(0).await;
        assert_eq!(log.take(), ["script", "1", "spawned", "2", "outer", "3"]);
    }

    async fn promises_are_combined(_peer: String) {
        let (one, bad) = (Promise::resolve(&JsValue::from(1)), || Promise::reject(&JsValue::from("bad")));
        let all = JsFuture::from(Promise::all(&Array::of2(&one, &2.into()))).await.unwrap();
        assert_eq!(Array::from(&all).join(","), "1,2");
        let race = Promise::race(&Array::of2(&Promise::new(&mut |_, _| ()), &bad()));
        assert_eq!(JsFuture::from(race).await.unwrap_err(), "bad");
        let any = JsFuture::from(Promise::any(&Array::of2(&bad(), &one))).await;
        assert_eq!(any.unwrap(), 1);
        let mut resolves = None;
        let itself = Promise::new(&mut |resolve, _reject| resolves = Some(resolve));
        resolves.unwrap().call1(&JsValue::NULL, &itself).unwrap();
        let thrown = JsFuture::from(itself).await.unwrap_err();
        assert!(thrown.is_instance_of::<js_sys::TypeError>());
    }

    async fn timers_of_one_delay_fire_as_they_were_set(_peer: String) {
        let fired = Rc::new(RefCell::new(Vec::new()));
        let log = fired.clone();
        let closure = Closure::<dyn FnMut(u32)>::new(move |n: u32| log.borrow_mut().push(n));
        let function: &Function = closure.as_ref().unchecked_ref();
        let ids: Vec<_> = (0..20_u32).map(|n| set_timeout_with(function, 2, &n.into())).collect();
        clear_timeout(ids[3]);
        sleep(2).await;
        let expected: Vec<_> = (0..20).filter(|n| *n != 3).collect();
        assert_eq!(fired.take(), expected);
    }

    async fn a_duplex_sends_receives_and_ends(peer: String) {
        let socket = WebSocket::new(&peer).unwrap();
        let log = Log::default();
        socket.set_onmessage(Some(&listener(&log, "heard")));
        let mut duplex = gloo::WebSocket::try_from(socket.clone()).unwrap();
        for message in [Message::Text("one".into()), Message::Bytes(vec![2; 70_000])] {
            duplex.send(message.clone()).await.unwrap();
            assert_eq!(duplex.next().await, Some(Ok(message)));
        }
        assert_eq!(log.take(), ["heard message", "heard message"]);
        socket.close_with_code(4001).unwrap();
        let Some(Err(WebSocketError::ConnectionClose(close))) = duplex.next().await else {
            panic!("it closes");
        };
        assert_eq!((close.code, close.was_clean), (4001, true));
        assert_eq!(duplex.next().await, None);
    }

    async fn listeners_come_and_go_during_a_dispatch(_peer: String) {
        let (log, target) = (Log::default(), EventTarget::new().unwrap());
        let (removed, added) = (listener(&log, "removed"), listener(&log, "added"));
        let (at, takes, brings) = (target.clone(), removed.clone(), added.clone());
        let changes = Closure::<dyn FnMut()>::new(move || {
            at.remove_event_listener_with_callback("x", &takes).unwrap();
            at.add_event_listener_with_callback("x", &brings).unwrap();
        });
        target.add_event_listener_with_callback("x", changes.as_ref().unchecked_ref()).unwrap();
        target.add_event_listener_with_callback("x", &removed).unwrap();
        let event = Event::new("x").unwrap();
        target.dispatch_event(&event).unwrap();
        assert_eq!(log.take(), [""; 0]);
        target.dispatch_event(&event).unwrap();
        assert_eq!(log.take(), ["added x"]);
        assert_eq!((event.event_phase(), event.target(), event.current_target()), (0, Some(target), None));
    }

    async fn a_listener_that_throws_keeps_no_other(_peer: String) {
        let (log, target) = (Log::default(), EventTarget::new().unwrap());
        let add = |function: &JsValue| {
            target.add_event_listener_with_callback("x", function.unchecked_ref()).unwrap();
        };
        let throws = Closure::<dyn FnMut() -> Result<(), JsValue>>::new(|| Err("thrown".into()));
        add(throws.as_ref());
        let (depth, again) = (Rc::new(RefCell::new(0)), target.clone());
        let counted = depth.clone();
        let recursive = Closure::<dyn FnMut()>::new(move || {
            *counted.borrow_mut() += 1;
            again.dispatch_event(&Event::new("x").unwrap()).unwrap();
        });
        add(recursive.as_ref());
        let gone = Closure::<dyn FnMut()>::new(|| unreachable!("it has been dropped"));
        add(gone.as_ref());
        drop(gone);
        add(&listener(&log, "heard"));
        target.dispatch_event(&Event::new("x").unwrap()).unwrap();
        assert_eq!((*depth.borrow(), log.take()), (1, vec!["heard x".to_owned(); 2]));
    }

    async fn microtasks_run_between_listeners(peer: String) {
        let socket = WebSocket::new(&peer).unwrap();
        let log = Log::default();
        let said = log.clone();
        let spawns = Closure::<dyn FnMut()>::new(move || {
            let said = said.clone();
            spawn_local(async move { said.borrow_mut().push("microtask".into()) });
        });
        socket.set_onopen(Some(spawns.as_ref().unchecked_ref()));
        socket.add_event_listener_with_callback("open", &listener(&log, "second")).unwrap();
        next(&socket, "open").await;
        assert_eq!(log.take(), ["microtask", "second open"]);
        // Not where script dispatches.
        socket.dispatch_event(&Event::new("open").unwrap()).unwrap();
        assert_eq!(log.take(), ["second open"]);
        socket.close().unwrap();
    }

    async fn a_handler_keeps_its_place(_peer: String) {
        let socket = WebSocket::new("ws://127.0.0.1:1/").unwrap();
        let log = Log::default();
        let fire = || socket.dispatch_event(&Event::new("message").unwrap()).unwrap();
        socket.set_onmessage(Some(&listener(&log, "first")));
        socket.add_event_listener_with_callback("message", &listener(&log, "second")).unwrap();
        socket.set_onmessage(Some(&listener(&log, "in its place")));
        fire();
        assert_eq!(log.take(), ["in its place message", "second message"]);
        socket.set_onmessage(None);
        socket.set_onmessage(Some(&listener(&log, "last")));
        fire();
        assert_eq!(log.take(), ["second message", "last message"]);
        let same = listener(&log, "same");
        socket.set_onmessage(Some(&same));
        socket.add_event_listener_with_callback("message", &same).unwrap();
        fire();
        assert_eq!(log.take(), ["second message", "same message", "same message"]);
        next(&socket, "close").await;
    }

    async fn an_argument_can_be_borrowed(_peer: String) {
        let (target, log) = (EventTarget::new().unwrap(), Log::default());
        let heard = log.clone();
        let closure = Closure::<dyn FnMut(&Event)>::new(move |event: &Event| {
            heard.borrow_mut().push(event.type_());
        });
        target.add_event_listener_with_callback("x", closure.as_ref().unchecked_ref()).unwrap();
        target.dispatch_event(&Event::new("x").unwrap()).unwrap();
        assert_eq!(log.take(), ["x"]);
        assert!(Reflect::has(&js_sys::global(), &"WebSocket".into()).unwrap());
    }
}
