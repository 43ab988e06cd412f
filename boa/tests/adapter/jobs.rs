//! Jobs of Boa's on the loop.

use crate::entry::{Ear, page};
use crate::subject::Boa;
use boa_engine::job::{NativeJob, TimeoutJob};
use boa_engine::{Context, Source};
use dom_websocket::host::conformance::{Fixture, Subject};
use dom_websocket::{EventLoop, Turn};
use std::time::{Duration, Instant};

/// Has a script run some milliseconds later.
fn set_timer(context: &mut Context, time: u64, script: &'static str) {
    let job = NativeJob::new(move |context: &mut Context| context.eval(Source::from_bytes(script)));
    context.enqueue_job(TimeoutJob::new(job, time).into());
}

#[test]
fn timers_are_tasks_in_their_order() {
    let event_loop = EventLoop::new();
    let (context, page) = page(&event_loop);
    page.run(|context| context.eval(Source::from_bytes("globalThis.log = ''")))
        .unwrap();
    for (name, time) in [("c", 2000), ("a", 1), ("b", 2), ("d", 2000)] {
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
    std::thread::sleep(Duration::from_millis(2010));
    event_loop.run();
    let log = page
        .run(|context| context.eval(Source::from_bytes("log")))
        .unwrap();
    let log = log.as_string().unwrap().to_std_string_lossy();
    assert_eq!(log, "a!b!c!d!");
}

#[test]
fn a_timer_that_throws_is_reported_in_its_realm() {
    let fixture = Fixture::<Boa>::new();
    let Some(beside) = fixture
        .subject
        .open_beside(dom_websocket::host::Options::new(&fixture.event_loop))
    else {
        unreachable!("Boa has many realms");
    };
    for realm in [&fixture.subject, &beside] {
        let script =
            "globalThis.heard = []; globalThis.reporter = (error) => { heard.push(error) }; 0";
        realm.evaluate(script).unwrap();
        realm.set_reporter("reporter");
    }
    let set = |realm: &Boa, script| realm.page.run(|context| set_timer(context, 1, script));
    set(&beside, "throw 'beside'");
    set(&fixture.subject, "throw 'first'");
    fixture.settle();
    assert_eq!(fixture.run("heard.join()"), "first");
    assert_eq!(beside.evaluate("heard.join()").as_deref(), Ok("beside"));
    assert!(fixture.reported.borrow().is_empty());
}

#[test]
fn a_timer_that_finds_the_context_in_use_is_lost_alone() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let (context, page) = page(&event_loop);
    page.run(|context| context.eval(Source::from_bytes("globalThis.log = ''")))
        .unwrap();
    set_timer(&mut context.borrow_mut(), 1, "log += 'a'");
    let held = context.borrow_mut();
    let end = Instant::now() + Duration::from_secs(10);
    while ear.0.borrow().is_empty() && Instant::now() < end {
        event_loop.turn();
    }
    drop(held);
    set_timer(&mut context.borrow_mut(), 1, "log += 'b'");
    event_loop.run();
    let log = page.run(|context| context.eval(Source::from_bytes("log")));
    assert_eq!(log.unwrap().as_string().unwrap().to_std_string_lossy(), "b");
    assert!(ear.0.borrow()[0].starts_with("a timer is lost"), "{ear:?}");
}

#[test]
fn a_context_that_goes_takes_its_timers_along() {
    let event_loop = EventLoop::new();
    let (context, page) = page(&event_loop);
    set_timer(&mut context.borrow_mut(), 60_000, "0");
    assert_ne!(event_loop.turn(), Turn::Idle);
    let begin = Instant::now();
    drop((page, context));
    event_loop.run();
    assert!(begin.elapsed() < Duration::from_secs(30));
}
