//! Who hears of what scripts throw in listeners.

use super::{Fixture, Subject};

/// Two exceptions: one of a listener that script itself calls, one of a task's.
const SCRIPT: &str = "
    const target = new EventTarget();
    target.addEventListener('x', () => { throw new TypeError('from script') });
    target.dispatchEvent(new Event('x'));
    const socket = new WebSocket('ws://127.0.0.1:1/');
    socket.onerror = () => { throw 'from a task' };
";

pub(super) fn the_loops_host_hears_of_it_as_text<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.test(SCRIPT);
    assert_eq!(
        *fixture.reported.borrow(),
        ["TypeError: from script", "from a task"]
    );
}

pub(super) fn a_reporter_hears_of_it_instead_and_gets_the_value<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run("globalThis.reporter = (error) => { log.push(error.message ?? error) }");
    fixture.subject.set_reporter("reporter");
    fixture.test(SCRIPT);
    assert_eq!(fixture.log(), "from script from a task");
    assert!(fixture.reported.borrow().is_empty());
}

pub(super) fn what_a_reporter_throws_is_the_hosts<S: Subject>() {
    let fixture = Fixture::<S>::new();
    fixture.run("globalThis.reporter = () => { throw 'of the reporter' }");
    fixture.subject.set_reporter("reporter");
    fixture.test(SCRIPT);
    assert_eq!(
        *fixture.reported.borrow(),
        ["of the reporter", "of the reporter"]
    );
}
