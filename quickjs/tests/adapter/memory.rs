//! What is let go.

use crate::subject::QuickJs;
use dom_websocket::host::conformance::{Fixture, Subject};

#[test]
fn dependent_signals_take_no_memory() {
    let fixture = Fixture::<QuickJs>::new();
    fixture.run("globalThis.controller = new AbortController(); undefined");
    let used_after = |count: usize| {
        fixture.run(&format!(
            "for (let i = 0; i < {count}; i++) AbortSignal.any([controller.signal]); undefined"
        ));
        fixture.subject.collect_garbage();
        let usage = fixture.subject.context.runtime().memory_usage();
        usage.memory_used_size
    };
    let before = used_after(1000);
    assert!(used_after(100_000) < before + 100_000);
}
