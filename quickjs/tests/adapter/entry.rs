//! Ways in, and where there is none.

use dom_websocket::host::Options;
use dom_websocket::{EventLoop, Turn};
use dom_websocket_quickjs::install;
use rquickjs::{Context, Runtime};

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
