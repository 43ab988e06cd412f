//! Ways in, and where there is none.

use boa_engine::job::{NativeJob, TimeoutJob};
use boa_engine::{Context, Source};
use dom_websocket::host::Options;
use dom_websocket::{EventLoop, Exception, Host, Server, Turn};
use dom_websocket_boa::{Jobs, Page, install, install_in};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

pub(crate) fn page(event_loop: &EventLoop) -> (Rc<RefCell<Context>>, Page) {
    let jobs = Jobs::new(event_loop);
    let context = Context::builder().job_executor(jobs).build().unwrap();
    let context = Rc::new(RefCell::new(context));
    let page = install(&context, Options::new(event_loop)).unwrap();
    (context, page)
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

/// A host that has its context among its own things.
struct App {
    context: Context,
    entries: usize,
}

impl App {
    fn open(event_loop: &EventLoop) -> (Rc<RefCell<Self>>, Page) {
        let jobs = Jobs::new(event_loop);
        let context = Context::builder().job_executor(jobs).build().unwrap();
        let app = Rc::new(RefCell::new(Self {
            context,
            entries: 0,
        }));
        let entered = Rc::downgrade(&app);
        let enter = move |visit: &mut dyn FnMut(&mut Context)| {
            if let Some(app) = entered.upgrade()
                && let Ok(mut app) = app.try_borrow_mut()
            {
                app.entries += 1;
                visit(&mut app.context);
            }
        };
        let options = Options::new(event_loop);
        let page = install_in(&mut app.borrow_mut().context, options, enter).unwrap();
        (app, page)
    }

    fn evaluate(&mut self, script: &str) -> String {
        let value = self.context.eval(Source::from_bytes(script)).unwrap();
        let text = value.to_string(&mut self.context).unwrap();
        text.to_std_string_lossy()
    }
}

#[test]
fn a_context_is_entered_as_its_host_says() {
    let event_loop = EventLoop::new();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    let address = server.local_addr();
    let server = RefCell::new(Some(server));
    let server = Rc::new(server);
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
    let (app, page) = App::open(&event_loop);
    // The host enters by itself.
    app.borrow_mut().evaluate(&format!(
        "globalThis.log = [];
         const socket = new WebSocket('ws://{address}/');
         socket.onopen = () => ['a', 'b', 'c'].forEach((text) => socket.send(text));
         socket.onmessage = ({{ data }}) => {{
             log.push(data);
             Promise.resolve().then(() => log.push(data.toUpperCase()));
             if (data === 'c') socket.close();
         }};
         socket.onclose = ({{ code }}) => log.push(code);"
    ));
    // A timer is a task like others, and enters by the same way.
    let job = NativeJob::new(|context: &mut Context| {
        context.eval(Source::from_bytes("globalThis.ticked = true"))
    });
    let timer = TimeoutJob::new(job, 1);
    app.borrow_mut().context.enqueue_job(timer.into());
    event_loop.run();
    assert_eq!(
        app.borrow_mut().evaluate("log.join(' ')"),
        "a A b B c C 1005"
    );
    assert_eq!(app.borrow_mut().evaluate("ticked"), "true");
    assert!(app.borrow().entries > 6);
    drop(page);
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
fn a_context_that_goes_before_its_page_hears_nothing() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let (app, page) = App::open(&event_loop);
    app.borrow_mut().evaluate(
        "const socket = new WebSocket('ws://127.0.0.1:1/');
         socket.onclose = () => {};",
    );
    let context = Rc::downgrade(&app);
    drop(app);
    assert!(context.upgrade().is_none());
    event_loop.run();
    // The socket has failed, which nobody could be told.
    let heard = ear.0.borrow();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert!(heard[0].starts_with("an event is lost"), "{heard:?}");
    drop(page);
}

#[test]
fn a_panic_leaves_the_realm() {
    let event_loop = EventLoop::new();
    let (context, _page) = page(&event_loop);
    let other = context.borrow_mut().create_realm().unwrap();
    let before = context.borrow_mut().enter_realm(other);
    let beside = install(&context, Options::new(&event_loop)).unwrap();
    context.borrow_mut().enter_realm(before.clone());
    let panicking = AssertUnwindSafe(|| beside.run(|_| panic!("on purpose")));
    assert!(catch_unwind(panicking).is_err());
    assert!(*context.borrow().realm() == before);
}

#[test]
fn streams_may_come_later() {
    let event_loop = EventLoop::new();
    let (_context, page) = page(&event_loop);
    let evaluate = |script: &str| {
        let value = page.run(|context| context.eval(Source::from_bytes(script)));
        value.unwrap().to_boolean()
    };
    assert!(!page.install_streams().unwrap());
    assert!(!evaluate("'WebSocketStream' in globalThis"));
    evaluate("globalThis.ReadableStream = class {}; globalThis.WritableStream = class {};");
    assert!(page.install_streams().unwrap());
    assert!(evaluate("'WebSocketStream' in globalThis"));
    // For the same streams there is the same interface.
    evaluate("globalThis.first = WebSocketStream");
    assert!(page.install_streams().unwrap());
    assert!(evaluate("first === WebSocketStream"));
    evaluate(
        "Object.defineProperty(globalThis, 'ReadableStream', { get() { throw new TypeError('no') } })",
    );
    let error = page.install_streams().unwrap_err();
    assert_eq!(error.message(), "TypeError: no");
}
