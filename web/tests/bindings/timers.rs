use dom_websocket_web::{event_loop, js_sys, run, turn, wasm_bindgen, web_sys};
use js_sys::{Array, Function};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::Window;

fn function<T: ?Sized>(closure: &Closure<T>) -> Function {
    closure.as_ref().clone().unchecked_into()
}

fn set_timeout(handler: &Function, timeout: i32) -> i32 {
    let window = web_sys::window().unwrap();
    let id = window.set_timeout_with_callback_and_timeout_and_arguments_0(handler, timeout);
    id.unwrap()
}

#[test]
fn the_window_has_intervals() {
    let count = Rc::new(Cell::new(0));
    let handle = Rc::new(Cell::new(0));
    let (counted, cleared) = (count.clone(), handle.clone());
    let closure = Closure::<dyn FnMut()>::new(move || {
        counted.set(counted.get() + 1);
        if counted.get() == 3 {
            web_sys::window()
                .unwrap()
                .clear_interval_with_handle(cleared.get());
        }
    });
    dom_websocket_web::run(|| {
        let window = web_sys::window().unwrap();
        let id =
            window.set_interval_with_callback_and_timeout_and_arguments_0(&function(&closure), 1);
        handle.set(id.unwrap());
    });
    assert_eq!(count.get(), 3);
}

#[test]
fn those_of_one_delay_fire_as_they_were_set() {
    let fired = Rc::new(RefCell::new(Vec::new()));
    let log = fired.clone();
    let closure = Closure::<dyn FnMut(u32)>::new(move |n: u32| log.borrow_mut().push(n));
    run(|| {
        let window = web_sys::window().unwrap();
        let ids: Vec<_> = (0..50)
            .map(|n: u32| {
                let set = Window::set_timeout_with_callback_and_timeout_and_arguments_1;
                set(&window, &function(&closure), 3, &n.into()).unwrap()
            })
            .collect();
        window.clear_timeout_with_handle(ids[7]);
    });
    let expected: Vec<_> = (0..50).filter(|n| *n != 7).collect();
    assert_eq!(fired.take(), expected);
}

/// Who was started first and is no longer than another fires first, however late both are.
#[test]
fn those_that_are_late_fire_as_they_were_started() {
    let fired = Rc::new(RefCell::new(Vec::new()));
    let log = fired.clone();
    let closure = Closure::<dyn FnMut(u32)>::new(move |n: u32| {
        std::thread::sleep(std::time::Duration::from_millis(2));
        log.borrow_mut().push(n);
    });
    run(|| {
        let window = web_sys::window().unwrap();
        for (n, delay) in (0u32..).zip([0, 0, 1, 1, 2, 3, 3, 5]) {
            let set = Window::set_timeout_with_callback_and_timeout_and_arguments_1;
            set(&window, &function(&closure), delay, &n.into()).unwrap();
        }
    });
    assert_eq!(fired.take(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_frame_ends_though_a_timer_sets_itself_anew() {
    let count = Rc::new(Cell::new(0));
    let itself = Rc::new(RefCell::new(None::<Function>));
    let (counted, again) = (count.clone(), itself.clone());
    let closure = Closure::<dyn FnMut()>::new(move || {
        counted.set(counted.get() + 1);
        if let Some(again) = &*again.borrow() {
            set_timeout(again, 0);
        }
    });
    itself.replace(Some(function(&closure)));
    set_timeout(&function(&closure), 0);
    while count.get() < 10 {
        turn();
    }
    // A slow frame may have seen it more than once.
    let so_far = count.get();
    itself.take();
    dom_websocket_web::run_until_idle();
    assert_eq!(count.get(), so_far + 1);
}

#[test]
fn a_frame_ends_though_tasks_have_no_end() {
    fn chain(is_over: Rc<Cell<bool>>) {
        if !is_over.get() {
            event_loop().queue_task(move || chain(is_over));
        }
    }
    let is_over = Rc::new(Cell::new(false));
    chain(is_over.clone());
    turn();
    is_over.set(true);
    dom_websocket_web::run_until_idle();
}

#[test]
fn what_no_timer_has_is_cleared_in_vain() {
    let window = web_sys::window().unwrap();
    window.clear_timeout();
    window.clear_interval_with_handle(-1);
    let once = Closure::<dyn FnMut(Array)>::new(|array: Array| assert_eq!(array.length(), 1));
    let arguments = Array::of1(&Array::of1(&1.into()));
    run(|| {
        let set = Window::set_timeout_with_callback_and_timeout_and_arguments;
        set(&window, &function(&once), -5, &arguments)
    })
    .unwrap();
}
