//! Who hears of what scripts throw in listeners.
#![cfg(feature = "quickjs")]

use dom_websocket::host::{Options, quickjs};
use dom_websocket::{EventLoop, Exception, Host};
use rquickjs::{Context, Function, Runtime};
use std::cell::RefCell;
use std::rc::Rc;

/// Remembers what it hears of.
#[derive(Clone, Default)]
struct Ear(Rc<RefCell<Vec<String>>>);

impl Host for Ear {
    fn report_exception(&self, exception: Exception) {
        let text = exception.to_string();
        self.0
            .borrow_mut()
            .push(text.lines().next().unwrap_or_default().to_owned());
    }
}

/// Two exceptions: one of a listener that script itself calls, one of a task's.
const SCRIPT: &str = "
    const target = new EventTarget();
    target.addEventListener('x', () => { throw new TypeError('from script') });
    target.dispatchEvent(new Event('x'));
    const socket = new WebSocket('ws://127.0.0.1:1/');
    socket.onerror = () => { throw 'from a task' };
";

fn page(event_loop: &EventLoop) -> quickjs::Page {
    let context = Context::full(&Runtime::new().unwrap()).unwrap();
    quickjs::install(&context, Options::new(event_loop)).unwrap()
}

#[test]
fn the_loops_host_hears_of_it_as_text() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let page = page(&event_loop);
    page.run(|cx| cx.eval::<(), _>(SCRIPT)).unwrap();
    event_loop.run();
    assert_eq!(*ear.0.borrow(), ["TypeError: from script", "from a task"]);
}

#[test]
fn a_reporter_hears_of_it_instead_and_gets_the_value() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let page = page(&event_loop);
    page.run(|cx| {
        let reporter: Function<'_> =
            cx.eval("globalThis.heard = []; (error) => { heard.push(error.message ?? error) }")?;
        page.set_reporter(&reporter)?;
        cx.eval::<(), _>(SCRIPT)
    })
    .unwrap();
    event_loop.run();
    let heard: Vec<String> = page.run(|cx| cx.eval("heard")).unwrap();
    assert_eq!(heard, ["from script", "from a task"]);
    assert!(ear.0.borrow().is_empty());
}

#[test]
fn what_a_reporter_throws_is_the_hosts() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let page = page(&event_loop);
    page.run(|cx| {
        let reporter: Function<'_> = cx.eval("() => { throw 'of the reporter' }")?;
        page.set_reporter(&reporter)?;
        cx.eval::<(), _>(SCRIPT)
    })
    .unwrap();
    event_loop.run();
    assert_eq!(*ear.0.borrow(), ["of the reporter", "of the reporter"]);
}
