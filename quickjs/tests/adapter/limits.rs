//! A runtime of QuickJS that runs out of time, stack or memory: script gets the exception and the
//! connection nothing else than what script sent.

use crate::subject::QuickJs;
use dom_websocket::MessageData;
use dom_websocket::host::conformance::{Fixture, Subject};
use rquickjs::{Function, Persistent};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Lengths = Rc<RefCell<Vec<usize>>>;

/// A socket `s` that is open, and the lengths of what the server gets on it; a text has none.
fn open() -> (Fixture<QuickJs>, Lengths) {
    let fixture = Fixture::<QuickJs>::new();
    let lengths = Lengths::default();
    let received = lengths.clone();
    fixture.serve(move |socket| {
        let received = received.clone();
        socket.set_onmessage(move |event| {
            received.borrow_mut().push(match event.data() {
                MessageData::ArrayBuffer(bytes) => bytes.len(),
                MessageData::Blob(blob) => blob.size(),
                _ => usize::MAX,
            });
        });
    });
    fixture.run(
        "globalThis.s = new WebSocket(address); s.onopen = () => log.push('open');
         s.onclose = () => log.push('closed'); undefined",
    );
    while fixture.run("log.length") == "0" {
        fixture.event_loop.turn();
    }
    (fixture, lengths)
}

fn usage(fixture: &Fixture<QuickJs>) -> usize {
    let usage = fixture.subject.context.runtime().memory_usage();
    usize::try_from(usage.malloc_size).unwrap()
}

/// Runs a statement again and again until it is interrupted, wherever in it that is: once is enough.
#[track_caller]
fn interrupt(fixture: &Fixture<QuickJs>, statement: &str) {
    let runtime = fixture.subject.context.runtime().clone();
    for i in 0..10 {
        let stops = Arc::new(AtomicUsize::new(0));
        let counted = stops.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            true
        })));
        let ended = fixture.subject.evaluate(&format!(
            "for (let i = 0; i < {i}; i++);
             try {{ for (let i = 0; i < 20000; i++) {statement} }} catch {{ }} 'went on'"
        ));
        runtime.set_interrupt_handler(None);
        assert!(ended.is_err(), "{ended:?}");
        assert_eq!(stops.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn an_interrupt_ends_script_that_sends_arrays() {
    let (fixture, lengths) = open();
    fixture.run("globalThis.a = new Uint8Array(3); undefined");
    interrupt(&fixture, "s.send(a);");
    fixture.run("s.close(); undefined");
    fixture.settle();
    assert!(lengths.borrow().iter().all(|length| *length == 3));
    assert!(!lengths.borrow().is_empty());
}

#[test]
fn an_interrupt_ends_script_that_makes_blobs() {
    let fixture = Fixture::<QuickJs>::new();
    fixture.run("globalThis.odd = 0; globalThis.a = new Uint8Array(3); undefined");
    interrupt(&fixture, "{ if (new Blob([a, a]).size !== 6) odd++; }");
    assert_eq!(fixture.run("odd"), "0");
}

#[test]
fn at_the_end_of_the_stack_send_throws() {
    let (fixture, lengths) = open();
    fixture.run(
        "globalThis.sent = 0; globalThis.thrown = 0;
         const a = new Uint8Array(1000).fill(7);
         let left = 100;
         const down = () => {
             try { down(); } catch { }
             if (left-- > 0) { try { s.send(a); sent++; } catch { thrown++; } }
         };
         down();
         s.close(); undefined",
    );
    fixture.settle();
    let lengths = lengths.borrow();
    assert_eq!(fixture.run("sent"), lengths.len().to_string());
    assert_eq!(fixture.run("sent + thrown"), "100");
    assert_ne!(fixture.run("thrown"), "0");
    assert!(lengths.iter().all(|length| *length == 1000), "{lengths:?}");
}

#[test]
fn with_little_memory_much_can_be_sent() {
    let (fixture, lengths) = open();
    fixture.run("globalThis.a = new Uint8Array(24 << 20); undefined");
    let runtime = fixture.subject.context.runtime().clone();
    runtime.set_memory_limit(usage(&fixture) + (64 << 10));
    let sent = fixture.subject.evaluate("s.send(a)");
    runtime.set_memory_limit(0);
    assert_eq!(sent.as_deref(), Ok("undefined"));
    fixture.run("s.close(); undefined");
    fixture.settle();
    assert_eq!(*lengths.borrow(), [24 << 20]);
}

#[test]
fn without_memory_send_throws() {
    let (fixture, lengths) = open();
    // An array would be sent without.
    fixture.run("globalThis.a = new DataView(new ArrayBuffer(3)); undefined");
    let page = &fixture.subject.page;
    let send = page.run(|cx| {
        let send: Function<'_> = cx.eval("() => s.send(a)").unwrap();
        Persistent::save(&cx, send)
    });
    let runtime = fixture.subject.context.runtime().clone();
    runtime.set_memory_limit(usage(&fixture));
    let sent = page.run(|cx| send.restore(&cx).unwrap().call::<_, ()>(()));
    runtime.set_memory_limit(0);
    assert!(sent.is_err());
    fixture.run("s.close(); undefined");
    fixture.settle();
    assert!(lengths.borrow().is_empty());
}

#[test]
fn what_script_makes_of_an_error_is_not_mistaken() {
    let (fixture, lengths) = open();
    fixture.run(
        "Object.defineProperty(TypeError, Symbol.hasInstance, { value: () => { throw 'asked'; } });
         Error.prepareStackTrace = () => { throw 'prepared'; };
         s.send(new Uint8Array(5)); s.send(new DataView(new ArrayBuffer(6)));
         const detached = new ArrayBuffer(7); const view = new DataView(detached);
         const array = new Uint8Array(detached); detached.transfer();
         s.send(detached); s.send(view); s.send(array);
         s.send({ toString() { return 'x'; } });
         s.close(); undefined",
    );
    fixture.settle();
    assert_eq!(*lengths.borrow(), [5, 6, 0, 0, 0, usize::MAX]);
}

#[test]
fn many_bytes_are_read_in_their_order() {
    let fixture = Fixture::<QuickJs>::new();
    fixture.test(
        r"
        const bytes = new Uint8Array((3 << 18) + 9);
        for (let i = 0; i < bytes.length; i += 1) bytes[i] = i ^ (i >> 8);
        for (const length of [(3 << 18) - 1, 3 << 18, (3 << 18) + 1, (3 << 18) + 2]) {
            for (const View of [Uint8Array, DataView]) {
                const view = new View(bytes.buffer, 5, length);
                new Blob([view, view]).bytes().then((got) => {
                    same(got.length, 2 * length);
                    let equal = true;
                    for (let i = 0; i < length; i += 1) {
                        equal &&= got[i] === bytes[5 + i] && got[length + i] === bytes[5 + i];
                    }
                    same(equal, true, length);
                    log.push('read');
                });
            }
        }",
    );
    assert_eq!(fixture.log().split(' ').count(), 8);
}
