use dom_websocket_web::js_sys::{self, Array, JSON, Object, Reflect, Uint8Array};
use dom_websocket_web::wasm_bindgen::prelude::*;
use dom_websocket_web::web_sys;

fn text(value: &JsValue) -> String {
    JSON::stringify(value).unwrap().into()
}

/// What the text is once it has been read and written.
fn again(json: &str) -> String {
    text(&JSON::parse(json).unwrap())
}

fn name(thrown: JsValue) -> String {
    thrown.unchecked_into::<js_sys::Error>().name().into()
}

#[test]
fn what_is_read_is_written_again() {
    for json in [
        "null",
        "true",
        "false",
        "0",
        "-1.5",
        "1e+21",
        r#""""#,
        r#""a\"\\/\b\f\n\r\t\u0001é😀""#,
        "[]",
        "{}",
        r#"[1,[2,[]],{"a":[{}]}]"#,
        r#"{"b":1,"a":{"c":null}}"#,
    ] {
        assert_eq!(again(json), json);
    }
    assert_eq!(again(" { \"a\" : [ 1 ,\n2 ]\t}\r\n"), r#"{"a":[1,2]}"#);
    assert_eq!(again("[1E2, -0, 0.10, 1e400]"), "[100,0,0.1,null]");
    assert_eq!(again(r#""\u00e9\ud83d\ude00\/""#), "\"é😀/\"");
    assert_eq!(
        again(r#""\ud83dx\ude00\ud83d\u0041""#),
        "\"\u{fffd}x\u{fffd}\u{fffd}A\""
    );
    // Of two with one name the last counts, in the first one's place; places of an array come first.
    assert_eq!(again(r#"{"b":1,"a":2,"b":3}"#), r#"{"b":3,"a":2}"#);
    assert_eq!(
        again(r#"{"b":1,"10":2,"9":3,"01":4}"#),
        r#"{"9":3,"10":2,"b":1,"01":4}"#
    );
}

#[test]
fn what_is_no_json_is_an_error() {
    for json in [
        "",
        " ",
        "{",
        "[",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "'a'",
        "\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u+123\"",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "nul",
        "truee",
        "undefined",
        "\u{a0}1",
        "[}",
        "{]",
        "1,",
        "// 1",
    ] {
        assert_eq!(
            name(JSON::parse(json).unwrap_err()),
            "SyntaxError",
            "{json:?}"
        );
    }
    let message = |json| {
        let thrown = JSON::parse(json).unwrap_err();
        String::from(thrown.unchecked_into::<js_sys::Error>().message())
    };
    assert_eq!(message("[1,é]"), "unexpected 'é' in JSON at byte 3");
    assert_eq!(message("[1"), "unexpected end of JSON");
}

#[test]
fn a_peers_text_takes_no_more_than_its_share() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(again(&deep(1000)), deep(1000));
    assert_eq!(name(JSON::parse(&deep(1001)).unwrap_err()), "RangeError");
    assert_eq!(
        name(JSON::parse(&"[".repeat(10_000_000)).unwrap_err()),
        "RangeError"
    );
    let members: Vec<_> = (0..100_000)
        .map(|number| format!("\"n{number}\":0"))
        .collect();
    let json = format!("{{{}}}", members.join(","));
    assert_eq!(again(&json), json);
}

#[test]
fn what_is_no_value_of_json_is_left_out() {
    let closure = Closure::<dyn FnMut()>::new(|| ());
    for nothing in [&JsValue::UNDEFINED, closure.as_ref()] {
        assert!(JSON::stringify(nothing).unwrap().is_undefined());
        let object = Object::new();
        for (name, value) in [("a", &1.into()), ("b", nothing), ("c", &JsValue::NULL)] {
            Reflect::set(&object, &name.into(), value).unwrap();
        }
        assert_eq!(text(&object), r#"{"a":1,"c":null}"#);
        assert_eq!(text(&Array::of2(nothing, &2.into())), "[null,2]");
    }
    assert_eq!(
        text(&Array::of2(&f64::NAN.into(), &f64::INFINITY.into())),
        "[null,null]"
    );
    assert_eq!(text(&Uint8Array::from(&[7, 8][..])), r#"{"0":7,"1":8}"#);
    assert_eq!(
        text(&js_sys::Error::new("its message is not its own")),
        "{}"
    );
    let event = web_sys::MessageEvent::new("x").unwrap();
    assert_eq!(text(&event), r#"{"isTrusted":false}"#);
    Reflect::set(&event, &"mine".into(), &"x".into()).unwrap();
    assert_eq!(text(&event), r#"{"isTrusted":false,"mine":"x"}"#);
}

#[test]
fn an_object_can_say_what_it_is() {
    let object = Object::new();
    let of =
        Closure::<dyn FnMut(String) -> Result<String, JsValue>>::new(|name: String| match &*name {
            "no" => Err("not this one".into()),
            name => Ok(format!("<{name}>")),
        });
    Reflect::set(&object, &"toJSON".into(), of.as_ref()).unwrap();
    assert_eq!(text(&object), r#""<>""#);
    assert_eq!(text(&Array::of1(&object)), r#"["<0>"]"#);
    let outer = Object::new();
    Reflect::set(&outer, &"no".into(), &object).unwrap();
    assert_eq!(JSON::stringify(&outer).unwrap_err(), "not this one");
}

#[test]
fn an_object_that_is_in_itself_is_an_error() {
    let (outer, inner) = (Object::new(), Array::new());
    Reflect::set(&outer, &"inner".into(), &inner).unwrap();
    inner.push(&Object::new());
    // Twice, but not in itself.
    inner.push(&inner.get(0));
    assert_eq!(text(&outer), r#"{"inner":[{},{}]}"#);
    inner.push(&outer);
    assert_eq!(name(JSON::stringify(&outer).unwrap_err()), "TypeError");
    inner.set_length(0);
    let mut deep = Array::new();
    for _ in 0..1000 {
        deep = Array::of1(&deep);
    }
    assert_eq!(name(JSON::stringify(&deep).unwrap_err()), "RangeError");
}
