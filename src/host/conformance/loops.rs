//! Engines, and the loops that drive them.
#![cfg(any(feature = "quickjs", feature = "boa"))]

#[path = "support/script.rs"]
mod script;

use dom_websocket::{EventLoop, Turn, WebSocket, host};
use script::{Engine, Fixture};
use std::sync::mpsc;
use std::time::Duration;

for_both_engines! {
    a_loop_of_the_hosts_own_is_woken,
    the_loop_may_go_first,
    a_future_drives_the_loop,
    an_unloaded_document_hears_nothing,
}

fn a_loop_of_the_hosts_own_is_woken<E: Engine>() {
    let fixture = Fixture::<E>::new();
    fixture.serve_echo();
    let (wake, woken) = mpsc::channel();
    fixture.event_loop.set_wake_up(move || {
        let _ = wake.send(());
    });
    fixture.run(
        r"const socket = new WebSocket(address);
        socket.onopen = () => socket.send('x');
        socket.onmessage = (e) => { log.push(e.data); socket.close(); };
        socket.onclose = () => log.push('closed'); undefined",
    );
    loop {
        match fixture.event_loop.turn() {
            Turn::Idle => break,
            Turn::More => {}
            Turn::Waiting => woken.recv_timeout(Duration::from_secs(10)).unwrap(),
        }
    }
    assert_eq!(fixture.log(), "x closed");
}

fn the_loop_may_go_first<E: Engine>() {
    let event_loop = EventLoop::new();
    let engine = E::install_after("", host::Options::new(&event_loop));
    drop(event_loop);
    engine
        .eval("const socket = new WebSocket('ws://127.0.0.1:4/'); socket.onclose = () => socket;");
    assert_eq!(engine.eval("socket.readyState"), "0");
}

fn a_future_drives_the_loop<E: Engine>() {
    let fixture = Fixture::<E>::new();
    fixture.run("const socket = new WebSocket('ws://127.0.0.1:4/'); socket.onclose = (e) => log.push(e.code); undefined");
    futures::executor::block_on(fixture.event_loop.until_idle());
    assert_eq!(fixture.log(), "1006");
}

fn an_unloaded_document_hears_nothing<E: Engine>() {
    let document = dom_websocket::Document::new("https://example.com/").unwrap();
    let fixture = Fixture::<E>::with(|options| options.document(&document));
    fixture.serve(|socket: &WebSocket| socket.send("x").map(drop).unwrap());
    fixture.run(
        r"const socket = new WebSocket(address);
        socket.onmessage = socket.onerror = socket.onclose = (e) => log.push(e.type);
        globalThis.weak = new WeakRef(socket); undefined",
    );
    while fixture.run("log.length") != "1" {
        while fixture.event_loop.turn() == Turn::More {}
    }
    document.unload();
    fixture.settle();
    assert_eq!(fixture.log(), "message");
    fixture.run("throws('InvalidStateError', () => new WebSocket(address)); undefined");
    fixture.check();
}

/// Script of one realm that uses the functions of another, `other`, on its own objects.
const ACROSS_REALMS: &str = r"
    globalThis.log = [];
    globalThis.weak = [];
    (() => {
        const there = other.EventTarget.prototype;
        const make = (name) => {
            const socket = new WebSocket('ws://127.0.0.1:4/' + name);
            weak.push(new WeakRef(socket));
            return socket;
        };
        const hear = (name, socket) => (e) => {
            log.push(e.type + ' ' + (e.target === socket && e.currentTarget === socket ? name : 'elsewhere'));
        };
        const bystander = make('bystander');
        bystander.onclose = hear('bystander', bystander);
        const added = make('added');
        there.addEventListener.call(added, 'close', hear('added', added));
        const set = make('set');
        const { get, set: setter } = Object.getOwnPropertyDescriptor(other.WebSocket.prototype, 'onclose');
        setter.call(set, hear('set', set));
        if (get.call(set) !== set.onclose) log.push('another handler');
        const removed = make('removed');
        const never = () => log.push('never');
        removed.addEventListener('close', never);
        there.removeEventListener.call(removed, 'close', never);
        const controller = new other.AbortController();
        const aborted = make('aborted');
        aborted.addEventListener('close', never, { signal: controller.signal });
        there.addEventListener.call(aborted, 'error', never, { signal: controller.signal });
        controller.abort();
        const dispatched = make('dispatched');
        there.addEventListener.call(dispatched, 'x', hear('dispatched', dispatched), { once: true });
        there.dispatchEvent.call(dispatched, new Event('x'));
        dispatched.dispatchEvent(new other.Event('x'));
        there.addEventListener.call(AbortSignal.timeout(1), 'abort', (e) => {
            log.push(e.type + ' ' + e.target.reason.name);
        });
        const ours = new other.AbortController();
        AbortSignal.any([ours.signal]).onabort = (e) => log.push(e.type + ' ' + e.target.reason);
        there.addEventListener.call(other.AbortSignal.any([AbortSignal.timeout(1)]), 'abort', () => log.push('any'));
        ours.abort('why');
    })();";

const HEARD_ACROSS_REALMS: &str =
    "abort TimeoutError,abort why,any,close added,close bystander,close set,x dispatched";

#[cfg(feature = "quickjs")]
mod of_quickjs {
    use super::*;
    use rquickjs::{Context, Function, Persistent, Runtime};
    use std::cell::RefCell;

    thread_local! {
        static PAGE: RefCell<Option<host::quickjs::Page>> = const { RefCell::new(None) };
    }

    #[test]
    fn a_page_is_left_in_a_handler() {
        let event_loop = EventLoop::new();
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        let page = host::quickjs::install(&context, host::Options::new(&event_loop)).unwrap();
        page.run(|cx| {
            let leave = Function::new(cx.clone(), || drop(PAGE.take())).unwrap();
            cx.globals().set("leave", leave).unwrap();
            cx.eval::<(), _>(
                "for (let i = 0; i < 3; i++) {
                    const socket = new WebSocket('ws://127.0.0.1:4/');
                    socket.onerror = () => { leave(); leave(); };
                    socket.addEventListener('error', () => { globalThis.after = 1; });
                    socket.onclose = () => { globalThis.closed = 1; };
                 }",
            )
            .unwrap();
        });
        PAGE.set(Some(page));
        event_loop.run();
        assert!(PAGE.take().is_none());
        let closed = context.with(|cx| cx.eval::<bool, _>("'closed' in globalThis"));
        assert!(!closed.unwrap());
    }

    #[test]
    fn a_context_that_is_held_is_not_entered() {
        let event_loop = EventLoop::new();
        let context = Context::full(&Runtime::new().unwrap()).unwrap();
        let page = host::quickjs::install(&context, host::Options::new(&event_loop)).unwrap();
        // Microtasks wait for a checkpoint that finds the engine free.
        context.with(|cx| {
            event_loop.run_script(|| {
                cx.eval::<(), _>("Promise.resolve().then(() => { globalThis.ran = true; })")
                    .unwrap();
            });
            assert_eq!(event_loop.turn(), Turn::Idle);
        });
        page.run(|_| ());
        assert!(page.run(|cx| cx.globals().get::<_, bool>("ran")).unwrap());
    }

    #[test]
    fn realms_share_a_runtime() {
        let event_loop = EventLoop::new();
        let runtime = Runtime::new().unwrap();
        let pages: Vec<_> = (0..3)
            .map(|_| {
                let context = Context::full(&runtime).unwrap();
                let options = host::Options::new(&event_loop);
                host::quickjs::install(&context, options).unwrap()
            })
            .collect();
        for page in &pages {
            page.run(|cx| {
                cx.eval::<(), _>(
                    "if (Object.getPrototypeOf(WebSocket.prototype.send) !== Function.prototype) throw 1;
                     if (!(new EventTarget().addEventListener instanceof Function)) throw 2;
                     try { new WebSocket(); throw 3; } catch (e) { if (!(e instanceof TypeError)) throw e; }
                     const socket = new WebSocket('ws://127.0.0.1:4/');
                     socket.onclose = () => Promise.resolve().then(() => { globalThis.closed = true; });",
                )
                .unwrap();
            });
        }
        event_loop.run();
        for page in &pages {
            assert!(
                page.run(|cx| cx.globals().get::<_, bool>("closed"))
                    .unwrap()
            );
        }
    }

    #[test]
    fn realms_use_functions_of_each_other() {
        let event_loop = EventLoop::new();
        let runtime = Runtime::new().unwrap();
        let [first, second] = [(); 2].map(|()| {
            let context = Context::full(&runtime).unwrap();
            host::quickjs::install(&context, host::Options::new(&event_loop)).unwrap()
        });
        let other = second.run(|cx| Persistent::save(&cx, cx.globals()));
        first.run(|cx| {
            cx.globals()
                .set("other", other.restore(&cx).unwrap())
                .unwrap();
            cx.eval::<(), _>(ACROSS_REALMS).unwrap();
        });
        event_loop.run();
        runtime.run_gc();
        first.run(|cx| {
            let heard: String = cx.eval("log.sort().join()").unwrap();
            assert_eq!(heard, HEARD_ACROSS_REALMS);
            let left: usize = cx.eval("weak.filter((w) => w.deref()).length").unwrap();
            assert_eq!(left, 0);
        });
    }
}

#[cfg(feature = "boa")]
mod of_boa {
    use super::*;
    use boa_engine::job::{NativeJob, TimeoutJob};
    use boa_engine::property::Attribute;
    use boa_engine::{Context, JsString, JsValue, NativeFunction, Source};
    use std::cell::RefCell;
    use std::rc::Rc;

    thread_local! {
        static PAGE: RefCell<Option<host::boa::Page>> = const { RefCell::new(None) };
    }

    fn page(event_loop: &EventLoop) -> (Rc<RefCell<Context>>, host::boa::Page) {
        let jobs = host::boa::Jobs::new(event_loop);
        let context = Context::builder().job_executor(jobs).build().unwrap();
        let context = Rc::new(RefCell::new(context));
        let page = host::boa::install(&context, host::Options::new(event_loop)).unwrap();
        (context, page)
    }

    #[test]
    fn a_page_is_left_in_a_handler() {
        let event_loop = EventLoop::new();
        let (context, page) = page(&event_loop);
        page.run(|context| {
            let leave = NativeFunction::from_fn_ptr(|_, _, _| {
                drop(PAGE.take());
                Ok(JsValue::undefined())
            });
            context
                .register_global_callable(JsString::from("leave"), 0, leave)
                .unwrap();
            context
                .eval(Source::from_bytes(
                    "for (let i = 0; i < 3; i++) {
                        const socket = new WebSocket('ws://127.0.0.1:4/');
                        socket.onerror = () => { leave(); leave(); };
                        socket.onclose = () => { globalThis.closed = 1; };
                     }",
                ))
                .unwrap();
        });
        PAGE.set(Some(page));
        event_loop.run();
        assert!(PAGE.take().is_none());
        let closed = context
            .borrow_mut()
            .eval(Source::from_bytes("'closed' in globalThis"))
            .unwrap();
        assert!(!closed.to_boolean());
    }

    #[test]
    fn a_context_that_is_held_is_not_entered() {
        let event_loop = EventLoop::new();
        let (context, page) = page(&event_loop);
        {
            let mut context = context.borrow_mut();
            event_loop.run_script(|| {
                let script = "Promise.resolve().then(() => { globalThis.ran = true; })";
                context.eval(Source::from_bytes(script)).unwrap();
            });
            assert_eq!(event_loop.turn(), Turn::Idle);
        }
        page.run(|_| ());
        let ran = page.run(|context| context.eval(Source::from_bytes("ran")));
        assert!(ran.unwrap().to_boolean());
    }

    #[test]
    fn realms_share_a_context() {
        let event_loop = EventLoop::new();
        let (context, first) = page(&event_loop);
        let realm = context.borrow_mut().create_realm().unwrap();
        let before = context.borrow_mut().enter_realm(realm);
        let second = host::boa::install(&context, host::Options::new(&event_loop)).unwrap();
        context.borrow_mut().enter_realm(before);
        for page in [&first, &second] {
            page.run(|context| {
                context
                    .eval(Source::from_bytes(
                        "if (Object.getPrototypeOf(WebSocket.prototype.send) !== Function.prototype) throw 1;
                         try { new WebSocket(); throw 3; } catch (e) { if (!(e instanceof TypeError)) throw e; }
                         const socket = new WebSocket('ws://127.0.0.1:4/');
                         socket.onclose = () => Promise.resolve().then(() => { globalThis.closed = true; });",
                    ))
                    .unwrap();
            });
        }
        event_loop.run();
        for page in [&first, &second] {
            let closed = page.run(|context| context.eval(Source::from_bytes("closed")));
            assert!(closed.unwrap().to_boolean());
        }
    }

    #[test]
    fn realms_use_functions_of_each_other() {
        let event_loop = EventLoop::new();
        let (context, first) = page(&event_loop);
        let realm = context.borrow_mut().create_realm().unwrap();
        let before = context.borrow_mut().enter_realm(realm);
        let second = host::boa::install(&context, host::Options::new(&event_loop)).unwrap();
        context.borrow_mut().enter_realm(before);
        let other = second.run(|context| context.global_object());
        first.run(|context| {
            let attribute = Attribute::all();
            context
                .register_global_property(JsString::from("other"), other, attribute)
                .unwrap();
            context.eval(Source::from_bytes(ACROSS_REALMS)).unwrap();
        });
        event_loop.run();
        boa_engine::gc::force_collect();
        for (script, result) in [
            ("log.sort().join()", HEARD_ACROSS_REALMS),
            ("weak.filter((w) => w.deref()).length + ''", "0"),
        ] {
            let value = first.run(|context| context.eval(Source::from_bytes(script)));
            let value = value.unwrap().as_string().unwrap().to_std_string_lossy();
            assert_eq!(value, result);
        }
    }

    #[test]
    fn timers_are_tasks_in_their_order() {
        let event_loop = EventLoop::new();
        let (context, page) = page(&event_loop);
        page.run(|context| context.eval(Source::from_bytes("globalThis.log = ''")))
            .unwrap();
        for (name, time) in [("c", 30), ("a", 1), ("b", 2), ("d", 30)] {
            let job = NativeJob::new(move |context: &mut Context| {
                context.eval(Source::from_bytes(&format!(
                    "log += '{name}'; Promise.resolve().then(() => {{ log += '!'; }});"
                )))
            });
            context
                .borrow_mut()
                .enqueue_job(TimeoutJob::new(job, time).into());
        }
        // All are due by the time the loop looks.
        std::thread::sleep(Duration::from_millis(50));
        event_loop.run();
        let log = page
            .run(|context| context.eval(Source::from_bytes("log")))
            .unwrap();
        let log = log.as_string().unwrap().to_std_string_lossy();
        assert_eq!(log, "a!b!c!d!");
    }
}
