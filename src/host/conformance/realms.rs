//! Realms of one engine: each has its own interfaces, and knows the objects of the others.

use super::{Fixture, Subject};

/// Script of one realm that uses the functions of another, `other`, on its own objects.
const ACROSS_REALMS: &str = r"
    globalThis.log = [];
    globalThis.weak = [];
    (() => {
        const there = other.EventTarget.prototype;
        const make = (name) => {
            const socket = new WebSocket('ws://127.0.0.1:4/' + name);
            weak.push(new WeakRef(socket));
            return socket;
        };
        const hear = (name, socket) => (e) => {
            log.push(e.type + ' ' + (e.target === socket && e.currentTarget === socket ? name : 'elsewhere'));
        };
        const bystander = make('bystander');
        bystander.onclose = hear('bystander', bystander);
        const added = make('added');
        there.addEventListener.call(added, 'close', hear('added', added));
        const set = make('set');
        const { get, set: setter } = Object.getOwnPropertyDescriptor(other.WebSocket.prototype, 'onclose');
        setter.call(set, hear('set', set));
        if (get.call(set) !== set.onclose) log.push('another handler');
        const removed = make('removed');
        const never = () => log.push('never');
        removed.addEventListener('close', never);
        there.removeEventListener.call(removed, 'close', never);
        const controller = new other.AbortController();
        const aborted = make('aborted');
        aborted.addEventListener('close', never, { signal: controller.signal });
        there.addEventListener.call(aborted, 'error', never, { signal: controller.signal });
        controller.abort();
        const dispatched = make('dispatched');
        there.addEventListener.call(dispatched, 'x', hear('dispatched', dispatched), { once: true });
        there.dispatchEvent.call(dispatched, new Event('x'));
        dispatched.dispatchEvent(new other.Event('x'));
        there.addEventListener.call(AbortSignal.timeout(1), 'abort', (e) => {
            log.push(e.type + ' ' + e.target.reason.name);
        });
        const ours = new other.AbortController();
        AbortSignal.any([ours.signal]).onabort = (e) => log.push(e.type + ' ' + e.target.reason);
        there.addEventListener.call(other.AbortSignal.any([AbortSignal.timeout(1)]), 'abort', () => log.push('any'));
        ours.abort('why');
        // What a function makes is of its own realm, whoever calls.
        const prototypes = (name, object) => {
            if (Object.getPrototypeOf(object) !== other[name].prototype) log.push(`${name} of another realm`);
        };
        prototypes('Array', new other.MessageEvent('x').ports);
        prototypes('Promise', other.Blob.prototype.text.call(new Blob()));
        try { there.addEventListener.call(1); } catch (e) { prototypes('TypeError', e); }
    })();";

const HEARD_ACROSS_REALMS: &str =
    "abort TimeoutError,abort why,any,close added,close bystander,close set,x dispatched";

pub(super) fn realms_share_an_engine<S: Subject>() {
    let first = Fixture::<S>::new();
    let Some(second) = first.beside() else {
        return;
    };
    for realm in [&first.subject, &second] {
        let result = realm.evaluate(
            "if (Object.getPrototypeOf(WebSocket.prototype.send) !== Function.prototype) throw 1;
             if (!(new EventTarget().addEventListener instanceof Function)) throw 2;
             try { new WebSocket(); throw 3; } catch (e) { if (!(e instanceof TypeError)) throw e; }
             const socket = new WebSocket('ws://127.0.0.1:4/');
             socket.onclose = () => Promise.resolve().then(() => { globalThis.closed = true; }); 0",
        );
        assert_eq!(result.as_deref(), Ok("0"));
    }
    first.settle();
    for realm in [&first.subject, &second] {
        assert_eq!(realm.evaluate("closed").as_deref(), Ok("true"));
    }
}

pub(super) fn realms_use_functions_of_each_other<S: Subject>() {
    let first = Fixture::<S>::new();
    let Some(second) = first.beside() else {
        return;
    };
    first.run(ACROSS_REALMS);
    first.settle();
    assert_eq!(first.run("log.sort().join()"), HEARD_ACROSS_REALMS);
    first.assert_collected("weak");
    drop(second);
}

pub(super) fn exceptions_of_microtasks_are_their_realms<S: Subject>() {
    let first = Fixture::<S>::new();
    let Some(second) = first.beside() else {
        return;
    };
    for (realm, name) in [(&first.subject, "first"), (&second, "second")] {
        let queue = realm.evaluate(&format!(
            "globalThis.heard = []; globalThis.reporter = (error) => {{ heard.push(error); }};
             globalThis.fail = () => {{ queueMicrotask(() => {{ throw '{name}'; }}); }};
             typeof queueMicrotask"
        ));
        if queue.as_deref() != Ok("function") {
            return;
        }
        realm.set_reporter("reporter");
    }
    for realm in [&first.subject, &second, &first.subject] {
        assert_eq!(realm.evaluate("fail()").as_deref(), Ok("undefined"));
    }
    first.settle();
    assert_eq!(first.run("heard.join()"), "first,first");
    assert_eq!(second.evaluate("heard.join()").as_deref(), Ok("second"));
    assert!(first.reported.borrow().is_empty());
}
