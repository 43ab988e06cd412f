use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
use js_sys::{Array, ArrayBuffer, JsString, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

#[test]
fn primitives_are_what_they_are() {
    assert_eq!(JsValue::from_str("a").as_string().as_deref(), Some("a"));
    assert_eq!(JsValue::from(1.5).as_f64(), Some(1.5));
    assert_eq!(JsValue::from(7u8), JsValue::from(7i32));
    assert_eq!(JsValue::TRUE.as_bool(), Some(true));
    assert_eq!(JsValue::default(), JsValue::UNDEFINED);
    assert_ne!(JsValue::NULL, JsValue::UNDEFINED);
    assert_ne!(JsValue::from(f64::NAN), JsValue::from(f64::NAN));
    assert_eq!(JsValue::from(None::<&str>), JsValue::UNDEFINED);
    assert_eq!(JsValue::from_str("x"), "x");
    assert!(JsValue::from_str("").is_falsy() && JsValue::from(Object::new()).is_truthy());
    assert_eq!(JsValue::NULL.js_typeof(), "object");
}

#[test]
fn debug_shows_what_a_console_does() {
    let shown = |value: &JsValue| format!("{value:?}");
    assert_eq!(shown(&JsValue::UNDEFINED), "JsValue(undefined)");
    assert_eq!(shown(&"a\"b".into()), r#"JsValue("a\"b")"#);
    assert_eq!(shown(&3.into()), "JsValue(3)");
    let array = Array::of2(&1.into(), &"x".into());
    assert_eq!(shown(&array), r#"JsValue([1, "x"])"#);
    let object = Object::new();
    Reflect::set(&object, &"k".into(), &array).unwrap();
    assert_eq!(shown(&object), r#"JsValue(Object({"k":[1, "x"]}))"#);
    let error = js_sys::Error::new("no");
    assert_eq!(shown(&error), "JsValue(Error: no)");
    assert_eq!(format!("{:?}", JsString::from("t")), r#""t""#);
    assert_eq!(
        format!("{:?}", ArrayBuffer::new(1)),
        "ArrayBuffer { obj: Object { obj: JsValue(ArrayBuffer) } }"
    );
}

#[test]
fn an_object_that_holds_itself_is_shown_to_an_end() {
    let array = Array::new();
    array.push(&array);
    let object = Object::new();
    Reflect::set(&object, &"me".into(), &object).unwrap();
    assert!(format!("{array:?}{object:?}").contains("Array"));
    array.push(&1.into());
    assert_eq!(array.join("-"), "-1");
    // So that nothing leaks.
    array.set_length(0);
    Reflect::delete_property(&object, &"me".into()).unwrap();
}

#[test]
fn casts_follow_inheritance() {
    let event = web_sys::MessageEvent::new("message").unwrap();
    assert!(event.is_instance_of::<web_sys::Event>());
    assert!(event.is_instance_of::<Object>());
    assert!(!event.is_instance_of::<web_sys::CloseEvent>());
    let plain: web_sys::Event = event.clone().into();
    assert!(plain.dyn_ref::<web_sys::MessageEvent>().is_some());
    assert!(plain.clone().dyn_into::<web_sys::CloseEvent>().is_err());
    assert_eq!(plain, *event);
    let taken_for: &web_sys::CloseEvent = plain.unchecked_ref();
    assert_eq!((taken_for.code(), &*taken_for.reason()), (0, ""));
    let text = JsValue::from_str("s");
    assert!(text.has_type::<JsString>() && !text.is_instance_of::<JsString>());
    let exception: JsValue = web_sys::DomException::new_with_message("m").unwrap().into();
    assert!(exception.is_instance_of::<js_sys::Error>());
}

#[test]
#[should_panic(expected = "TypeError: this is not a WebSocket")]
fn a_method_of_another_class_panics() {
    let socket: web_sys::WebSocket = JsValue::from(Object::new()).unchecked_into();
    socket.ready_state();
}

#[test]
fn views_share_their_buffer() {
    let buffer = ArrayBuffer::new(8);
    let view = Uint8Array::new(&buffer);
    let part = view.subarray(2, 6);
    part.copy_from(&[1, 2, 3, 4]);
    assert_eq!(view.to_vec(), [0, 0, 1, 2, 3, 4, 0, 0]);
    assert_eq!(part.slice(1, 99).to_vec(), [2, 3, 4]);
    assert_eq!((part.byte_offset(), part.length()), (2, 4));
    assert_eq!(part.buffer(), buffer);
    let copy = Uint8Array::new(&view);
    copy.set_index(0, 9);
    assert_eq!(
        (view.get_index(0), copy.get_index(0), view.get_index(99)),
        (0, 9, 0)
    );
    view.set(&Uint8Array::from(&[7u8, 8][..]), 6);
    assert_eq!(buffer.slice_with_end(6, 8).byte_length(), 2);
    assert_eq!(
        Uint8Array::new(&Array::of2(&257.into(), &"x".into())).to_vec(),
        [1, 0]
    );
    assert_eq!(Uint8Array::new(&3.into()).to_vec(), [0, 0, 0]);
    assert_eq!(
        (view.at(-1), view.at(8), view.at(-9)),
        (Some(8), None, None)
    );
    // A view can be the source of its own buffer.
    view.set(&part, 0);
    assert_eq!(view.to_vec(), [1, 2, 3, 4, 3, 4, 7, 8]);
}

#[test]
fn arrays_grow_and_iterate() {
    let array = Array::new();
    assert_eq!((array.push(&1.into()), array.push(&"b".into())), (1, 2));
    array.set(3, JsValue::NULL);
    assert_eq!(array.length(), 4);
    assert_eq!(array.join("-"), "1-b--");
    assert_eq!(array.iter().rev().count(), 4);
    assert_eq!(
        (array.shift(), array.pop(), array.get(9)),
        (1.into(), JsValue::NULL, JsValue::UNDEFINED)
    );
    assert_eq!(
        Array::from(&"äb".into()).to_vec(),
        ["ä".into(), JsValue::from_str("b")]
    );
    let bytes = Array::from(&Uint8Array::from(&[7, 8][..]));
    assert_eq!(bytes.unshift(&6.into()), 3);
    assert_eq!(
        (bytes.at(0), bytes.at(-1), bytes.at(-4)),
        (6.into(), 8.into(), JsValue::UNDEFINED)
    );
    let both = bytes.concat(&Array::of1(&7.into()));
    assert_eq!(
        (both.index_of(&7.into(), 0), both.index_of(&7.into(), -1)),
        (1, 3)
    );
    assert!(both.includes(&8.into(), 0) && !both.includes(&8.into(), 3));
    assert_eq!(both.slice(1, 3).to_vec(), [JsValue::from(7), 8.into()]);
    both.set_length(1);
    assert_eq!(both.to_vec(), [6]);
}

#[test]
fn a_vec_becomes_what_it_does_there() {
    let bytes = JsValue::from(vec![1_u8, 2]);
    assert_eq!(bytes.unchecked_into::<Uint8Array>().to_vec(), [1, 2]);
    let boxed = JsValue::from(vec![3_u8].into_boxed_slice());
    assert!(boxed.is_instance_of::<Uint8Array>());
    for array in [
        JsValue::from(vec!["a".to_owned()]),
        JsValue::from(vec![JsValue::from_str("a")]),
        JsValue::from(vec![JsString::from("a")]),
    ] {
        assert_eq!(array.unchecked_into::<Array>().to_vec(), ["a"]);
    }
}

#[test]
fn numbers_are_converted_as_there() {
    assert_eq!(f64::try_from(JsValue::from_str("1.5")), Ok(1.5));
    assert_eq!(JsValue::TRUE.unchecked_into_f64(), 1.0);
    let view = Uint8Array::new(&Array::of3(&"12".into(), &(-1).into(), &JsValue::NULL));
    assert_eq!(view.to_vec(), [12, 255, 0]);
}

#[test]
#[should_panic(expected = "RangeError")]
fn a_view_ends_with_its_buffer() {
    let _ = Uint8Array::new_with_byte_offset_and_length(&ArrayBuffer::new(8), 4, 5);
}

#[test]
fn reflect_sees_attributes_and_properties() {
    let event = web_sys::Event::new("ping").unwrap();
    assert_eq!(Reflect::get(&event, &"type".into()).unwrap(), "ping");
    assert!(
        Reflect::get(&event, &"message".into())
            .unwrap()
            .is_undefined()
    );
    Reflect::set(&event, &"mine".into(), &1.into()).unwrap();
    assert!(Reflect::has(&event, &"mine".into()).unwrap());
    assert!(
        Reflect::get(&event, &"currentTarget".into())
            .unwrap()
            .is_null()
    );
    let error = Reflect::get(&JsValue::NULL, &"x".into()).unwrap_err();
    assert_eq!(error.unchecked_into::<js_sys::Error>().name(), "TypeError");
    let exception = web_sys::DomException::new_with_message_and_name("m", "AbortError");
    assert_eq!(
        Reflect::get(&exception.unwrap(), &"code".into()).unwrap(),
        20
    );
}

#[test]
fn reflect_sets_what_script_can_set() {
    let (array, view) = (Array::of1(&1.into()), Uint8Array::new_with_length(2));
    for object in [array.as_ref(), view.as_ref()] {
        Reflect::set(object, &1.into(), &9.into()).unwrap();
    }
    assert_eq!(array.to_vec(), [1, 9]);
    assert_eq!(view.to_vec(), [0, 9]);
    Reflect::set(&array, &"length".into(), &0.into()).unwrap();
    assert_eq!(array.length(), 0);
}

#[test]
fn errors_come_of_errors() {
    fn parse(text: &str) -> Result<u8, JsError> {
        Ok(text.parse()?)
    }
    let value = JsValue::from(parse("x").unwrap_err());
    assert!(value.is_instance_of::<js_sys::Error>());
    let error = JsValue::from(js_sys::RangeError::new("far"));
    assert!(error.is_instance_of::<js_sys::RangeError>());
    assert!(!error.is_instance_of::<js_sys::TypeError>());
    assert_eq!(
        error.unchecked_into::<js_sys::Error>().to_string(),
        "RangeError: far"
    );
    assert_eq!(parse("12").unwrap(), 12);
}

#[test]
fn the_global_object_is_the_window() {
    let window = js_sys::global().dyn_into::<web_sys::Window>().unwrap();
    assert_eq!(Some(window), web_sys::window());
    assert_eq!(js_sys::encode_uri_component("a b/ä"), "a%20b%2F%C3%A4");
    assert_eq!(js_sys::encode_uri("ws://x/a b?c=d"), "ws://x/a%20b?c=d");
    let numbers = [(); 8].map(|()| js_sys::Math::random());
    assert!(numbers.iter().all(|n| (0.0..1.0).contains(n)));
    assert!(numbers.iter().any(|n| *n != numbers[0]), "{numbers:?}");
}

#[test]
fn code_can_look_where_it_runs() {
    let global = js_sys::global();
    assert!(global.dyn_ref::<web_sys::WorkerGlobalScope>().is_none());
    let get = |name: &str| Reflect::get(&global, &name.into()).unwrap();
    assert!(get("WebSocket").is_function());
    assert_eq!(get("WebSocketStream"), JsValue::UNDEFINED);
    let set_timeout: js_sys::Function = get("setTimeout").unchecked_into();
    let called = std::rc::Rc::new(std::cell::Cell::new(false));
    let seen = called.clone();
    dom_websocket_web::run(|| {
        let callback = Closure::once_into_js(move |value: u32| seen.set(value == 7));
        let timer = set_timeout.call3(&global, &callback, &1.into(), &7.into());
        assert!(timer.unwrap().as_f64().is_some());
    });
    assert!(called.get());
}

#[test]
fn the_location_is_the_documents() {
    let location = web_sys::window().unwrap().location();
    assert_eq!(location.href().unwrap(), "about:blank");
    assert_eq!(location.origin().unwrap(), "null");
    let document = dom_websocket::Document::new("https://example.com:8443/room/page?who=me#there");
    dom_websocket_web::set_document(&document.unwrap());
    assert_eq!(location.protocol().unwrap(), "https:");
    assert_eq!(location.host().unwrap(), "example.com:8443");
    assert_eq!(location.hostname().unwrap(), "example.com");
    assert_eq!(location.port().unwrap(), "8443");
    assert_eq!(location.pathname().unwrap(), "/room/page");
    assert_eq!(location.search().unwrap(), "?who=me");
    assert_eq!(location.hash().unwrap(), "#there");
    assert_eq!(location.origin().unwrap(), "https://example.com:8443");
    assert_eq!(location.to_string(), location.href().unwrap());
    let socket = web_sys::WebSocket::new("chat").unwrap();
    assert_eq!(socket.url(), "wss://example.com:8443/room/chat");
}

#[test]
fn a_view_of_rusts_memory_is_a_copy() {
    let mut bytes = vec![1, 2, 3];
    let view = Uint8Array::view(&bytes);
    bytes[0] = 9;
    assert_eq!(view.to_vec(), [1, 2, 3]);
}
