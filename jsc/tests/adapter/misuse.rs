//! Hosts that ask for what can't be: they hear of it, whatever the C API would have made of it.

use crate::entry::run;
use crate::subject::{context, value};
use dom_websocket::EventLoop;
use dom_websocket::host::{Engine, Key, Options};
use dom_websocket_jsc::{Page, install};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

fn page(event_loop: &EventLoop) -> Page {
    install(&context(), Options::new(event_loop)).unwrap()
}

#[test]
fn what_is_no_object_has_nothing_of_one() {
    let event_loop = EventLoop::new();
    let page = page(&event_loop);
    page.run(|scope| {
        let primitives =
            value(scope.evaluate("test", "[undefined, null, true, 1.5, 'x', Symbol(), 2n]"));
        for index in ["0", "1", "2", "3", "4", "5", "6"] {
            let primitive = value(scope.get(&primitives, Key::Name(index)));
            assert!(scope.get(&primitive, Key::Name("x")).is_err(), "{index}");
            assert!(scope.get(&primitive, Key::Iterator).is_err(), "{index}");
            assert!(scope.set_prototype_of(&primitive, &primitives).is_err());
            assert!(scope.prototype_of(&primitive).is_err());
            assert!(scope.host_defined(&primitive).is_none());
            assert!(scope.slot(&primitive, 0).is_none());
        }
    });
}

#[test]
fn a_handler_of_rejections_is_a_function() {
    let event_loop = EventLoop::new();
    let page = page(&event_loop);
    for script in ["1.5", "undefined", "'x'", "Symbol()", "({})"] {
        let kept = page.run(|scope| {
            let kept = value(scope.evaluate("test", script));
            scope.save(&kept)
        });
        assert!(page.set_rejection_handler(&kept).is_err(), "{script}");
    }
}

#[test]
fn a_function_is_called_with_the_this_that_it_is_given() {
    let event_loop = EventLoop::new();
    let page = page(&event_loop);
    page.run(|scope| {
        let strict = "(function () { 'use strict'; return this === null ? 'null' : typeof this; })";
        let strict = value(scope.evaluate("test", strict));
        let all = [
            (scope.undefined(), "undefined"),
            (scope.null(), "null"),
            (scope.number(1.0), "number"),
            (scope.global(), "object"),
        ];
        for (this, expected) in all {
            let told = value(scope.call(&strict, &this, &[]));
            assert_eq!(
                scope.to_dom_string(&told).ok().unwrap().as_str(),
                Some(expected)
            );
        }
    });
}

#[test]
fn no_slot_is_where_something_else_lies() {
    let event_loop = EventLoop::new();
    let page = page(&event_loop);
    page.run(|scope| {
        let (registry, one) = (scope.registry(), scope.number(1.0));
        // An adapter's own, by the trait, of which this one needs none.
        for slot in 40..64 {
            scope.set_slot(&registry, slot, Some(one.clone()));
        }
        for slot in [usize::MAX, u32::MAX as usize, u32::MAX as usize - 1] {
            let setting = AssertUnwindSafe(|| scope.set_slot(&registry, slot, Some(one.clone())));
            assert!(catch_unwind(setting).is_err(), "{slot}");
        }
    });
    assert_eq!(run(&page, "typeof new EventTarget()"), "object");
}

#[test]
fn a_scope_below_another_engines_is_not_to_be_used() {
    let event_loop = EventLoop::new();
    let pages = [page(&event_loop), page(&event_loop)];
    pages[0].run(|first| {
        pages[1].run(|_| {
            let below =
                AssertUnwindSafe(|| first.evaluate("test", "globalThis.onlyHere = 1").is_ok());
            assert!(catch_unwind(below).is_err());
        });
        value(first.evaluate("test", "globalThis.after = 1"));
    });
    assert_eq!(run(&pages[0], "after + typeof onlyHere"), "1undefined");
}

#[test]
fn a_panic_of_a_closure_goes_on_where_a_context_ran_the_script() {
    let event_loop = EventLoop::new();
    let context = context();
    let page = install(&context, Options::new(&event_loop)).unwrap();
    page.run(|scope| {
        let fail = value(scope.new_closure("fail", 0, |_, _| panic!("on purpose")));
        let keep = value(scope.evaluate("test", "(fail) => { globalThis.fail = fail; }"));
        let undefined = scope.undefined();
        value(scope.call(&keep, &undefined, &[fail]));
    });
    drop(page);
    let running = AssertUnwindSafe(|| context.evaluate("test", "try { fail(); } catch {}"));
    let panic = catch_unwind(running).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
}

#[test]
fn script_and_host_may_call_each_other_as_deep_as_the_stack_is() {
    // As a thread of Rust's has it.
    let deep = thread::spawn(|| {
        let event_loop = EventLoop::new();
        let page = std::rc::Rc::new(page(&event_loop));
        let again = std::rc::Rc::downgrade(&page);
        page.run(|scope| {
            let down = scope.new_closure("down", 0, move |scope, _| {
                if let Some(page) = again.upgrade() {
                    let went = page.run(|scope| scope.evaluate("test", "deeper()").is_ok());
                    return Ok(scope.boolean(went));
                }
                Ok(scope.undefined())
            });
            let down = value(down);
            let keep = "(down) => { globalThis.depth = 0; globalThis.deeper = () => { depth++; return down(); }; }";
            let keep = value(scope.evaluate("test", keep));
            let undefined = scope.undefined();
            value(scope.call(&keep, &undefined, &[down]));
        });
        run(&page, "try { deeper(); } catch {} depth > 10")
    });
    assert_eq!(deep.join().unwrap(), "true");
}
