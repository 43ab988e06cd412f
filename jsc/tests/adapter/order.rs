//! Hosts that do everything in the wrong order.

use crate::entry::{Ear, echo, run, serve_echo};
use crate::subject::{Jsc, context, value};
use dom_websocket::EventLoop;
use dom_websocket::host::conformance::{Fixture, Subject};
use dom_websocket::host::{Engine, Key, Options, Property, PropertyContent};
use dom_websocket_jsc::{Page, install};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::thread;

/// Gives script a function of the host's.
fn define(page: &Page, name: &str, function: impl Fn() + 'static) {
    page.run(|scope| {
        let function = scope.new_closure(name, 0, move |scope, _| {
            function();
            Ok(scope.undefined())
        });
        let content = PropertyContent::Data {
            value: value(function),
            writable: true,
        };
        let property = Property {
            content,
            enumerable: true,
            configurable: true,
        };
        let global = scope.global();
        assert!(scope.define(&global, Key::Name(name), property).is_ok());
    });
}

#[test]
fn whatever_goes_first() {
    // In each order of loop, context, page and a value of its script.
    for first in 0..4 {
        for second in 0..4 {
            for third in 0..4 {
                let event_loop = EventLoop::new();
                let context = context();
                let page = install(&context, Options::new(&event_loop)).unwrap();
                let address = serve_echo(&event_loop);
                run(&page, &echo(&address));
                let kept = page.run(|scope| {
                    let socket = value(scope.evaluate("test", "socket"));
                    scope.save(&socket)
                });
                event_loop.turn();
                let mut all: [Option<Box<dyn std::any::Any>>; 4] = [
                    Some(Box::new(event_loop)),
                    Some(Box::new(context)),
                    Some(Box::new(page)),
                    Some(Box::new(kept)),
                ];
                for index in [first, second, third] {
                    drop(all[index].take());
                }
            }
        }
    }
}

#[test]
fn a_context_that_goes_before_its_page_goes_on() {
    let event_loop = EventLoop::new();
    let context = context();
    let page = install(&context, Options::new(&event_loop)).unwrap();
    drop(context);
    run(&page, &echo(&serve_echo(&event_loop)));
    event_loop.run();
    assert_eq!(run(&page, "log.join(' ')"), "a A b B c C 1005");
}

#[test]
fn a_page_goes_in_its_own_handler_and_nothing_else_is_left() {
    for handler in ["onopen", "onmessage", "onclose"] {
        let ear = Ear::default();
        let event_loop = EventLoop::with_host(ear.clone());
        let address = serve_echo(&event_loop);
        // The page keeps the only context there is.
        let page = install(&context(), Options::new(&event_loop)).unwrap();
        let page = Rc::new(RefCell::new(Some(page)));
        let leaving = Rc::downgrade(&page);
        define(page.borrow().as_ref().unwrap(), "leave", move || {
            let page = leaving.upgrade().and_then(|page| page.take());
            drop(page);
        });
        let script = format!(
            "const socket = new WebSocket('{address}');
             socket.onopen = () => socket.send('x');
             socket.onmessage = () => socket.close();
             socket.addEventListener('{event}', () => {{
                 leave();
                 Promise.resolve().then(() => {{ globalThis.went_on = new WebSocket('{address}'); }});
             }});",
            event = &handler[2..],
        );
        run(page.borrow().as_ref().unwrap(), &script);
        event_loop.run();
        assert!(page.borrow().is_none());
        assert_eq!(*ear.0.borrow(), [] as [&str; 0]);
    }
}

#[test]
fn functions_outlive_their_page() {
    let event_loop = EventLoop::new();
    let context = context();
    let page = install(&context, Options::new(&event_loop)).unwrap();
    run(
        &page,
        "globalThis.kept = new WebSocket('ws://127.0.0.1:1/'); kept.onclose = () => {};
         const global = globalThis;
         for (const name of Object.getOwnPropertyNames(global)) {
             if (name !== 'kept' && name !== 'WebSocket') delete global[name];
         }",
    );
    drop(page);
    for _ in 0..3 {
        context
            .evaluate(
                "after",
                "kept.addEventListener('x', () => {}); kept.readyState; kept.close();
                 try { new WebSocket('ws://127.0.0.1:1/') } catch {}
                 try { kept.send('x') } catch {}",
            )
            .unwrap();
        event_loop.run();
    }
}

#[test]
fn a_page_comes_again_and_again_in_one_context() {
    let event_loop = EventLoop::new();
    let context = context();
    for _ in 0..20 {
        let page = install(&context, Options::new(&event_loop)).unwrap();
        let address = serve_echo(&event_loop);
        run(&page, &format!("{{ {} }}", echo(&address)));
        event_loop.run();
        assert_eq!(run(&page, "log.join(' ')"), "a A b B c C 1005");
    }
}

#[test]
fn pages_of_two_engines_on_a_thread() {
    let event_loop = EventLoop::new();
    let pages: Vec<_> = (0..2)
        .map(|_| install(&context(), Options::new(&event_loop)).unwrap())
        .collect();
    let addresses: Vec<_> = pages.iter().map(|_| serve_echo(&event_loop)).collect();
    pages[0].run(|first| {
        value(first.evaluate("a", &echo(&addresses[0])));
        pages[1].run(|second| {
            value(second.evaluate("b", &echo(&addresses[1])));
            // The first is held, below the second.
            let again = AssertUnwindSafe(|| pages[0].run(|_| ()));
            assert!(catch_unwind(again).is_err());
            let context = pages[0].context();
            assert!(context.evaluate("c", "0").is_err());
            assert!(install(context, Options::new(&event_loop)).is_err());
            value(second.evaluate("d", "globalThis.onlyInB = 2"));
        });
        value(first.evaluate("e", "globalThis.onlyInA = 1"));
    });
    event_loop.run();
    for (page, names) in pages.iter().zip(["1,undefined", "undefined,2"]) {
        assert_eq!(run(page, "log.join(' ')"), "a A b B c C 1005");
        let script = "[globalThis.onlyInA, globalThis.onlyInB].map(String).join()";
        assert_eq!(run(page, script), names);
    }
}

#[test]
fn scripts_of_two_engines_call_each_other() {
    let event_loop = EventLoop::new();
    let pages: Rc<Vec<_>> = Rc::new(
        (0..2)
            .map(|_| install(&context(), Options::new(&event_loop)).unwrap())
            .collect(),
    );
    for (index, page) in pages.iter().enumerate() {
        let others = Rc::downgrade(&pages);
        define(page, "callOther", move || {
            let pages = others.upgrade().unwrap();
            run(&pages[1 - index], "callee()");
        });
        let script = format!(
            "globalThis.log = [];
             globalThis.callee = () => {{
                 const at = log.length; log.push('in' + at);
                 Promise.resolve().then(() => {{ globalThis['micro{index}' + at] = 1; log.push('micro' + at); }});
                 new EventTarget()['name{index}' + at]?.x;
                 if (log.length < 6) callOther();
                 log.push('out' + at);
             }};"
        );
        run(page, &script);
    }
    run(&pages[0], "callee()");
    let [first, second] = [0, 1].map(|index| run(&pages[index], "log.join(' ')"));
    assert_eq!(
        first,
        "in0 in1 in2 in3 in4 in5 out5 out4 out3 out2 out1 out0 micro0 micro1 micro2 micro3 micro4 micro5"
    );
    assert_eq!(
        second,
        "in0 in1 in2 in3 in4 out4 out3 out2 out1 out0 micro0 micro1 micro2 micro3 micro4"
    );
    event_loop.run();
}

#[test]
fn an_engine_is_entered_from_script_of_another() {
    let event_loop = EventLoop::new();
    let other = Rc::new(RefCell::new(None));
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    let made = other.clone();
    let turning = event_loop.clone();
    define(&page, "make", move || {
        let page = install(&context(), Options::new(&turning)).unwrap();
        run(
            &page,
            "globalThis.log = []; Promise.resolve().then(() => log.push('its own'));",
        );
        assert_eq!(run(&page, "log.join()"), "its own");
        made.replace(Some(page));
    });
    let dropped = other.clone();
    define(&page, "drop", move || drop(dropped.take()));
    let script = "globalThis.log = [];
        Promise.resolve().then(() => { log.push('micro'); make(); drop(); });
        make(); log.push('made'); drop(); log.push('dropped'); make();";
    run(&page, script);
    assert_eq!(run(&page, "log.join()"), "made,dropped,micro");
    event_loop.run();
    assert!(other.borrow().is_none());
}

#[test]
fn a_page_that_script_leads_to_by_a_closure_is_let_go() {
    // The closure has a page of another engine, which goes in a collection of this one's garbage.
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    let there = Rc::new(());
    for _ in 0..100 {
        let other = install(&context(), Options::new(&event_loop)).unwrap();
        let held = there.clone();
        define(&page, "hold", move || {
            let _ = (&other, &held);
        });
    }
    run(&page, "delete globalThis.hold");
    for _ in 0..5 {
        run(
            &page,
            "(function down(n) { return n && down(n - 1) + 1; })(50)",
        );
        page.collect_garbage();
    }
    let left = Rc::strong_count(&there) - 1;
    assert!(left <= Jsc::SPARED, "{left} are left");
}

#[test]
fn threads_have_a_page_each() {
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(|| {
                for _ in 0..5 {
                    let event_loop = EventLoop::new();
                    let page = install(&context(), Options::new(&event_loop)).unwrap();
                    run(&page, &echo(&serve_echo(&event_loop)));
                    event_loop.run();
                    assert_eq!(run(&page, "log.join(' ')"), "a A b B c C 1005");
                    page.collect_garbage();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_thread_ends_with_its_page_in_its_storage() {
    thread_local! {
        static KEPT: RefCell<Option<(Page, EventLoop)>> = const { RefCell::new(None) };
    }
    for _ in 0..3 {
        let thread = thread::spawn(|| {
            // It is destroyed before what the adapter keeps for the thread, or behind it.
            KEPT.with_borrow(|_| ());
            let event_loop = EventLoop::new();
            let page = install(&context(), Options::new(&event_loop)).unwrap();
            run(
                &page,
                "new WebSocket('ws://127.0.0.1:1/').onclose = () => {}",
            );
            KEPT.set(Some((page, event_loop)));
        });
        thread.join().unwrap();
    }
}

#[test]
fn the_loop_turns_inside_script() {
    let fixture = Fixture::<Jsc>::new();
    let event_loop = fixture.event_loop.clone();
    fixture.subject.define(
        "turn",
        Box::new(move || {
            event_loop.turn();
        }),
    );
    fixture.test(
        "const socket = new WebSocket('ws://127.0.0.1:1/');
         socket.onclose = () => { log.push('closed'); turn(); };
         for (let i = 0; i < 100; i += 1) turn();
         log.push('ran');",
    );
    assert_eq!(fixture.log(), "ran closed");
}
