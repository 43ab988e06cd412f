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
    // So that nothing leaks.
    array.pop();
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
    let error = Reflect::get(&JsValue::NULL, &"x".into()).unwrap_err();
    assert_eq!(error.unchecked_into::<js_sys::Error>().name(), "TypeError");
}

#[test]
fn errors_come_of_errors() {
    fn parse(text: &str) -> Result<u8, JsError> {
        Ok(text.parse()?)
    }
    let value = JsValue::from(parse("x").unwrap_err());
    assert!(value.is_instance_of::<js_sys::Error>());
    assert_eq!(parse("12").unwrap(), 12);
}
