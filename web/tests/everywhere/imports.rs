//! Objects that are looked into by their members' names.

use super::*;

#[wasm_bindgen]
extern "C" {
    /// The global object, of which nobody knows what it is.
    type Global;

    #[wasm_bindgen(method, getter, js_name = WebSocket)]
    fn socket_class(this: &Global) -> JsValue;

    #[wasm_bindgen(method, getter, js_name = HTMLWindow)]
    fn nothing(this: &Global) -> JsValue;

    #[wasm_bindgen(extends = EventTarget, extends = js_sys::Object, js_name = WebSocket, typescript_type = "WebSocket")]
    #[derive(Clone, Debug, PartialEq)]
    type Socket;

    #[wasm_bindgen(catch, constructor, js_class = "WebSocket")]
    fn new(url: &str, protocols: &JsValue) -> Result<Socket, JsValue>;

    #[wasm_bindgen(structural, method, getter, js_class = "WebSocket", js_name = readyState)]
    fn ready_state(this: &Socket) -> u16;

    #[wasm_bindgen(method, getter, js_class = "WebSocket")]
    fn protocol(this: &Socket) -> String;

    #[wasm_bindgen(method, getter = binaryType, js_class = "WebSocket")]
    fn binary_type(this: &Socket) -> BinaryType;

    #[wasm_bindgen(method, setter = binaryType, js_class = "WebSocket")]
    fn set_binary_type(this: &Socket, value: BinaryType);

    #[wasm_bindgen(method, getter, js_class = "WebSocket")]
    fn onclose(this: &Socket) -> Option<Function>;

    #[wasm_bindgen(method, setter, js_class = "WebSocket")]
    fn set_onclose(this: &Socket, value: Option<&Function>);

    #[wasm_bindgen(catch, method, structural, js_class = "WebSocket", js_name = send)]
    fn send_bytes(this: &Socket, data: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_class = "WebSocket")]
    fn send(this: &Socket, data: &JsValue) -> Result<(), JsValue>;

    #[wasm_bindgen(catch, method, js_class = "WebSocket")]
    fn close(this: &Socket, code: u16, reason: &str) -> Result<(), JsValue>;

    /// A plain object with members of known names.
    #[wasm_bindgen(extends = js_sys::Object)]
    type Entry;

    #[wasm_bindgen(method, getter)]
    fn name(this: &Entry) -> Option<String>;

    #[wasm_bindgen(method, setter)]
    fn set_name(this: &Entry, value: &str);

    #[wasm_bindgen(method, catch, variadic)]
    fn sum(this: &Entry, numbers: &Array) -> Result<f64, JsValue>;
}

tests! {
    async fn a_class_can_be_imported(peer: String) {
        let protocols = Array::of2(&"chat".into(), &"talk".into());
        let socket = Socket::new(&peer, &protocols).unwrap();
        assert_eq!(name_of(socket.send(&"early".into()).unwrap_err()), "InvalidStateError");
        assert_eq!((socket.ready_state(), socket.binary_type()), (0, BinaryType::Blob));
        socket.set_binary_type(BinaryType::Arraybuffer);
        assert_eq!(socket.binary_type(), BinaryType::Arraybuffer);
        next(&socket, "open").await;
        assert_eq!((socket.ready_state(), socket.protocol()), (1, "chat".into()));
        socket.send_bytes(&[1, 2]).unwrap();
        let event: MessageEvent = next(&socket, "message").await.unchecked_into();
        assert_eq!(Uint8Array::new(&event.data()).to_vec(), [1, 2]);
        assert_eq!(event.target().unwrap().unchecked_into::<Socket>(), socket);
        for data in [&JsValue::from("text"), &Uint8Array::from(&[3][..]).buffer()] {
            socket.send(data).unwrap();
            let event: MessageEvent = next(&socket, "message").await.unchecked_into();
            match event.data().dyn_ref::<ArrayBuffer>() {
                Some(buffer) => assert_eq!(buffer.byte_length(), 1),
                None => assert_eq!(event.data(), *data),
            }
        }
        assert_eq!(name_of(socket.close(1001, "").unwrap_err()), "InvalidAccessError");
        let log = Log::default();
        let closed = listener(&log, "handler");
        socket.set_onclose(Some(&closed));
        assert_eq!(socket.onclose(), Some(closed));
        socket.close(4001, "enough").unwrap();
        let event: CloseEvent = next(&socket, "close").await.unchecked_into();
        assert_eq!((event.code(), event.was_clean()), (4001, true));
        assert_eq!(log.take(), ["handler close"]);
        socket.set_onclose(None);
        assert_eq!(socket.onclose(), None);
        assert!(socket.is_instance_of::<Socket>() && socket.dyn_ref::<WebSocket>().is_some());
        assert!(EventTarget::new().unwrap().dyn_into::<Socket>().is_err());
        assert_eq!(name_of(Socket::new("ws://x/#fragment", &protocols).unwrap_err()), "SyntaxError");
    }

    async fn members_are_looked_for_by_name(_peer: String) {
        let global: Global = js_sys::global().unchecked_into();
        assert!(global.socket_class().is_function() && global.nothing().is_undefined());
        let object = js_sys::Object::new();
        let entry: &Entry = object.unchecked_ref();
        assert_eq!(entry.name(), None);
        entry.set_name("a");
        assert_eq!(entry.name(), Some("a".into()));
        assert_eq!(Reflect::get(&object, &"name".into()).unwrap(), "a");
        let numbers = Array::of2(&1.into(), &2.5.into());
        assert_eq!(name_of(entry.sum(&numbers).unwrap_err()), "TypeError");
        let sum = Closure::<dyn FnMut(f64, f64) -> f64>::new(|a, b| a + b);
        Reflect::set(&object, &"sum".into(), sum.as_ref()).unwrap();
        assert_eq!(entry.sum(&numbers), Ok(3.5));
    }

    async fn a_class_makes_objects(_peer: String) {
        let class = |name: &str| Reflect::get(&js_sys::global(), &name.into()).unwrap().unchecked_into::<Function>();
        let init = js_sys::JSON::parse(r#"{"data":5,"cancelable":true}"#).unwrap();
        let event = Reflect::construct(&class("MessageEvent"), &Array::of2(&"m".into(), &init)).unwrap();
        let event: MessageEvent = event.dyn_into().unwrap();
        assert_eq!((event.type_(), event.cancelable()), ("m".into(), true));
        assert_eq!(event.data(), 5);
        let target = Reflect::construct(&class("EventTarget"), &Array::new()).unwrap();
        assert!(target.is_instance_of::<EventTarget>());
        let thrown = Reflect::construct(&class("WebSocket"), &Array::of1(&"ftp://x/".into()));
        assert_eq!(name_of(thrown.unwrap_err()), "SyntaxError");
        let called = Reflect::apply(&class("Event"), &JsValue::NULL, &Array::of1(&"x".into()));
        assert_eq!(name_of(called.unwrap_err()), "TypeError");
    }

    async fn everything_has_a_text(_peer: String) {
        let text = |value: &JsValue| {
            let method = Reflect::get(value, &"toString".into()).unwrap();
            assert!(Reflect::has(value, &"toString".into()).unwrap());
            method.unchecked_into::<Function>().call0(value).unwrap()
        };
        assert_eq!(text(&Error::new("no")), "Error: no");
        assert_eq!(text(&Array::of2(&1.into(), &2.into())), "1,2");
        assert_eq!(text(&js_sys::Object::new()), "[object Object]");
        let view = Uint8Array::from(&[1][..]);
        assert!(!view.buffer().is_instance_of::<js_sys::SharedArrayBuffer>());
    }

    async fn enumerations_are_strings(_peer: String) {
        use web_sys::TcpReadyState;
        for (state, text) in [
            (TcpReadyState::Connecting, "connecting"),
            (TcpReadyState::Open, "open"),
            (TcpReadyState::Closing, "closing"),
            (TcpReadyState::Closed, "closed"),
        ] {
            assert_eq!(JsValue::from(state), text);
            assert_eq!(TcpReadyState::from_js_value(&text.into()), Some(state));
        }
        assert_eq!(JsValue::from(BinaryType::Blob), "blob");
    }
}
