//! Which `WebSocketStream`s stay alive, and which become garbage.

use super::streams::{realm, realm_of};
use super::{Fixture, Subject};
use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub(super) fn a_stream_that_is_waited_for_stays<S: Subject>() {
    let fixture = realm::<S>();
    let sockets = Rc::new(Cell::new(0));
    let count = sockets.clone();
    fixture.serve(move |socket| {
        count.set(count.get() + 1);
        let closing = count.clone();
        socket.set_onmessage(|event| event.target().close());
        socket.set_onclose(move |_| closing.set(closing.get() - 1));
    });
    fixture.run(
        r"
        (async () => {
            const { readable, writable } = await new WebSocketStream(address).opened;
            globalThis.write = () => void writable.getWriter().write('x');
            log.push('open');
            for (let read, reader = readable.getReader(); !(read = await reader.read()).done;) log.push(read.value);
            log.push('done');
        })();
        undefined",
    );
    fixture.until(|| fixture.run("log.length") == "1");
    for _ in 0..5 {
        fixture.subject.collect_garbage();
        fixture.event_loop.turn();
    }
    assert_eq!(sockets.get(), 1);
    fixture.run("write(); undefined");
    fixture.settle();
    assert_eq!((fixture.log().as_str(), sockets.get()), ("open done", 0));
}

pub(super) fn a_stream_that_nobody_waits_for_is_garbage<S: Subject>() {
    let fixture = realm::<S>();
    let codes = Rc::<RefCell<Vec<u16>>>::default();
    let seen = codes.clone();
    fixture.serve(move |socket| {
        let seen = seen.clone();
        socket.set_onclose(move |event| seen.borrow_mut().push(event.code()));
    });
    // It is there while script has it, and what it came to is found out when script asks.
    fixture.run(
        r"
        globalThis.stream = new WebSocketStream(address);
        globalThis.weak = new WeakRef(stream);
        undefined",
    );
    let end = Instant::now() + Duration::from_millis(100);
    fixture.until(|| Instant::now() > end);
    assert!(fixture.is_alive("weak"));
    fixture.run("stream.opened.then(({ protocol }) => { log.push('open' + protocol); stream.close(); }); undefined");
    fixture.settle();
    assert_eq!(fixture.log(), "open");
    fixture.run("stream = undefined");
    fixture.settle();
    assert!(!fixture.is_alive("weak"));
    // Nobody answers: the loop does not wait for it.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    fixture.run(&format!(
        r"
        (() => {{
            const signal = new AbortController().signal;
            for (const options of [{{}}, {{ signal }}]) {{
                const stream = new WebSocketStream('ws://{address}/', options);
                stream.itself = stream;
            }}
        }})();"
    ));
    fixture.settle();
}

pub(super) fn closed_streams_leave_nothing_behind<S: Subject>() {
    let fixture = realm::<S>();
    fixture.run("globalThis.weak = []; undefined");
    for _ in 0..4 {
        fixture.serve_echo();
        fixture.test(
            r"
            (async () => {
                const kept = await keep();
                await Promise.all(Array.from({ length: 25 }, async (_, i) => {
                    const signal = AbortSignal.any([AbortSignal.timeout(9000)]);
                    const stream = new WebSocketStream(address, { signal });
                    const { readable, writable } = await stream.opened;
                    const [reader, writer] = [readable.getReader(), writable.getWriter()];
                    weak.push(...[stream, readable, writable, signal].map((object) => new WeakRef(object)));
                    await writer.write('x');
                    await reader.read();
                    if (i % 2) await writer.close(); else stream.close();
                    await stream.closed;
                    log.push('x');
                }));
                kept.close();
            })();",
        );
    }
    assert_eq!(fixture.run("log.splice(0).length"), "100");
    fixture.assert_collected("weak");
}

pub(super) fn a_realm_that_goes_takes_its_streams_along<S: Subject>() {
    let fixture = realm::<S>();
    let codes = Rc::<RefCell<Vec<u16>>>::default();
    let seen = codes.clone();
    fixture.serve(move |socket| {
        let seen = seen.clone();
        socket.set_onclose(move |event| seen.borrow_mut().push(event.code()));
    });
    fixture.run(
        r"
        globalThis.stream = new WebSocketStream(address);
        stream.closed.then(() => log.push('closed'), () => log.push('failed'));
        stream.opened.then(() => log.push('open'));
        undefined",
    );
    fixture.until(|| fixture.run("log.length") == "1");
    let Fixture {
        subject,
        event_loop,
        ..
    } = fixture;
    drop(subject);
    event_loop.run();
    assert_eq!(*codes.borrow(), [1001]);
}

pub(super) fn an_unloaded_document_hears_nothing_of_streams<S: Subject>() {
    let document = crate::Document::new("https://example.com/").unwrap();
    let fixture = realm_of::<S>("", |options| options.document(&document));
    fixture.serve(|_| ());
    fixture.run(
        r"
        globalThis.weak = [];
        (async () => {
            const stream = new WebSocketStream(address);
            weak.push(new WeakRef(stream));
            stream.closed.then(() => log.push('closed'), () => log.push('failed'));
            const { readable } = await stream.opened;
            log.push('open');
            await readable.getReader().read().catch(() => {});
            log.push('read');
        })();
        undefined",
    );
    fixture.until(|| fixture.run("log.length") == "1");
    document.unload();
    fixture.settle();
    assert_eq!(fixture.log(), "open");
    fixture.assert_collected("weak");
    fixture.run("throws('InvalidStateError', () => new WebSocketStream(address)); undefined");
    fixture.check();
}
