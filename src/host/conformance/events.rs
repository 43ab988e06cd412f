//! Events, listeners and handlers of script: DOM section 2, HTML "event handlers".

use super::{Fixture, Subject};

pub(super) fn listeners_run_in_two_passes<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        for (const [name, capture] of [['a', false], ['b', true], ['c', false], ['d', true]]) {
            target.addEventListener('x', (e) => {
                log.push(name + e.eventPhase);
                same(e.target, target); same(e.currentTarget, target); same(e.srcElement, target);
                same(e.composedPath().length, 1); same(e.composedPath()[0], target);
                same(e.composedPath() === e.composedPath(), false);
            }, capture);
        }
        const event = new Event('x');
        same(target.dispatchEvent(event), true);
        same(log.join(), 'b2,d2,a2,c2');
        same(event.target, target); same(event.currentTarget, null); same(event.eventPhase, 0);
        same(event.composedPath().length, 0);
        same(target.dispatchEvent(event), true);
        same(log.length, 8);",
    );
}

pub(super) fn a_listener_is_known_by_type_callback_and_capture<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const f = () => log.push('f');
        target.addEventListener('x', f);
        target.addEventListener('x', f, { once: true });
        target.addEventListener('x', f, true);
        target.addEventListener('x', f, { capture: true, passive: true });
        target.addEventListener('y', f);
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).length, 2);
        target.removeEventListener('x', () => log.push('f'));
        target.removeEventListener('x', f, true);
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).length, 1);
        target.removeEventListener('x', f, { capture: false, once: true });
        target.dispatchEvent(new Event('x'));
        same(log.length, 0);
        const g = { handleEvent() { log.push('g'); } };
        target.addEventListener('x', g); target.addEventListener('x', g);
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).length, 1);
        target.addEventListener('\ud800', f);
        target.dispatchEvent(new Event('\udfff'));
        target.dispatchEvent(new Event('\ufffd'));
        same(log.length, 0);
        target.dispatchEvent(new Event('\ud800'));
        same(log.splice(0).length, 1);
        // Many come and go.
        for (let i = 0; i < 1000; i++) {
            const h = () => log.push(i);
            target.addEventListener('z', h);
            if (i % 10) target.removeEventListener('z', h);
        }
        target.dispatchEvent(new Event('z'));
        same(log.length, 100);",
    );
}

pub(super) fn changes_during_dispatch_take_effect_in_the_next_pass<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        const late = () => log.push('late');
        const gone = () => log.push('gone');
        target.addEventListener('x', () => {
            log.push('first');
            target.addEventListener('x', late);
            target.removeEventListener('x', gone);
        });
        target.addEventListener('x', gone);
        target.addEventListener('x', () => { log.push('once'); target.dispatchEvent(new Event('y')); }, { once: true });
        target.addEventListener('x', () => {
            target.addEventListener('x', () => log.push('bubble'));
            target.addEventListener('x', () => log.push('capture'), true);
        }, { capture: true, once: true });
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), 'first,once,bubble');
        target.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), 'capture,first,bubble,late');
        // A listener that is removed and added again in the same pass is another one.
        const again = new EventTarget();
        const f = () => log.push('f');
        again.addEventListener('x', () => {
            again.removeEventListener('x', f); again.addEventListener('x', f);
        });
        again.addEventListener('x', f);
        again.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), '');
        again.dispatchEvent(new Event('x'));
        same(log.splice(0).join(), '');",
    );
}

pub(super) fn propagation_stops<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const run = (stop) => {
            const target = new EventTarget();
            target.addEventListener('x', (e) => { log.push('a'); stop(e); }, true);
            target.addEventListener('x', () => log.push('b'), true);
            target.addEventListener('x', () => log.push('c'));
            const event = new Event('x');
            target.dispatchEvent(event);
            same(event.cancelBubble, false);
            return log.splice(0).join();
        };
        same(run(() => {}), 'a,b,c');
        same(run((e) => e.stopPropagation()), 'a,b');
        same(run((e) => { e.cancelBubble = true; same(e.cancelBubble, true); }), 'a,b');
        same(run((e) => { e.cancelBubble = false; }), 'a,b,c');
        same(run((e) => e.stopImmediatePropagation()), 'a');
        const event = new Event('x');
        event.stopPropagation();
        const target = new EventTarget();
        target.addEventListener('x', () => log.push('never'));
        target.dispatchEvent(event);
        same(log.length, 0);
        target.dispatchEvent(event);
        same(log.length, 1);",
    );
}

pub(super) fn passive_listeners_cannot_cancel<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        target.addEventListener('x', (e) => { e.preventDefault(); e.returnValue = false; same(e.defaultPrevented, false); },
            { passive: true });
        const event = new Event('x', { cancelable: true });
        same(target.dispatchEvent(event), true);
        target.addEventListener('x', (e) => e.preventDefault());
        same(target.dispatchEvent(event), false);
        same(event.defaultPrevented, true); same(event.returnValue, false);
        same(target.dispatchEvent(new Event('x')), true);
        const other = new Event('x', { cancelable: true });
        other.returnValue = true; same(other.defaultPrevented, false);
        other.returnValue = 0; same(other.defaultPrevented, true);",
    );
}

pub(super) fn listener_objects_are_looked_up_when_called<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const target = new EventTarget();
        const listener = {};
        target.addEventListener('x', listener);
        target.dispatchEvent(new Event('x'));
        listener.handleEvent = function (e) { same(this, listener); same(e.type, 'x'); log.push('object'); };
        target.dispatchEvent(new Event('x'));
        target.addEventListener('y', { get handleEvent() { throw new RangeError('getter'); } });
        target.addEventListener('y', { handleEvent: 7 });
        target.addEventListener('y', () => log.push('after'));
        target.dispatchEvent(new Event('y'));
        const f = () => log.push('function'); f.handleEvent = () => log.push('wrong');
        target.addEventListener('z', f);
        target.dispatchEvent(new Event('z'));",
    );
    assert_eq!(fixture.log(), "object after function");
    let reported = fixture.reported.borrow();
    assert_eq!(reported.len(), 3, "{reported:?}");
    assert!(reported[0].starts_with("TypeError"));
    assert_eq!(reported[1], "RangeError: getter");
    assert!(reported[2].starts_with("TypeError"));
}

pub(super) fn this_is_the_current_target<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.onmessage = function (...args) { same(this, socket); same(args.length, 1); log.push('handler'); };
        socket.addEventListener('message', function (...args) { same(this, socket); same(args.length, 1); });
        socket.dispatchEvent(new MessageEvent('message'));
        same(log.join(), 'handler');",
    );
}

pub(super) fn handlers_keep_their_place<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        const fire = () => { socket.dispatchEvent(new Event('open')); return log.splice(0).join(); };
        const listen = (name) => socket.addEventListener('open', () => log.push(name));
        listen('a');
        socket.onopen = () => log.push('handler');
        listen('b');
        same(fire(), 'a,handler,b');
        socket.onopen = () => log.push('other');
        same(fire(), 'a,other,b');
        socket.onopen = {};
        same(fire(), 'a,b');
        socket.onopen = () => log.push('back');
        same(fire(), 'a,back,b');
        socket.onopen = null;
        same(fire(), 'a,b');
        socket.onopen = () => log.push('end');
        same(fire(), 'a,b,end');
        // Replaced while it runs, and by a listener ahead of it.
        socket.onopen = () => { log.push('one'); socket.onopen = () => log.push('two'); };
        same(fire(), 'a,b,one');
        same(fire(), 'a,b,two');
        const taken = new WebSocket('ws://127.0.0.1:1/');
        taken.addEventListener('open', () => { taken.onopen = null; });
        taken.onopen = () => failures.push('taken');
        taken.dispatchEvent(new Event('open'));",
    );
}

pub(super) fn a_handler_that_returns_false_cancels<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        const cancels = (value) => {
            socket.onerror = () => value;
            return !socket.dispatchEvent(new Event('error', { cancelable: true }));
        };
        same(cancels(false), true);
        for (const value of [true, 0, '', null, undefined, {}, new Boolean(false)]) same(cancels(value), false);
        socket.onerror = () => false;
        same(socket.dispatchEvent(new Event('error')), true);
        socket.onerror = null;
        socket.addEventListener('error', () => false);
        same(socket.dispatchEvent(new Event('error', { cancelable: true })), true);",
    );
}

pub(super) fn handlers_hear_events_of_script<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.onmessage = (e) => log.push(e.constructor.name, e.data, e.isTrusted);
        socket.dispatchEvent(new MessageEvent('message', { data: 'x' }));
        socket.dispatchEvent(new Event('message'));
        socket.dispatchEvent(new CloseEvent('message'));
        same(log.splice(0).join(), 'MessageEvent,x,false,Event,,false,CloseEvent,,false');
        socket.onclose = (e) => log.push(e.code);
        socket.dispatchEvent(new CloseEvent('close', { code: 7 }));
        same(log.splice(0).join(), '7');
        same(socket.readyState, 0);
        socket.onclose = null;",
    );
}

pub(super) fn an_exception_stops_nothing<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const target = new EventTarget();
        target.addEventListener('x', () => { log.push('a'); throw new RangeError('first'); });
        target.addEventListener('x', () => { log.push('b'); throw 'a string'; });
        target.addEventListener('x', () => { log.push('c'); throw undefined; });
        target.addEventListener('x', () => { log.push('d'); throw { toString() { throw 1; } }; });
        target.addEventListener('x', () => { log.push('e'); throw Symbol('s'); });
        target.addEventListener('x', () => { log.push('f'); throw null; });
        target.addEventListener('x', () => { log.push('g'); throw new DOMException('m', 'DataError'); });
        target.addEventListener('x', () => { log.push('h'); });
        same(target.dispatchEvent(new Event('x')), true);",
    );
    assert_eq!(fixture.log(), "a b c d e f g h");
    let reported = fixture.reported.borrow();
    assert_eq!(reported.len(), 7, "{reported:?}");
    assert_eq!(reported[0], "RangeError: first");
    assert_eq!(reported[1], "a string");
    assert_eq!(reported[2], "undefined");
    assert_eq!(reported[6], "DataError: m");
}

pub(super) fn an_event_is_dispatched_once_at_a_time<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const [a, b] = [new EventTarget(), new EventTarget()];
        a.addEventListener('x', (e) => {
            const thrown = throws('InvalidStateError', () => b.dispatchEvent(e));
            same(thrown.code, 11);
            same(e.isTrusted, false);
        });
        const event = new Event('x');
        a.dispatchEvent(event);
        b.addEventListener('x', (e) => { same(e.target, b); log.push('b'); });
        b.dispatchEvent(event);
        same(log.join(), 'b');",
    );
}

pub(super) fn listeners_dispatch_themselves<S: Subject>() {
    Fixture::<S>::new().test(
        r"
        const target = new EventTarget();
        let depth = 0;
        target.addEventListener('x', () => {
            log.push(depth);
            if (depth++ < 5) target.dispatchEvent(new Event('x'));
        });
        target.dispatchEvent(new Event('x'));
        same(log.join(), '0,1,2,3,4,5');",
    );
}

pub(super) fn microtasks_run_between_the_listeners_of_a_task<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        const soon = (name) => Promise.resolve().then(() => log.push(name + '!'))
            .then(() => log.push(name + '?'));
        socket.onerror = (e) => {
            log.push('a'); soon('a');
            socket.dispatchEvent(new Event('nested'));
            log.push('end');
        };
        socket.addEventListener('nested', () => { log.push('n'); soon('n'); });
        socket.addEventListener('nested', () => log.push('m'));
        socket.addEventListener('error', (e) => { log.push('b'); soon('b'); throw new Error('x'); });
        socket.addEventListener('close', (e) => { log.push('c'); soon('c'); same(e.code, 1006); });
        socket.onclose = () => log.push('d');",
    );
    assert_eq!(fixture.log(), "a n m end a! n! a? n? b b! b? c c! c? d");
    assert_eq!(*fixture.reported.borrow(), ["Error: x"]);
}

pub(super) fn microtasks_wait_for_script_that_dispatches<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run(
        r"
        const target = new EventTarget();
        target.addEventListener('x', () => { log.push('1'); Promise.resolve().then(() => log.push('micro')); });
        target.addEventListener('x', () => log.push('2'));
        target.dispatchEvent(new Event('x'));
        log.push('3');
        const { signal } = { signal: null };
        const controller = new AbortController();
        controller.signal.onabort = () => { log.push('4'); Promise.resolve().then(() => log.push('later')); };
        controller.signal.addEventListener('abort', () => log.push('5'));
        controller.abort();",
    );
    assert_eq!(fixture.log(), "1 2 3 4 5 micro later");
}

pub(super) fn a_microtask_that_throws_is_reported<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(
        r"
        const socket = new WebSocket('ws://127.0.0.1:1/');
        socket.onerror = () => {
            if (globalThis.queueMicrotask) queueMicrotask(() => { throw new RangeError('microtask'); });
            Promise.resolve().then(() => log.push('goes on'));
        };
        socket.addEventListener('error', () => log.push('next'));",
    );
    assert_eq!(fixture.log(), "goes on next");
    if fixture.run("typeof queueMicrotask") == "function" {
        assert_eq!(*fixture.reported.borrow(), ["RangeError: microtask"]);
    }
}
