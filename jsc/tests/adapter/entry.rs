//! Ways in, and what is kept beyond them.

use crate::subject::{Jsc, context, value};
use dom_websocket::host::conformance::{Fixture, Subject};
use dom_websocket::host::{Engine, Key, Options, ScriptError};
use dom_websocket::{EventLoop, Exception, Host, Server};
use dom_websocket_jsc::{Context, Page, install, install_in};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

/// Runs a script in a page.
pub(crate) fn run(page: &Page, script: &str) -> String {
    let done = page.run(|scope| {
        let value = scope.evaluate("test", script);
        value
            .and_then(|value| scope.to_dom_string(&value))
            .map_err(|exception| ScriptError::new(scope, exception))
    });
    done.unwrap().into_usv_string()
}

/// A server that sends back what it gets, until its first client has gone.
pub(crate) fn serve_echo(event_loop: &EventLoop) -> String {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let address = format!("ws://{}/", server.local_addr());
    let server = Rc::new(RefCell::new(Some(server)));
    let open = server.clone();
    open.borrow()
        .as_ref()
        .unwrap()
        .set_onconnection(move |socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
            let server = server.clone();
            socket.set_onclose(move |_| {
                if let Some(server) = server.take() {
                    server.close();
                }
            });
        });
    address
}

/// Sends three messages, and logs what comes back.
pub(crate) fn echo(address: &str) -> String {
    format!(
        "globalThis.log = [];
         const socket = new WebSocket('{address}');
         socket.onopen = () => ['a', 'b', 'c'].forEach((text) => socket.send(text));
         socket.onmessage = ({{ data }}) => {{
             log.push(data);
             Promise.resolve().then(() => log.push(data.toUpperCase()));
             if (data === 'c') socket.close();
         }};
         socket.onclose = ({{ code }}) => log.push(code);"
    )
}

/// Remembers what it hears of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ear(pub(crate) Rc<RefCell<Vec<String>>>);

impl Host for Ear {
    fn report_exception(&self, exception: Exception) {
        self.0.borrow_mut().push(exception.to_string());
    }
}

#[test]
fn a_context_is_entered_as_its_host_says() {
    let event_loop = EventLoop::new();
    let entries = Rc::new(Cell::new(0));
    let counted = entries.clone();
    let context = context();
    let enter = move |visit: &mut dyn FnMut()| {
        counted.set(counted.get() + 1);
        visit();
    };
    let page = install_in(&context, Options::new(&event_loop), enter).unwrap();
    // A host may enter by itself, too.
    context
        .evaluate("script", &echo(&serve_echo(&event_loop)))
        .unwrap();
    event_loop.run();
    assert!(entries.get() > 6);
    assert_eq!(run(&page, "log.join(' ')"), "a A b B c C 1005");
}

#[test]
fn a_context_that_is_not_to_be_entered_is_not() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let is_free = Rc::new(Cell::new(true));
    let asked = is_free.clone();
    let context = context();
    let enter = move |visit: &mut dyn FnMut()| {
        if asked.get() {
            visit();
        }
    };
    let page = install_in(&context, Options::new(&event_loop), enter).unwrap();
    run(
        &page,
        "new WebSocket('ws://127.0.0.1:1/').onclose = () => {};",
    );
    is_free.set(false);
    event_loop.run();
    assert!(catch_unwind(AssertUnwindSafe(|| page.run(|_| ()))).is_err());
    is_free.set(true);
    let heard = ear.0.borrow();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].starts_with("an event is lost"), "{heard:?}");
}

#[test]
fn a_context_may_be_the_hosts_own() {
    let event_loop = EventLoop::new();
    let of_host = context();
    // SAFETY: it is alive, and on this thread.
    let context = unsafe { Context::from_raw(of_host.as_raw()) };
    let page = install(&context, Options::new(&event_loop)).unwrap();
    drop(context);
    assert_eq!(page.context().as_raw(), of_host.as_raw());
    of_host
        .evaluate("script", "globalThis.is_there = typeof WebSocket")
        .unwrap();
    assert_eq!(run(&page, "is_there"), "function");
}

#[test]
fn what_a_context_runs_before_may_throw() {
    let context = context();
    let error = context.evaluate("script", "throw new TypeError('no')");
    assert_eq!(error.unwrap_err().message(), "TypeError: no");
    let error = context.evaluate("script", "throw { toString() { throw 1 } }");
    assert_eq!(
        error.unwrap_err().message(),
        "an exception that is no string"
    );
}

#[test]
fn calls_within_one_are_one() {
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    page.run(|_| {
        run(
            &page,
            "globalThis.log = ['a']; Promise.resolve().then(() => log.push('c'));",
        );
        run(&page, "log.push('b')");
    });
    assert_eq!(run(&page, "log.join()"), "a,b,c");
}

#[test]
fn streams_may_come_later() {
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    assert!(!page.install_streams().unwrap());
    assert_eq!(run(&page, "'WebSocketStream' in globalThis"), "false");
    run(
        &page,
        "globalThis.ReadableStream = class {}; globalThis.WritableStream = class {};",
    );
    assert!(page.install_streams().unwrap());
    assert_eq!(run(&page, "'WebSocketStream' in globalThis"), "true");
    // For the same streams there is the same interface.
    run(&page, "globalThis.first = WebSocketStream");
    assert!(page.install_streams().unwrap());
    assert_eq!(run(&page, "first === WebSocketStream"), "true");
    run(
        &page,
        "Object.defineProperty(globalThis, 'ReadableStream', { get() { throw new TypeError('no') } })",
    );
    let error = page.install_streams().unwrap_err();
    assert_eq!(error.message(), "TypeError: no");
}

#[test]
fn values_are_kept_beyond_a_scope_and_for_their_engine_only() {
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    let kept = page.run(|scope| {
        let made = value(scope.evaluate("test", "globalThis.weak = 0; ({ a: 'x' })"));
        scope.save(&made)
    });
    let again = kept.clone();
    drop(kept);
    page.collect_garbage();
    let text = page.run(|scope| {
        let object = scope.restore(&again).unwrap();
        let a = value(scope.get(&object, Key::Name("a")));
        scope.to_dom_string(&a).ok()
    });
    assert_eq!(text.unwrap().as_str(), Some("x"));

    let beside = install(&page.context().beside(), Options::new(&event_loop)).unwrap();
    assert!(beside.run(|scope| scope.restore(&again).is_some()));
    let other = install(&context(), Options::new(&event_loop)).unwrap();
    assert!(other.run(|scope| scope.restore(&again).is_none()));
    assert!(other.set_reporter(&again).is_err());
    assert!(other.set_rejection_handler(&again).is_err());
    // It is no function.
    assert!(page.set_rejection_handler(&again).is_err());
}

#[test]
fn rejections_that_nobody_handles_are_heard_of() {
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    let handler = page.run(|scope| {
        let script =
            "globalThis.log = []; (promise, reason) => log.push(promise instanceof Promise, reason)";
        let handler = value(scope.evaluate("test", script));
        scope.save(&handler)
    });
    page.set_rejection_handler(&handler).unwrap();
    run(
        &page,
        "Promise.reject('a');
         const handled = Promise.reject('b'); Promise.resolve().then(() => handled.catch(() => {}));",
    );
    assert_eq!(run(&page, "log.join()"), "true,a");
}

#[test]
fn closures_take_and_give_values() {
    let event_loop = EventLoop::new();
    let page = install(&context(), Options::new(&event_loop)).unwrap();
    let function = page.run(|scope| {
        let swap = scope.new_closure("swap", 2, |scope, arguments| match arguments {
            [a, b] => scope.new_array(&[b.clone(), a.clone()], false),
            _ => Err(scope.string("two, please")?),
        });
        let swap = value(swap);
        scope.save(&swap)
    });
    let call = |script: &str| {
        page.run(|scope| {
            let undefined = scope.undefined();
            let caller = value(scope.evaluate("test", script));
            let function = scope.restore(&function).unwrap();
            let answer = scope.call(&caller, &undefined, &[function]);
            let text = answer.and_then(|answer| scope.to_dom_string(&answer));
            text.map_or_else(
                |exception| scope.describe(exception).0,
                |text| text.into_usv_string(),
            )
        })
    };
    assert_eq!(call("(swap) => swap(1, 'b')"), "b,1");
    assert_eq!(call("(swap) => swap(1)"), "two, please");
    assert_eq!(
        call("(swap) => [swap.name, swap.length, typeof swap, 'prototype' in swap]"),
        "swap,2,function,false"
    );
    assert!(call("(swap) => new swap(1, 2)").starts_with("TypeError"));
}

#[test]
fn a_closure_that_panics_does_so_where_the_engine_was_entered() {
    let fixture = Fixture::<Jsc>::new();
    fixture
        .subject
        .define("fail", Box::new(|| panic!("on purpose")));
    let running = AssertUnwindSafe(|| {
        fixture.run("try { fail(); } catch (error) { log.push(error.message); } log.push('on')")
    });
    let panic = catch_unwind(running).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(fixture.log(), "a function of the host's panicked on");
}
