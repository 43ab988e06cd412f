//! `AbortSignal` and `AbortController`: DOM section 3.

use super::{Fixture, Subject};
use crate::Turn;
use std::time::{Duration, Instant};

pub(super) fn signals_remove_listeners<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const controller = new AbortController();
        const { signal } = controller;
        same(controller.signal, signal);
        target.addEventListener('x', () => log.push('a'), { signal });
        target.addEventListener('x', () => { log.push('b'); controller.abort(); }, { signal });
        target.addEventListener('x', () => log.push('c'), { signal });
        target.addEventListener('x', () => log.push('d'));
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), 'a,b,d');
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), 'd');
        target.addEventListener('x', () => log.push('never'), { signal });
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), 'd');
        // Listeners are gone by the time the event is fired.
        const other = new AbortController();
        other.signal.addEventListener('abort', () => target.dispatchEvent(new Event('y')));
        target.addEventListener('y', () => log.push('never'), { signal: other.signal });
        other.abort();
        same(log.length, 0);",
    );
}

pub(super) fn abort_signals_abort<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const controller = new AbortController();
        const { signal } = controller;
        same(signal instanceof AbortSignal && signal instanceof EventTarget, true);
        same(signal.aborted, false); same(signal.reason, undefined); same(signal.throwIfAborted(), undefined);
        signal.onabort = (e) => { log.push('handler'); same(e.isTrusted, true); same(e.target, signal);
            same(signal.aborted, true); same(e.bubbles, false); same(e.constructor, Event); };
        signal.addEventListener('abort', () => log.push('listener'));
        controller.abort();
        controller.abort('again');
        same(log.splice(0).join(), 'handler,listener');
        same(signal.aborted, true);
        same(signal.reason.name, 'AbortError'); same(signal.reason.code, 20);
        throws(signal.reason, () => signal.throwIfAborted());
        for (const reason of [null, 0, {}, 'x']) same(AbortSignal.abort(reason).reason, reason);
        same(AbortSignal.abort().reason.name, 'AbortError');
        same(AbortSignal.abort(undefined).aborted, true);
        throws('TypeError', () => AbortController.prototype.abort.call({}));",
    );
}

pub(super) fn abort_signals_depend_on_others<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const [a, b] = [new AbortController(), new AbortController()];
        const any = AbortSignal.any([a.signal, b.signal]);
        const both = AbortSignal.any([any]);
        any.onabort = () => { log.push('any'); same(both.aborted, true); };
        both.onabort = () => log.push('both');
        b.signal.onabort = () => { log.push('b'); same(any.aborted, true); };
        b.abort('why');
        same(log.splice(0).join(), 'b,any,both');
        same(any.reason, 'why'); same(both.reason, 'why');
        a.abort('late');
        same(any.reason, 'why');
        same(AbortSignal.any([]).aborted, false);
        same(AbortSignal.any([new AbortController().signal, AbortSignal.abort(3)]).reason, 3);
        for (const signals of [undefined, null, {}, [1], [new EventTarget()]]) {
            throws('TypeError', () => AbortSignal.any(signals));
        }",
    );
}

pub(super) fn abort_signals_time_out<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const signal = AbortSignal.timeout(60);
        AbortSignal.timeout(1).onabort = (e) => {
            log.push('first');
            Promise.resolve().then(() => log.push('microtask'));
        };
        signal.addEventListener('abort', (e) => {
            log.push('second', signal.reason.name, e.isTrusted);
        });
        const target = new EventTarget();
        target.addEventListener('x', () => log.push('x'), { signal });
        signal.onabort = () => target.dispatchEvent(new Event('x'));
        same(signal.aborted, false);
        for (const time of [-1, NaN + 0 ? 0 : Infinity, 2 ** 53]) throws('TypeError', () => AbortSignal.timeout(time));
        throws('TypeError', () => AbortSignal.timeout('x'));
        throws('TypeError', () => AbortSignal.timeout(NaN));",
    );
    assert_eq!(fixture.log(), "first microtask second TimeoutError true");
    assert_eq!(fixture.run("signal.aborted"), "true");
}

/// DOM "signal abort": the source's algorithms and event, then those of each dependent; in a task, with
/// microtasks after each listener.
pub(super) fn a_timeout_is_a_task_of_its_own<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const source = AbortSignal.timeout(5);
        const [a, b] = [AbortSignal.any([source]), AbortSignal.any([source])];
        const target = new EventTarget();
        const listen = (signal, name) => {
            target.addEventListener('x', () => log.push('x' + name), { signal });
            for (const i of [1, 2]) signal.addEventListener('abort', (e) => {
                same(e.target, signal);
                same([source, a, b].every((s) => s.aborted && s.reason === source.reason), true);
                log.push(name + i);
                Promise.resolve().then(() => log.push(name + i + '!'));
                target.dispatchEvent(new Event('x'));
                source.addEventListener('late', () => {});
                source.onabort = null;
            });
        };
        listen(b, 'b'); listen(a, 'a'); listen(source, 's');",
    );
    assert_eq!(
        fixture.log(),
        "s1 xb xa s1! s2 xb xa s2! a1 xb a1! a2 xb a2! b1 b1! b2 b2!"
    );
    // The source's own event comes though a listener of it was touched meanwhile.
    fixture.test(
        r"(() => {
            const source = AbortSignal.timeout(5);
            const any = AbortSignal.any([source]);
            any.onabort = () => log.push('any');
            source.onabort = () => { log.push('source'); any.addEventListener('x', () => any); any.onabort = any.onabort; };
        })()",
    );
    assert_eq!(fixture.log(), "source any");
}

pub(super) fn a_timeout_that_nobody_waits_for_is_not_waited_for<S: Subject>() {
    for script in [
        "globalThis.signal = AbortSignal.timeout(600_000)",
        "globalThis.any = AbortSignal.any([AbortSignal.timeout(600_000)])",
        "const s = AbortSignal.timeout(600_000); s.onabort = () => s; s.onabort = null",
        "const a = AbortSignal.any([AbortSignal.timeout(600_000)]); a.onabort = () => a; a.onabort = null",
        "const s = AbortSignal.timeout(600_000); s.addEventListener('x', () => s)",
        "const s = AbortSignal.timeout(600_000), c = new AbortController();
         s.addEventListener('abort', () => s, { signal: c.signal }); c.abort()",
        "const a = AbortSignal.any([AbortSignal.timeout(600_000)]), c = new AbortController();
         a.addEventListener('abort', () => a, { signal: c.signal }); c.abort()",
        "const c = new AbortController(), a = AbortSignal.any([AbortSignal.timeout(600_000), c.signal]);
         a.onabort = () => a; c.abort()",
    ] {
        let fixture = Fixture::<S>::new();
        fixture.run(&format!("{script}; undefined"));
        // Which has less patience.
        fixture.settle();
    }
}

pub(super) fn a_timeout_is_waited_for_while_somebody_does<S: Subject>() {
    let fixture = Fixture::<S>::new();
    for (script, log) in [
        ("AbortSignal.timeout(20).onabort = () => log.push('a')", "a"),
        (
            "AbortSignal.any([AbortSignal.timeout(20)]).onabort = () => log.push('b')",
            "b",
        ),
        (
            "AbortSignal.timeout(20).addEventListener('abort', () => log.push('c'))",
            "c",
        ),
    ] {
        fixture.run(&format!("{script}; undefined"));
        fixture.subject.collect_garbage();
        fixture.settle();
        assert_eq!(fixture.log(), log);
    }
    fixture.run(
        "globalThis.target = new EventTarget();
        target.addEventListener('x', () => log.push('x'), { signal: AbortSignal.timeout(20) }); undefined",
    );
    fixture.subject.collect_garbage();
    fixture.settle();
    fixture.run("target.dispatchEvent(new Event('x'))");
    assert_eq!(fixture.log(), "");
}

pub(super) fn a_timeout_that_nobody_waits_for_passes<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"globalThis.signal = AbortSignal.timeout(20);
        globalThis.any = AbortSignal.any([new AbortController().signal, AbortSignal.timeout(20)]);
        globalThis.late = AbortSignal.timeout(20);
        globalThis.soon = AbortSignal.timeout(0);
        // Time stands still in a task.
        const begin = Date.now();
        while (Date.now() < begin + 40);
        same([signal, any, late, soon].some((s) => s.aborted || s.reason !== undefined), false);",
    );
    fixture.settle();
    std::thread::sleep(Duration::from_millis(40));
    fixture.test(
        r"for (const s of [signal, any, soon]) {
            same(s.aborted, true);
            same(s.reason.name, 'TimeoutError');
            throws(s.reason, () => s.throwIfAborted());
        }
        same(AbortSignal.any([any]).reason, any.reason);
        // It is over: there is no event to come.
        late.onabort = () => log.push('late');
        const target = new EventTarget();
        target.addEventListener('x', () => log.push('x'), { signal });
        target.dispatchEvent(new Event('x'));",
    );
    assert_eq!(fixture.log(), "");
}

pub(super) fn a_realm_that_goes_takes_its_timers_along<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"const source = AbortSignal.timeout(600_000);
        source.onabort = () => source;
        const any = AbortSignal.any([source, new AbortController().signal]);
        any.addEventListener('abort', () => any);
        new EventTarget().addEventListener('x', () => any, { signal: any });
        globalThis.unheard = AbortSignal.any([AbortSignal.timeout(600_000)]); undefined",
    );
    let begin = Instant::now();
    assert_ne!(fixture.event_loop.turn(), Turn::Idle);
    let Fixture {
        subject,
        event_loop,
        ..
    } = fixture;
    drop(subject);
    event_loop.run();
    assert!(begin.elapsed() < Duration::from_secs(60));
}

/// HTML "run steps after a timeout": those that began earlier and take no longer come first, however late it is and whoever was
/// listened to first.
pub(super) fn timeouts_end_in_the_order_of_their_beginnings<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const [a, b, c] = [5, 5, 5].map((time) => AbortSignal.timeout(time));
        c.onabort = () => log.push('c');
        const end = Date.now() + 10;
        while (Date.now() < end);
        b.onabort = () => log.push('b');
        a.onabort = () => { log.push('a'); same([b, c].some((s) => s.aborted), false); };",
    );
    assert_eq!(fixture.log(), "a b c");
}
