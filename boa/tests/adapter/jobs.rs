//! Jobs of Boa's on the loop.

use crate::entry::page;
use boa_engine::job::{NativeJob, TimeoutJob};
use boa_engine::{Context, Source};
use dom_websocket::EventLoop;
use std::time::Duration;

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
