//! Values, and what reads and writes them.

use super::*;

tests! {
    async fn values_are_shown_as_there(_peer: String) {
        let shown = |value: &JsValue| format!("{value:?}");
        for (number, text) in [
            (0.1, "0.1"),
            (-0.0, "0"),
            (1e21, "1e+21"),
            (1.5e-7, "1.5e-7"),
            (1e-6, "0.000001"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(shown(&number.into()), format!("JsValue({text})"));
            assert_eq!(Array::of1(&number.into()).join(""), text);
        }
        let array = Array::of4(&1.into(), &"x".into(), &JsValue::NULL, &Array::of1(&true.into()));
        assert_eq!(shown(&array), r#"JsValue([1, "x", null, [true]])"#);
        assert_eq!(array.join("-"), "1-x--true");
        let object = js_sys::Object::new();
        assert_eq!(shown(&object), "JsValue(Object({}))");
        Reflect::set(&object, &"a".into(), &"b".into()).unwrap();
        assert_eq!(shown(&object), r#"JsValue(Object({"a":"b"}))"#);
        assert_eq!(js_sys::Object::keys(&object).join(","), "a");
        assert_eq!(js_sys::Object::keys(&array).join(","), "0,1,2,3");
        assert_eq!(object.to_string(), "[object Object]");
        assert_eq!(js_sys::Object::to_string(&array), "1,x,,true");
        assert_eq!(js_sys::TypeError::new("no").to_string(), "TypeError: no");
        assert_eq!(shown(&Event::new("x").unwrap()), "JsValue(Event)");
        assert_eq!(shown(&EventTarget::new().unwrap()), "JsValue(EventTarget)");
        assert_eq!(shown(&Promise::resolve(&JsValue::NULL)), "JsValue(Promise)");
        assert_eq!(shown(&Uint8Array::new_with_length(1)), "JsValue(Uint8Array)");
        let exception = DomException::new_with_message_and_name("why", "AbortError").unwrap();
        assert!(shown(&exception).starts_with("JsValue(AbortError: why"), "{exception:?}");
        let closure = Closure::<dyn FnMut()>::new(|| ());
        assert!(shown(closure.as_ref()).starts_with("JsValue(Function"), "{:?}", closure.as_ref());
        assert_eq!(closure.as_ref().js_typeof(), "function");
    }

    async fn json_is_that_of_script(_peer: String) {
        let again = |text: &str| {
            let value = js_sys::JSON::parse(text).map_err(|thrown| name_of(thrown) == "SyntaxError");
            value.map(|value| String::from(js_sys::JSON::stringify(&value).unwrap()))
        };
        assert_eq!(again(" [1E2, -0, 1e400]"), Ok("[100,0,null]".into()));
        let members = again(r#"{"b":"\u00e9\ud83d\ude00\/\u0001", "10":1, "9":{"a":[]}, "b":"\n"}"#);
        assert_eq!(members, Ok(r#"{"9":{"a":[]},"10":1,"b":"\n"}"#.into()));
        for text in ["", "{", "[1,]", "01", "{a:1}", "'a'", "NaN", "\"\t\"", "\"\\x\"", "1 2", "\u{a0}1"] {
            assert_eq!(again(text), Err(true), "{text:?}");
        }
        let text = |value: &JsValue| js_sys::JSON::stringify(value).unwrap().as_string();
        assert_eq!(text(&JsValue::UNDEFINED), None);
        assert_eq!(text(&Array::of2(&JsValue::UNDEFINED, &f64::NAN.into())).unwrap(), "[null,null]");
        assert_eq!(text(&Uint8Array::from(&[7, 8][..])).unwrap(), r#"{"0":7,"1":8}"#);
        assert_eq!(text(&Error::new("x")).unwrap(), "{}");
        assert_eq!(text(&MessageEvent::new("x").unwrap()).unwrap(), r#"{"isTrusted":false}"#);
        let array = Array::new();
        array.push(&array);
        assert_eq!(name_of(js_sys::JSON::stringify(&array).unwrap_err()), "TypeError");
        array.set_length(0);
    }

    async fn a_blob_is_cut(_peer: String) {
        let bytes = Array::of1(&Uint8Array::from(&b"0123456789"[..]));
        let blob = Blob::new_with_u8_array_sequence(&bytes).unwrap();
        for (part, text) in [
            (blob.slice(), "0123456789"),
            (blob.slice_with_i32(-3), "789"),
            (blob.slice_with_i32_and_i32(2, -2), "234567"),
            (blob.slice_with_f64_and_f64(4.0, 99.0), "456789"),
            (blob.slice_with_i32_and_i32(5, 2), ""),
            (blob.slice_with_i32_and_i32(-99, 1), "0"),
        ] {
            let read = JsFuture::from(part.unwrap().text()).await.unwrap();
            assert_eq!(read.as_string().unwrap(), text);
        }
        let typed = blob.slice_with_i32_and_i32_and_content_type(0, 1, "Text/Plain").unwrap();
        assert_eq!((typed.type_(), typed.size()), ("text/plain".into(), 1.0));
    }
}
