use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
use js_sys::{Array, Uint8Array};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{
    AbortController, AddEventListenerOptions, Blob, CloseEvent, CloseEventInit, Event, EventInit,
    EventTarget, FileReader, MessageEvent, MessageEventInit, WebSocket,
};

type Log = Rc<RefCell<Vec<String>>>;

/// A listener that leaves its name.
fn listener(log: &Log, name: &'static str) -> Closure<dyn FnMut(Event)> {
    let log = log.clone();
    Closure::new(move |event: Event| log.borrow_mut().push(format!("{name} {}", event.type_())))
}

fn cancelable(type_: &str) -> Event {
    let init = EventInit::new();
    init.set_cancelable(true);
    Event::new_with_event_init_dict(type_, &init).unwrap()
}

#[test]
fn listeners_run_in_order_and_once() {
    let (log, target) = (Log::default(), EventTarget::new().unwrap());
    let names = ["once", "twice", "captures", "passive"];
    let [once, twice, captures, passive] = names.map(|name| listener(&log, name));
    let options = AddEventListenerOptions::new();
    options.set_once(true);
    let f = |closure: &Closure<dyn FnMut(Event)>| {
        closure
            .as_ref()
            .clone()
            .unchecked_into::<js_sys::Function>()
    };
    let add = |closure, options: &AddEventListenerOptions| {
        target.add_event_listener_with_callback_and_add_event_listener_options(
            "x",
            &f(closure),
            options,
        )
    };
    add(&once, &options).unwrap();
    target
        .add_event_listener_with_callback("x", &f(&twice))
        .unwrap();
    target
        .add_event_listener_with_callback("x", &f(&twice))
        .unwrap();
    target
        .add_event_listener_with_callback_and_bool("x", &f(&captures), true)
        .unwrap();
    assert!(target.dispatch_event(&Event::new("x").unwrap()).unwrap());
    assert_eq!(log.take(), ["captures x", "once x", "twice x"]);
    target
        .remove_event_listener_with_callback("x", &f(&captures))
        .unwrap();
    target
        .remove_event_listener_with_callback("x", &f(&twice))
        .unwrap();
    let controller = AbortController::new().unwrap();
    let options = AddEventListenerOptions::new();
    options.set_signal(&controller.signal());
    add(&passive, &options).unwrap();
    target.dispatch_event(&Event::new("x").unwrap()).unwrap();
    assert_eq!(log.take(), ["captures x", "passive x"]);
    controller.abort();
    target.dispatch_event(&Event::new("x").unwrap()).unwrap();
    assert_eq!(log.take(), ["captures x"]);
    assert!(controller.signal().aborted());
}

#[test]
fn a_signal_has_its_reason() {
    use web_sys::{AbortSignal, DomException};
    let name = |signal: &AbortSignal| signal.reason().unchecked_into::<DomException>().name();
    let controller = AbortController::new().unwrap();
    controller.abort_with_reason(&JsValue::UNDEFINED);
    assert_eq!(name(&controller.signal()), "AbortError");
    assert_eq!(name(&AbortSignal::abort()), "AbortError");
    assert_eq!(
        AbortSignal::abort_with_reason(&"why".into()).reason(),
        "why"
    );
    let late = AbortSignal::timeout_with_u32(1);
    assert!(!late.aborted());
    dom_websocket_web::run_until_idle();
    assert_eq!(name(&late), "TimeoutError");
}

#[test]
fn handlers_can_be_set_by_name() {
    let socket = WebSocket::new("ws://localhost:1/").unwrap();
    let log = Log::default();
    let heard = listener(&log, "heard");
    let set = |name: &str, value: &JsValue| js_sys::Reflect::set(&socket, &name.into(), value);
    let get = |name: &str| js_sys::Reflect::get(&socket, &name.into()).unwrap();
    set("onclose", heard.as_ref()).unwrap();
    assert_eq!(get("onclose"), *heard.as_ref());
    set("binaryType", &"arraybuffer".into()).unwrap();
    set("binaryType", &"nonsense".into()).unwrap();
    assert_eq!(get("binaryType"), "arraybuffer");
    assert_eq!(socket.binary_type(), web_sys::BinaryType::Arraybuffer);
    set("readyState", &7.into()).unwrap();
    assert_eq!(get("readyState"), 0);
    assert!(get("onopen").is_null());
    socket.close().unwrap();
    dom_websocket_web::run_until_idle();
    assert_eq!(log.take(), ["heard close"]);
}

#[test]
fn an_event_can_be_canceled_and_stopped() {
    let (log, target) = (Log::default(), EventTarget::new().unwrap());
    let stop = Closure::<dyn FnMut(Event)>::new(|event: Event| {
        event.prevent_default();
        event.stop_immediate_propagation();
    });
    let late = listener(&log, "late");
    for closure in [&stop, &late] {
        let function = closure.as_ref().unchecked_ref();
        target
            .add_event_listener_with_callback("x", function)
            .unwrap();
    }
    let event = cancelable("x");
    assert!(!target.dispatch_event(&event).unwrap());
    assert!(event.default_prevented() && log.borrow().is_empty());
    assert_eq!(event.target().as_ref(), Some(&target));
    assert_eq!(
        (event.current_target(), event.event_phase()),
        (None, Event::NONE)
    );
}

#[test]
fn an_event_that_is_on_its_way_is_not_dispatched_again() {
    let target = EventTarget::new().unwrap();
    let again = target.clone();
    let result = Rc::new(RefCell::new(None));
    let seen = result.clone();
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
        seen.replace(Some(again.dispatch_event(&event)));
    });
    target
        .add_event_listener_with_callback("x", closure.as_ref().unchecked_ref())
        .unwrap();
    target.dispatch_event(&Event::new("x").unwrap()).unwrap();
    let thrown = result.take().unwrap().unwrap_err();
    let exception = thrown.unchecked_into::<web_sys::DomException>();
    assert_eq!(exception.name(), "InvalidStateError");
    drop(target);
}

#[test]
fn a_socket_takes_events_of_ones_own() {
    let socket = WebSocket::new("ws://localhost:1/").unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = seen.clone();
    let onclose = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
        log.borrow_mut()
            .push((event.code(), event.reason(), event.is_trusted()));
    });
    socket.set_onclose(Some(onclose.as_ref().unchecked_ref()));
    let init = CloseEventInit::new();
    init.set_code(1000);
    init.set_reason("mine");
    let event = CloseEvent::new_with_event_init_dict("close", &init).unwrap();
    assert!(socket.dispatch_event(&event).unwrap());
    assert_eq!(seen.take(), [(1000, "mine".into(), false)]);
    assert_eq!(
        socket.onclose().as_ref(),
        Some(onclose.as_ref().unchecked_ref())
    );
    socket.set_onclose(None);
    assert_eq!(socket.onclose(), None);
    let init = MessageEventInit::new();
    init.set_data(&Array::new());
    let message = MessageEvent::new_with_event_init_dict("message", &init).unwrap();
    assert!(message.data().is_array());
}

#[test]
fn a_socket_says_what_a_browsers_does() {
    let socket = WebSocket::new("ws://localhost:1").unwrap();
    assert_eq!(socket.url(), "ws://localhost:1/");
    assert_eq!(socket.ready_state(), WebSocket::CONNECTING);
    assert_eq!(socket.binary_type(), web_sys::BinaryType::Blob);
    let thrown = socket.send_with_str("early").unwrap_err();
    assert_eq!(
        thrown.unchecked_into::<web_sys::DomException>().name(),
        "InvalidStateError"
    );
    socket.close().unwrap();
    assert_eq!(socket.ready_state(), WebSocket::CLOSING);
    socket
        .send_with_array_buffer(&Uint8Array::from(&[1, 2, 3][..]).buffer())
        .unwrap();
    socket.send_with_blob(&Blob::new().unwrap()).unwrap();
    assert_eq!(socket.buffered_amount(), 3);
    let thrown = socket.close_with_code(1).unwrap_err();
    assert_eq!(
        thrown.unchecked_into::<web_sys::DomException>().name(),
        "InvalidAccessError"
    );
    assert!(WebSocket::new_with_str("ws://localhost/", "a b").is_err());
    dom_websocket_web::run_until_idle();
    assert_eq!(socket.ready_state(), WebSocket::CLOSED);
}

#[test]
fn a_reader_reads_blobs_and_tells() {
    let log = Log::default();
    let parts = Array::of2(&Uint8Array::from(&b"ab"[..]), &"ä".into());
    let blob = Blob::new_with_u8_array_sequence(&parts).unwrap();
    assert_eq!(blob.size(), 4.0);
    let reader = FileReader::new().unwrap();
    let heard = listener(&log, "heard");
    for type_ in ["loadstart", "load", "loadend", "error", "abort"] {
        let function = heard.as_ref().unchecked_ref();
        reader
            .add_event_listener_with_callback(type_, function)
            .unwrap();
    }
    reader.read_as_text(&blob).unwrap();
    assert!(reader.read_as_text(&blob).is_err());
    assert_eq!(reader.ready_state(), FileReader::LOADING);
    dom_websocket_web::run_until_idle();
    assert_eq!(
        log.take(),
        ["heard loadstart", "heard load", "heard loadend"]
    );
    assert_eq!(reader.result().unwrap(), "abä");
    let aborts = reader.clone();
    let onloadstart = Closure::<dyn FnMut()>::new(move || aborts.abort());
    reader.set_onloadstart(Some(onloadstart.as_ref().unchecked_ref()));
    reader.read_as_text(&blob).unwrap();
    dom_websocket_web::run_until_idle();
    let expected = ["heard loadstart", "heard abort", "heard loadend"];
    assert_eq!(log.take(), expected);
    assert!(reader.result().unwrap().is_null());
    reader.set_onloadstart(None);
    reader.read_as_array_buffer(&blob).unwrap();
    reader.abort();
    dom_websocket_web::run_until_idle();
    assert_eq!(log.take(), ["heard abort", "heard loadend"]);
    assert!(reader.result().unwrap().is_null());
}

#[test]
#[should_panic(expected = "in a listener")]
fn a_panic_goes_on_once_the_others_have_run() {
    let log = Log::default();
    let socket = WebSocket::new("ws://localhost:1/").unwrap();
    socket.close().unwrap();
    let panics = Closure::<dyn FnMut()>::new(|| panic!("in a listener"));
    let heard = listener(&log, "heard");
    for closure in [panics.as_ref(), heard.as_ref()] {
        let function: &js_sys::Function = closure.unchecked_ref();
        socket
            .add_event_listener_with_callback("close", function)
            .unwrap();
    }
    let run = std::panic::catch_unwind(dom_websocket_web::run_until_idle);
    assert_eq!(log.take(), ["heard close"]);
    std::panic::resume_unwind(run.unwrap_err());
}
