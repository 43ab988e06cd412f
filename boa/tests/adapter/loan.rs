//! A context that is lent.

use crate::entry::Ear;
use boa_engine::job::{NativeJob, TimeoutJob};
use boa_engine::{Context, Source};
use dom_websocket::host::Options;
use dom_websocket::{EventLoop, Turn};
use dom_websocket_boa::{Jobs, Loan, Page, install_in};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn open(event_loop: &EventLoop) -> (Context, Loan, Page) {
    let jobs = Jobs::new(event_loop);
    let mut context = Context::builder().job_executor(jobs).build().unwrap();
    let loan = Loan::new().unwrap();
    let entered = loan.clone();
    let enter = move |visit: &mut dyn FnMut(&mut Context)| entered.enter(visit);
    let page = install_in(&mut context, Options::new(event_loop), enter).unwrap();
    (context, loan, page)
}

fn evaluate(context: &mut Context, script: &str) -> String {
    let value = context.eval(Source::from_bytes(script)).unwrap();
    value.to_string(context).unwrap().to_std_string_lossy()
}

const FAILING: &str = "globalThis.log = []; const socket = new WebSocket('ws://127.0.0.1:1/');
    socket.onclose = ({ code }) => { log.push(code); Promise.resolve().then(() => log.push('!')); };";

#[test]
fn events_and_timers_reach_it_while_it_is_lent() {
    let event_loop = EventLoop::new();
    let (mut context, loan, page) = open(&event_loop);
    evaluate(&mut context, FAILING);
    let job = NativeJob::new(|context: &mut Context| {
        context.eval(Source::from_bytes("log.push('timer')"))
    });
    context.enqueue_job(TimeoutJob::new(job, 1).into());
    loan.lend(&mut context, || event_loop.run());
    let log = evaluate(&mut context, "log.sort().join(' ')");
    assert_eq!(log, "! 1006 timer");
    let run = loan.lend(&mut context, || {
        page.run(|context| evaluate(context, "log.length"))
    });
    assert_eq!(run, "3");
}

#[test]
fn nothing_reaches_it_otherwise() {
    let ear = Ear::default();
    let event_loop = EventLoop::with_host(ear.clone());
    let (mut context, _loan, page) = open(&event_loop);
    evaluate(&mut context, FAILING);
    event_loop.run();
    assert_eq!(evaluate(&mut context, "log.length"), "0");
    let heard = ear.0.borrow();
    assert!(heard[0].starts_with("an event is lost"), "{heard:?}");
    assert!(catch_unwind(AssertUnwindSafe(|| page.run(|_| ()))).is_err());
}

#[test]
fn it_comes_back_from_a_panic() {
    let event_loop = EventLoop::new();
    let (mut context, loan, page) = open(&event_loop);
    evaluate(&mut context, "globalThis.mine = 'mine'");
    let panicking = AssertUnwindSafe(|| loan.lend(&mut context, || page.run(|_| panic!("no"))));
    assert!(catch_unwind(panicking).is_err());
    assert_eq!(evaluate(&mut context, "mine"), "mine");
}

#[test]
fn who_has_it_can_lend_it_again() {
    let event_loop = EventLoop::new();
    let (mut context, loan, page) = open(&event_loop);
    evaluate(&mut context, "globalThis.mine = 'mine'");
    let again = Cell::new(false);
    loan.lend(&mut context, || {
        page.run(|context| {
            // Script is running: the loop doesn't turn.
            assert_eq!(loan.lend(context, || event_loop.turn()), Turn::Idle);
            assert_eq!(evaluate(context, "mine"), "mine");
            again.set(true);
        });
    });
    assert!(again.get());
    // Another context takes its turn, and gives the place back.
    let mut other = Context::default();
    loan.lend(&mut context, || {
        loan.lend(&mut other, || {
            let mut is_other = false;
            loan.enter(&mut |context| {
                is_other = evaluate(context, "'mine' in globalThis") == "false"
            });
            assert!(is_other);
        });
        let mut is_ours = false;
        loan.enter(&mut |context| is_ours = evaluate(context, "mine") == "mine");
        assert!(is_ours);
    });
    assert_eq!(evaluate(&mut context, "mine"), "mine");
    assert_eq!(evaluate(&mut other, "'mine' in globalThis"), "false");
}
