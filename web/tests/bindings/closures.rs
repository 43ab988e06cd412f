use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
use js_sys::Function;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

fn function<T: ?Sized>(closure: &Closure<T>) -> Function {
    closure.as_ref().clone().unchecked_into()
}

fn message(thrown: &JsValue) -> String {
    thrown.unchecked_ref::<js_sys::Error>().message().into()
}

const NOT_CALLABLE: &str = "closure invoked recursively or after being dropped";

#[test]
fn arguments_and_results_are_converted() {
    let closure = Closure::<dyn FnMut(String, f64, Option<bool>) -> Result<String, JsValue>>::new(
        |name: String, times: f64, loud: Option<bool>| match loud {
            Some(true) => Err(JsValue::from_str("too loud")),
            _ => Ok(name.repeat(times as usize)),
        },
    );
    let f = function(&closure);
    let this = JsValue::NULL;
    assert_eq!(f.call2(&this, &"ab".into(), &2.into()).unwrap(), "abab");
    assert_eq!(
        f.call3(&this, &"".into(), &0.into(), &true.into())
            .unwrap_err(),
        "too loud"
    );
    assert_eq!(f.call0(&this).unwrap(), "");
    let thrown = JsValue::from(1)
        .unchecked_into::<Function>()
        .call0(&this)
        .unwrap_err();
    assert_eq!(message(&thrown), "this is not a function");
}

#[test]
fn a_fn_mut_that_runs_is_not_called_again() {
    let itself = Rc::new(RefCell::new(None::<Function>));
    let inner = Rc::new(RefCell::new(None));
    let (callee, result) = (itself.clone(), inner.clone());
    let closure = Closure::<dyn FnMut()>::new(move || {
        let callee = callee.borrow().clone().unwrap();
        result.replace(Some(callee.call0(&JsValue::NULL)));
    });
    itself.replace(Some(function(&closure)));
    let f = function(&closure);
    f.call0(&JsValue::NULL).unwrap();
    let thrown = inner.take().unwrap().unwrap_err();
    assert_eq!(message(&thrown), NOT_CALLABLE);
    // It can be called once it has run.
    f.call0(&JsValue::NULL).unwrap();
    itself.take();
}

#[test]
fn a_fn_is_called_while_it_runs() {
    let itself = Rc::new(RefCell::new(None::<Function>));
    let depth = Rc::new(Cell::new(0));
    let (callee, deep) = (itself.clone(), depth.clone());
    let closure = Closure::<dyn Fn()>::new(move || {
        deep.set(deep.get() + 1);
        if deep.get() < 3 {
            let callee = callee.borrow().clone().unwrap();
            callee.call0(&JsValue::NULL).unwrap();
        }
    });
    itself.replace(Some(function(&closure)));
    function(&closure).call0(&JsValue::NULL).unwrap();
    assert_eq!(depth.get(), 3);
    itself.take();
}

#[test]
fn dropping_a_closure_ends_it_and_frees_what_it_holds() {
    let held = Rc::new(());
    let kept = held.clone();
    let closure = Closure::<dyn FnMut()>::new(move || drop(kept.clone()));
    let f = function(&closure);
    drop(closure);
    assert_eq!(Rc::strong_count(&held), 1);
    assert_eq!(message(&f.call0(&JsValue::NULL).unwrap_err()), NOT_CALLABLE);
}

#[test]
fn a_closure_can_be_dropped_while_it_runs() {
    let held = Rc::new(());
    let place = Rc::new(RefCell::new(None::<Closure<dyn FnMut()>>));
    let (kept, own) = (held.clone(), place.clone());
    let closure = Closure::<dyn FnMut()>::new(move || {
        own.take();
        assert_eq!(Rc::strong_count(&kept), 2, "what runs is still there");
    });
    let f = function(&closure);
    place.replace(Some(closure));
    f.call0(&JsValue::NULL).unwrap();
    assert_eq!(Rc::strong_count(&held), 1);
    assert_eq!(message(&f.call0(&JsValue::NULL).unwrap_err()), NOT_CALLABLE);
}

#[test]
fn one_that_is_given_away_lives_as_long_as_its_function() {
    let held = Rc::new(());
    let kept = held.clone();
    let closure = Closure::<dyn FnMut()>::new(move || drop(kept.clone()));
    let f = function(&closure);
    closure.forget();
    f.call0(&JsValue::NULL).unwrap();
    drop(f);
    assert_eq!(Rc::strong_count(&held), 1);
}

#[test]
fn one_for_one_call_is_called_once() {
    let owned = String::from("x");
    let closure: Closure<dyn FnMut() -> String> = Closure::once(move || owned);
    let f = function(&closure);
    assert_eq!(f.call0(&JsValue::NULL).unwrap(), "x");
    let thrown = f.call0(&JsValue::NULL).unwrap_err();
    assert_eq!(message(&thrown), "FnOnce called more than once");
    drop(closure);
    assert_eq!(message(&f.call0(&JsValue::NULL).unwrap_err()), NOT_CALLABLE);
}

#[test]
fn its_argument_can_be_borrowed() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let see = || {
        let seen = seen.clone();
        move |event: &web_sys::Event| seen.borrow_mut().push(event.type_())
    };
    let boxed = Box::new(see()) as Box<dyn FnMut(&web_sys::Event)>;
    let closures = (
        Closure::<dyn FnMut(&web_sys::Event)>::new(see()),
        Closure::<dyn Fn(&web_sys::Event)>::new(see()),
        Closure::wrap(boxed),
        Closure::once(see()),
    );
    let (this, event) = (JsValue::NULL, web_sys::Event::new("ping").unwrap());
    let functions = [
        function(&closures.0),
        function(&closures.1),
        function(&closures.2),
        function(&closures.3),
    ];
    for f in &functions {
        f.call1(&this, &event).unwrap();
    }
    assert_eq!(seen.take(), ["ping"; 4]);
    assert!(functions[3].call1(&this, &event).is_err(), "once");
    drop(closures);
    for f in &functions {
        assert_eq!(message(&f.call1(&this, &event).unwrap_err()), NOT_CALLABLE);
    }
    let value = Closure::<dyn FnMut(&JsValue) -> bool>::new(|value: &JsValue| value.is_undefined());
    assert_eq!(function(&value).call0(&this).unwrap(), true);
}

#[test]
fn a_function_comes_of_a_closure() {
    let closure = Closure::<dyn Fn(u32) -> u32>::new(|n: u32| n + 1);
    let borrowed = Function::closure_ref(&closure);
    assert_eq!(borrowed.call1(&JsValue::NULL, &"4".into()).unwrap(), 5);
    let owned = Function::from_closure(closure);
    assert_eq!(owned.call1(&JsValue::NULL, &5.into()).unwrap(), 6);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn warn_of(what: &str, times: u32);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(closure: &Closure<dyn FnMut()>, ms: u32) -> i32;

    #[wasm_bindgen(js_name = "clearTimeout")]
    fn clear_timeout(handle: i32);

    #[wasm_bindgen(catch, js_name = queueMicrotask)]
    fn queue_microtask(function: &Function) -> Result<(), JsValue>;
}

#[wasm_bindgen(js_namespace = console)]
extern "C" {
    #[wasm_bindgen(variadic)]
    fn error(what: &js_sys::Array);

    #[wasm_bindgen(js_name = log)]
    fn line(what: Vec<JsValue>);
}

#[wasm_bindgen]
struct Exported {
    #[wasm_bindgen(getter_with_clone)]
    name: String,
}

#[wasm_bindgen]
impl Exported {
    #[wasm_bindgen(constructor)]
    fn new(name: &str) -> Self {
        Self { name: name.into() }
    }
}

#[test]
fn imports_that_are_there_work() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let log = |line: &'static str| {
        let lines = lines.clone();
        Closure::<dyn FnMut()>::new(move || lines.borrow_mut().push(line.to_owned()))
    };
    let sink = lines.clone();
    dom_websocket_web::set_console(move |method, line| {
        sink.borrow_mut().push(format!("{method}: {line}"));
    });
    let (late, never, micro) = (log("late"), log("never"), log("micro"));
    error(&js_sys::Array::of2(&"a".into(), &1.into()));
    line(vec![2.into()]);
    assert_eq!(lines.take(), ["error: a 1", "log: [2]"]);
    dom_websocket_web::run(|| {
        set_timeout(&late, 2);
        clear_timeout(set_timeout(&never, 0));
        queue_microtask(&function(&micro)).unwrap();
        warn_of(&Exported::new("start").name, 2);
    });
    assert_eq!(lines.take(), ["warn: start 2", "micro", "late"]);
}

mod start {
    use dom_websocket_web::wasm_bindgen_futures::JsFuture;
    use dom_websocket_web::{js_sys, wasm_bindgen, web_sys};
    use wasm_bindgen::prelude::*;

    /// A promise that a timer resolves.
    fn later(value: u32) -> js_sys::Promise {
        js_sys::Promise::new(&mut |resolve, _| {
            let resolve = Closure::once_into_js(move || {
                resolve.call1(&JsValue::NULL, &value.into()).unwrap();
            });
            let window = web_sys::window().unwrap();
            window
                .set_timeout_with_callback(resolve.unchecked_ref())
                .unwrap();
        })
    }

    pub(super) mod asynchronous {
        use super::*;

        #[wasm_bindgen(start)]
        pub(crate) async fn main() -> Result<JsValue, JsValue> {
            JsFuture::from(later(1)).await
        }
    }

    pub(super) mod plain {
        use super::*;
        use std::cell::Cell;

        thread_local! {
            pub(crate) static DONE: Cell<bool> = const { Cell::new(false) };
        }

        #[wasm_bindgen(start)]
        pub(crate) fn main() {
            let done = Closure::once(|_: JsValue| DONE.set(true));
            let _ = later(2).then(&done);
            done.forget();
        }
    }
}

#[test]
fn a_start_function_called_main_runs_the_loop() {
    assert_eq!(start::asynchronous::main().unwrap(), 1);
    start::plain::main();
    assert!(start::plain::DONE.get());
}

/// As transports await the first of `open` and `error`.
#[test]
fn boxes_of_closures_that_are_called_once_are_closures_too() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let (opened, failed) = (heard.clone(), heard.clone());
    let onopen = Closure::once(
        Box::new(move || opened.borrow_mut().push("open".to_owned())) as Box<dyn FnOnce()>,
    );
    let onerror = Closure::once(Box::new(move |event: web_sys::ErrorEvent| {
        failed.borrow_mut().push(event.type_());
    }) as Box<dyn FnOnce(web_sys::ErrorEvent)>);
    let socket = web_sys::WebSocket::new("ws://127.0.0.1:1/").unwrap();
    socket.set_onopen(Some(onopen.as_ref().unchecked_ref()));
    socket.set_onerror(onerror.as_ref().dyn_ref());
    let event = web_sys::ErrorEvent::new("error").unwrap();
    socket.dispatch_event(&event).unwrap();
    socket.onopen().unwrap().call0(&socket).unwrap();
    assert_eq!(heard.take(), ["error", "open"]);
    drop((onopen, onerror));
    let thrown = socket.onopen().unwrap().call0(&socket).unwrap_err();
    let error = js_sys::Error::from(thrown);
    assert_eq!(error.message().as_string().as_deref(), Some(NOT_CALLABLE));
    socket.set_onopen(None);
    socket.set_onerror(None);
}
