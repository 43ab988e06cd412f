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
