use dom_websocket_web::{block_on, js_sys, run, wasm_bindgen, wasm_bindgen_futures};
use futures::channel::oneshot;
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

#[test]
fn reactions_run_in_microtasks_in_order() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let log = |line: &'static str| {
        let lines = lines.clone();
        Closure::<dyn FnMut(JsValue)>::new(move |value: JsValue| {
            lines
                .borrow_mut()
                .push(format!("{line} {:?}", value.as_f64()));
        })
    };
    let (first, second, caught) = (log("first"), log("second"), log("caught"));
    run(|| {
        let promise = Promise::resolve(&1.into());
        let _ = promise.then(&first);
        let _ = promise.then(&second);
        let _ = Promise::reject(&3.into()).then(&first).catch(&caught);
        lines.borrow_mut().push("script".to_owned());
    });
    assert_eq!(
        lines.take(),
        [
            "script",
            "first Some(1.0)",
            "second Some(1.0)",
            "caught Some(3.0)"
        ]
    );
}

#[test]
fn futures_and_promises_become_each_other() {
    let result = block_on(async {
        let promise = future_to_promise(async { Ok(JsValue::from(4)) });
        let outer = Promise::new(&mut |resolve: Function, _| {
            resolve.call1(&JsValue::NULL, &promise).unwrap();
            // The first call counts.
            resolve.call1(&JsValue::NULL, &5.into()).unwrap();
        });
        JsFuture::from(outer).await
    });
    assert_eq!(result.unwrap(), 4);
    let error = block_on(async { Promise::reject(&"why".into()).await });
    assert_eq!(error.unwrap_err(), "why");
}

#[test]
fn a_promise_of_a_promise_takes_two_microtasks_more() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let log = |line: &'static str| {
        let lines = lines.clone();
        Closure::<dyn FnMut(JsValue)>::new(move |_: JsValue| lines.borrow_mut().push(line))
    };
    let (outer, first, second, third) = (log("outer"), log("1"), log("2"), log("3"));
    run(|| {
        let inner = Promise::resolve(&1.into());
        let promise = Promise::new(&mut |resolve, _| {
            resolve.call1(&JsValue::NULL, &inner).unwrap();
        });
        let _ = promise.then(&outer);
        let _ = inner.then(&first).then(&second).then(&third);
    });
    assert_eq!(lines.take(), ["1", "2", "outer", "3"]);
}

#[test]
fn a_promise_does_not_wait_for_itself() {
    let error = block_on(async {
        let mut function = None;
        let promise = Promise::new(&mut |resolve, _| function = Some(resolve));
        let resolve = function.unwrap();
        resolve.call1(&JsValue::NULL, &promise).unwrap();
        promise.await.unwrap_err()
    });
    assert!(error.is_instance_of::<js_sys::TypeError>());
}

#[test]
fn several_promises_become_one() {
    use js_sys::{Array, Object, Reflect};
    block_on(async {
        let (good, bad) = (
            |n: u32| Promise::resolve(&n.into()),
            || Promise::reject(&"bad".into()),
        );
        let later = future_to_promise(async { Ok(JsValue::from(3)) });
        let all = Promise::all(&Array::of3(&good(1), &2.into(), &later)).await;
        assert_eq!(Array::from(&all.unwrap()).join(","), "1,2,3");
        assert_eq!(
            Promise::all(&Array::of2(&good(1), &bad()))
                .await
                .unwrap_err(),
            "bad"
        );
        assert_eq!(
            Promise::all(&Array::new()).await.map(|all| all.is_array()),
            Ok(true)
        );
        let pending = Promise::new(&mut |_, _| ());
        assert_eq!(
            Promise::race(&Array::of2(&pending, &bad()))
                .await
                .unwrap_err(),
            "bad"
        );
        assert_eq!(
            Promise::any(&Array::of2(&bad(), &good(4))).await.unwrap(),
            4
        );
        let none = Promise::any(&Array::of1(&bad())).await.unwrap_err();
        assert_eq!(
            none.unchecked_into::<js_sys::Error>().name(),
            "AggregateError"
        );
        let settled = Promise::all_settled(&Array::of2(&good(5), &bad()))
            .await
            .unwrap();
        let texts = Array::from(&settled).into_iter().map(|outcome| {
            let keys = Object::keys(outcome.unchecked_ref());
            keys.iter()
                .map(|key| Reflect::get(&outcome, &key).unwrap())
                .collect::<Array>()
        });
        let texts: Vec<_> = texts.map(|texts| String::from(texts.join(" "))).collect();
        assert_eq!(texts, ["fulfilled 5", "rejected bad"]);
    });
}

#[test]
#[should_panic(expected = "in a future that is waited for")]
fn a_panic_goes_on_out_of_block_on() {
    block_on(async { panic!("in a future that is waited for") });
}

#[test]
fn another_thread_can_wake_a_future() {
    let (sender, receiver) = oneshot::channel();
    std::thread::spawn(move || sender.send(6).unwrap());
    assert_eq!(block_on(async { receiver.await.unwrap() }), 6);
}

#[test]
fn a_future_that_waits_for_nothing_keeps_no_loop() {
    run(|| spawn_local(std::future::pending()));
}

#[test]
#[should_panic(expected = "in a future")]
fn a_panic_in_a_future_goes_on_out_of_the_loop() {
    run(|| spawn_local(async { panic!("in a future") }));
}

#[test]
fn a_future_that_is_dropped_with_its_thread_can_use_the_library() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            spawn_local(async {});
            assert!(dom_websocket_web::web_sys::WebSocket::new("ws://localhost/").is_err());
        }
    }
    let thread = std::thread::spawn(|| {
        run(|| {
            spawn_local(async {
                let _last = Last;
                std::future::pending().await
            });
        });
    });
    thread.join().unwrap();
}

#[test]
#[should_panic(expected = "block_on inside of a callback")]
fn a_callback_can_not_block() {
    run(|| block_on(async {}));
}
