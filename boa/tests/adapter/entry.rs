//! Ways in, and where there is none.

use boa_engine::{Context, Source};
use dom_websocket::host::Options;
use dom_websocket::{EventLoop, Turn};
use dom_websocket_boa::{Jobs, Page, install};
use std::cell::RefCell;
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
