//! Ways in, and where there is none.

use dom_websocket::host::Options;
use dom_websocket::{EventLoop, Server, Turn};
use dom_websocket_quickjs::{Page, install, install_in};
use futures::future::{FutureExt, join, select};
use rquickjs::function::{Async, Func};
use rquickjs::{AsyncContext, AsyncRuntime, CatchResultExt, Context, Ctx, Promise, Runtime};
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

#[test]
fn a_context_that_is_held_is_not_entered() {
    let event_loop = EventLoop::new();
    let context = Context::full(&Runtime::new().unwrap()).unwrap();
    let page = install(&context, Options::new(&event_loop)).unwrap();
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

/// A server that sends back what it gets, until its first client has gone.
fn serve_echo(event_loop: &EventLoop) -> String {
    let server = Server::listen(event_loop, "127.0.0.1:0").unwrap();
    let address = format!("ws://{}/", server.local_addr());
    let server = Rc::new(RefCell::new(Some(server)));
    let open = server.clone();
    let open = open.borrow();
    open.as_ref().unwrap().set_onconnection(move |socket, _| {
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

/// What sends three messages, and resolves to what came back.
fn script(address: &str) -> String {
    format!(
        "new Promise((resolve) => {{
            const heard = [];
            const socket = new WebSocket('{address}');
            socket.onopen = () => ['a', 'b', 'c'].forEach((text) => socket.send(text));
            socket.onmessage = ({{ data }}) => {{
                heard.push(data);
                queueMicrotask(() => heard.push(data.toUpperCase()));
                if (data === 'c') socket.close();
            }};
            socket.onclose = ({{ code }}) => resolve([...heard, code].join(' '));
        }})"
    )
}

/// A host that has its context somewhere among its own things.
struct App {
    context: Context,
    entries: Cell<usize>,
}

#[test]
fn a_context_is_entered_as_its_host_says() {
    let event_loop = EventLoop::new();
    let address = serve_echo(&event_loop);
    let app = Rc::new(App {
        context: Context::full(&Runtime::new().unwrap()).unwrap(),
        entries: Cell::new(0),
    });
    let host = app.clone();
    let enter = move |visit: &mut dyn FnMut(Ctx<'_>)| {
        host.entries.set(host.entries.get() + 1);
        host.context.with(&mut *visit);
    };
    let page = app
        .context
        .with(|ctx| install_in(&ctx, Options::new(&event_loop), enter))
        .unwrap();
    // A host may enter by itself, too.
    app.context.with(|ctx| {
        let script = format!(
            "{}.then((log) => {{ globalThis.log = log; }})",
            script(&address)
        );
        ctx.eval::<(), _>(script).unwrap();
    });
    event_loop.run();
    let log: String = page.run(|ctx| ctx.globals().get("log")).unwrap();
    assert_eq!(log, "a A b B c C 1005");
    assert!(app.entries.get() > 6);
}

/// Installs in a context of an asynchronous runtime.
async fn page_of(context: &AsyncContext, event_loop: &EventLoop) -> Page {
    let entered = context.clone();
    let enter = move |visit: &mut dyn FnMut(Ctx<'_>)| {
        let _ = entered.with(&mut *visit).now_or_never();
    };
    let options = Options::new(event_loop);
    let page = context.with(|ctx| install_in(&ctx, options, enter)).await;
    page.unwrap()
}

#[test]
fn an_asynchronous_context_is_entered_between_its_polls() {
    let event_loop = EventLoop::new();
    let address = serve_echo(&event_loop);
    let log = event_loop.block_on(async {
        let runtime = AsyncRuntime::new().unwrap();
        let context = AsyncContext::full(&runtime).await.unwrap();
        let page = page_of(&context, &event_loop).await;
        let script = script(&address);
        // What the promise is resolved by comes from the loop, which waits beside it.
        let log = context.async_with(async |ctx| {
            let promise: Promise<'_> = ctx.eval(script).unwrap();
            promise.into_future::<String>().await.catch(&ctx).unwrap()
        });
        let (log, ()) = join(log, event_loop.until_idle()).await;
        drop(page);
        log
    });
    assert_eq!(log, "a A b B c C 1005");
}

#[test]
fn listeners_wait_for_futures_of_an_asynchronous_runtime() {
    let event_loop = EventLoop::new();
    let address = serve_echo(&event_loop);
    event_loop.block_on(async {
        let runtime = AsyncRuntime::new().unwrap();
        let context = AsyncContext::full(&runtime).await.unwrap();
        let page = page_of(&context, &event_loop).await;
        let sleeping = event_loop.downgrade();
        page.run(|ctx| {
            let pause = move || {
                let sleep = sleeping.upgrade().map(|event_loop| {
                    let sleep = event_loop.sleep(Duration::from_millis(5));
                    // The loop is not idle meanwhile.
                    (sleep, event_loop.keep_alive())
                });
                async move {
                    if let Some((sleep, _alive)) = sleep {
                        sleep.await;
                    }
                }
            };
            ctx.globals().set("pause", Func::from(Async(pause))).unwrap();
            ctx.globals().set("address", address).unwrap();
            ctx.eval::<(), _>(
                "globalThis.log = [];
                 const socket = new WebSocket(address);
                 socket.onopen = async () => { await pause(); socket.send('x'); log.push('sent'); };
                 socket.onmessage = async ({ data }) => { log.push(data); await pause(); socket.close(); };
                 socket.onclose = async () => { await pause(); log.push('closed'); };",
            )
            .unwrap();
        });
        // `drive` goes on for as long as there is a runtime.
        select(pin!(event_loop.until_idle()), pin!(runtime.drive())).await;
        let log: String = page.run(|ctx| ctx.eval("log.join(' ')")).unwrap();
        assert_eq!(log, "sent x closed");
    });
}

#[test]
fn streams_may_come_later() {
    let event_loop = EventLoop::new();
    let context = Context::full(&Runtime::new().unwrap()).unwrap();
    let page = install(&context, Options::new(&event_loop)).unwrap();
    let has_streams = || page.run(|cx| cx.eval::<bool, _>("'WebSocketStream' in globalThis"));
    assert!(!page.install_streams().unwrap());
    assert!(!has_streams().unwrap());
    let polyfill = "globalThis.ReadableStream = class {}; globalThis.WritableStream = class {};";
    page.run(|cx| cx.eval::<(), _>(polyfill)).unwrap();
    assert!(page.install_streams().unwrap());
    assert!(has_streams().unwrap());
    // For the same streams there is the same interface.
    page.run(|cx| cx.eval::<(), _>("globalThis.first = WebSocketStream"))
        .unwrap();
    assert!(page.install_streams().unwrap());
    let is_first = page.run(|cx| cx.eval::<bool, _>("first === WebSocketStream"));
    assert!(is_first.unwrap());
    let getter = "Object.defineProperty(globalThis, 'ReadableStream', { get() { throw new TypeError('no') } })";
    page.run(|cx| cx.eval::<(), _>(format!("{getter}; undefined")))
        .unwrap();
    assert_eq!(
        page.install_streams().unwrap_err().message(),
        "TypeError: no"
    );
}
