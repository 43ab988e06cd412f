//! `WebSocketStream` over streams that are just enough.

use super::{Fixture, Subject};
use crate::host::Options;
use crate::{MessageData, Server, UserAgent, WebSocketStream};
use futures::StreamExt;
use std::cell::{Cell, RefCell};
use std::net::TcpListener;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub(super) const STREAMS: &str = include_str!("streams.js");

pub(super) fn realm<S: Subject>() -> Fixture<S> {
    realm_with("")
}

pub(super) fn realm_with<S: Subject>(own: &str) -> Fixture<S> {
    realm_of(own, |options| options)
}

/// Script has `keep()`, too, which keeps the server open.
pub(super) fn realm_of<S: Subject>(
    own: &str,
    options: impl FnOnce(Options) -> Options,
) -> Fixture<S> {
    let fixture = Fixture::after(&format!("{STREAMS}{own}"), options);
    fixture.run(
        r"
        globalThis.keep = () => new Promise((resolve) => {
            const socket = new WebSocket(address);
            socket.onopen = () => resolve(socket);
        });
        undefined",
    );
    fixture
}

/// What is sent takes as many bytes as it has.
fn uncompressed<S: Subject>() -> Fixture<S> {
    let user_agent = UserAgent::builder().compression(false).build();
    realm_of("", |options| options.user_agent(&user_agent))
}

pub(super) fn a_stream_reads_and_writes<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        (async () => {
            const stream = new WebSocketStream(address, { protocols: ['a', 'b'] });
            const info = await stream.opened;
            same(Object.entries(Object.getOwnPropertyDescriptors(info))
                .filter(([, { writable, enumerable, configurable }]) => writable && enumerable && configurable)
                .map(([name]) => name).join(), 'extensions,protocol,readable,writable');
            same(Object.getPrototypeOf(info), Object.prototype);
            const { readable, writable, protocol } = info;
            same(protocol, 'a');
            same(readable instanceof ReadableStream && writable instanceof WritableStream, true);
            const [reader, writer] = [readable.getReader(), writable.getWriter()];
            const bytes = Uint8Array.of(1, 2, 3, 4);
            for (const [chunk, is] of [
                ['text', 'text'], ['', ''], [7, '7'], [null, 'null'], [undefined, 'undefined'], [{}, '[object Object]'],
                ['a\uD800b', 'a\uFFFDb'], [bytes, '1,2,3,4'], [bytes.buffer, '1,2,3,4'], [bytes.subarray(1, 3), '2,3'],
                [new DataView(bytes.buffer, 3), '4'], [new Uint16Array(0), ''],
            ]) {
                same(await writer.write(chunk), undefined);
                const { value, done } = await reader.read();
                same(done, false);
                same(String(value), is);
                same(value instanceof Uint8Array, ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer);
                if (value instanceof Uint8Array) same(value.constructor, Uint8Array);
            }
            stream.close({ closeCode: 3456, reason: 'pizza' });
            const { value, done } = await reader.read();
            same([value, done].join(), ',true');
            const closed = await stream.closed;
            same(Object.keys(closed).join(), 'closeCode,reason');
            same([closed.closeCode, closed.reason].join(), '3456,');
            await reader.closed;
            same((await writer.closed.catch((e) => e)).name, 'InvalidStateError');
            stream.close();
            log.push('done');
        })();",
    );
    assert_eq!(fixture.log(), "done");
}

/// A chunk that can't be converted errors the writable; the connection stays.
pub(super) fn a_chunk_that_cannot_be_converted_errors_the_writable<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        (async () => {
            const kept = await keep();
            for (const chunk of [Symbol(), { toString() { throw new TypeError('no'); } }, new Uint8Array(new SharedArrayBuffer(4))]) {
                const stream = new WebSocketStream(address);
                const { writable } = await stream.opened;
                const writer = writable.getWriter();
                const error = await writer.write(chunk).catch((e) => e);
                same(error.name, 'TypeError');
                same(await writer.closed.catch((e) => e), error);
                stream.close();
                log.push((await stream.closed).closeCode);
            }
            kept.close();
        })();",
    );
    assert_eq!(fixture.log(), "1005 1005 1005");
}

pub(super) fn a_handshake_that_fails_rejects_both_promises<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    fixture.test(
        r"
        (async () => {
            const kept = await keep();
            // A blocked port; and closed before it has begun.
            for (const stream of [new WebSocketStream('ws://127.0.0.1:1/'), new WebSocketStream(address)]) {
                if (stream.url === address) stream.close({ closeCode: 4000, reason: 'r' });
                const [opened, closed] = await Promise.all([stream.opened.catch((e) => e), stream.closed.catch((e) => e)]);
                same(opened.constructor, WebSocketError);
                same(closed.constructor, WebSocketError);
                same([opened.closeCode, opened.reason].join(), ',');
                same([closed.closeCode, closed.reason].join(), '1006,');
                same(opened === closed, false);
                stream.close();
                log.push('rejected');
            }
            kept.close();
        })();",
    );
    assert_eq!(fixture.log(), "rejected rejected");
}

pub(super) fn a_signal_aborts_the_handshake_alone<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve_echo();
    // Nobody ever answers there.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    fixture.test(&format!(
        r"
        const silent = 'ws://{address}/';
        const aborted = async (signal, reason, name) => {{
            const stream = new WebSocketStream(silent, {{ signal }});
            const closed = stream.closed.catch((e) => e);
            const error = await stream.opened.catch((e) => e);
            if (name) same(error.name, name); else same(error, reason);
            same(await closed, error);
            stream.close();
            log.push(name ?? reason);
        }};
        (async () => {{
            await aborted(AbortSignal.abort('before'), 'before');
            await aborted(AbortSignal.abort(), undefined, 'AbortError');
            throws('SyntaxError', () => new WebSocketStream('bad url', {{ signal: AbortSignal.abort() }}));
            for (const take of [(signal) => signal, (signal) => AbortSignal.any([signal])]) {{
                const controller = new AbortController();
                const done = aborted(take(controller.signal), 'during');
                controller.abort('during');
                await done;
            }}
            await aborted(AbortSignal.timeout(20), undefined, 'TimeoutError');
            await aborted(AbortSignal.any([AbortSignal.timeout(20)]), undefined, 'TimeoutError');
            const controller = new AbortController();
            const stream = new WebSocketStream(globalThis.address, {{ signal: controller.signal }});
            const {{ readable, writable }} = await stream.opened;
            controller.abort('too late');
            writable.getWriter().write('x');
            log.push((await readable.getReader().read()).value);
            stream.close();
        }})();"
    ));
    assert_eq!(
        fixture.log(),
        "before AbortError during during TimeoutError TimeoutError x"
    );
    // A signal is not waited for once the handshake is over.
    fixture.serve_echo();
    fixture.test(
        r"
        (async () => {
            const stream = new WebSocketStream(address, { signal: AbortSignal.timeout(600_000) });
            await stream.opened;
            stream.close();
        })();",
    );
}

pub(super) fn a_signal_of_the_realms_own_aborts_the_handshake<S: Subject>() {
    let own = r"
        globalThis.AbortSignal = class AbortSignal {
            aborted = false; reason; #listeners = [];
            addEventListener(type, listener) { same(type, 'abort'); this.#listeners.push(listener); }
            abort(reason) {
                this.aborted = true; this.reason = reason;
                for (const listener of this.#listeners) listener.call(this, { type: 'abort' });
            }
        };
        undefined";
    let fixture = realm_with::<S>(own);
    fixture.serve_echo();
    fixture.test(
        r"
        (async () => {
            const kept = await keep();
            for (const early of [true, false]) {
                const signal = new AbortSignal();
                if (early) signal.abort('own');
                const stream = new WebSocketStream(address, { signal });
                const [opened, closed] = [stream.opened, stream.closed].map((promise) => promise.catch((e) => e));
                if (!early) signal.abort('own');
                log.push(await opened, await closed);
            }
            const signal = new AbortSignal();
            const stream = new WebSocketStream(address, { signal });
            await stream.opened;
            signal.abort('late');
            stream.close();
            log.push((await stream.closed).closeCode);
            kept.close();
        })();",
    );
    assert_eq!(fixture.log(), "own own own own 1005");
}

pub(super) fn a_signal_of_another_realm_aborts_the_handshake<S: Subject>() {
    let fixture = realm::<S>();
    let Some(_beside) = fixture.beside() else {
        return;
    };
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    fixture.test(&format!(
        r"
        (async () => {{
            const controller = new other.AbortController();
            for (const signal of [controller.signal, other.AbortSignal.timeout(20), AbortSignal.any([other.AbortSignal.timeout(20)])]) {{
                const stream = new WebSocketStream('ws://{address}/', {{ signal }});
                controller.abort('theirs');
                const error = await stream.closed.catch((e) => e);
                same(await stream.opened.catch((e) => e), error);
                log.push(error.name ?? error);
            }}
        }})();"
    ));
    assert_eq!(fixture.log(), "theirs TimeoutError TimeoutError");
}

pub(super) fn the_streams_close_the_connection<S: Subject>() {
    let fixture = realm::<S>();
    let seen = Rc::<RefCell<Vec<String>>>::default();
    let there = seen.clone();
    fixture.serve(move |socket| {
        let there = there.clone();
        socket.set_onclose(move |event| {
            let told = format!("{}{}", event.code(), event.reason());
            there.borrow_mut().push(told);
        });
    });
    fixture.test(
        r"
        (async () => {
            const kept = await keep();
            const info = async (close) => {
                const stream = new WebSocketStream(address);
                const { readable, writable } = await stream.opened;
                const result = close(readable, writable);
                await stream.closed;
                same(await result, undefined);
            };
            await info((readable, writable) => writable.getWriter().close());
            for (const close of [(reason) => (readable) => readable.cancel(reason), (reason) => (_, writable) => writable.abort(reason)]) {
                await info(close());
                await info(close({ closeCode: 3333, reason: 'plain' }));
                await info(close(Object.assign(new DOMException('m', 'WebSocketError'), { closeCode: 3333 })));
                await info(close(new WebSocketError('', { closeCode: 3333, reason: 'r' })));
                await info(close(new WebSocketError('', { reason: 'r' })));
            }
            // One of the connection's own, whose code no script may send.
            const failed = await new WebSocketStream('ws://127.0.0.1:1/').closed.catch((e) => e);
            await info((readable) => readable.cancel(failed));
            kept.close();
            log.push('done');
        })();",
    );
    assert_eq!(fixture.log(), "done");
    assert_eq!(
        seen.borrow().join(" "),
        "1005 1005 1005 1005 3333r 1000r 1005 1005 1005 3333r 1000r 1005 1005"
    );
}

/// The peer's end is the last thing that a reader is told, and an unclean one is an error of both streams.
pub(super) fn the_peer_closes_streams<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve(|socket| {
        socket.send("first").unwrap();
        socket.send("last").unwrap();
        socket.close_with(4222, "remote").unwrap();
    });
    fixture.test(
        r"
        (async () => {
            const stream = new WebSocketStream(address);
            const { readable, writable } = await stream.opened;
            const reader = readable.getReader();
            for (let read; !(read = await reader.read()).done;) log.push(read.value);
            const { closeCode, reason } = await stream.closed;
            log.push(closeCode, reason);
            same((await writable.getWriter().closed.catch((e) => e)).name, 'InvalidStateError');
        })();",
    );
    assert_eq!(fixture.log(), "first last 4222 remote");
}

/// An end is behind the messages that came before it, read or not.
pub(super) fn an_unread_message_holds_the_end_back<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve(|socket| {
        for text in ["a", "b", "c"] {
            socket.send(text).unwrap();
        }
        socket.close();
    });
    fixture.run(
        r"
        globalThis.stream = new WebSocketStream(address);
        stream.closed.then(() => log.push('closed'));
        stream.opened.then(({ readable }) => { globalThis.reader = readable.getReader(); log.push('open'); });
        undefined",
    );
    let end = Instant::now() + Duration::from_millis(100);
    fixture.until(|| Instant::now() > end && fixture.run("log.length") != "0");
    assert_eq!(fixture.log(), "open");
    fixture.test(
        r"
        (async () => {
            for (let read; !(read = await reader.read()).done;) log.push(read.value);
            await stream.closed;
            log.push('done');
        })();",
    );
    assert_eq!(fixture.log(), "a b c closed done");
}

/// Each thing that happens is a task, with microtasks behind it.
pub(super) fn microtasks_run_between_the_tasks_of_a_stream<S: Subject>() {
    let fixture = realm::<S>();
    fixture.serve(|socket| {
        socket.send("a").unwrap();
        socket.send("b").unwrap();
        socket.close();
    });
    fixture.test(
        r"
        (async () => {
            const stream = new WebSocketStream(address);
            const micro = (name) => { log.push(name); Promise.resolve().then(() => log.push(name + '!')); };
            stream.closed.then(() => micro('closed'));
            stream.opened.then(() => micro('opened'));
            const reader = (await stream.opened).readable.getReader();
            reader.read().then(({ value }) => micro(value));
            reader.read().then(({ value }) => micro(value));
            reader.read().then(({ done }) => micro(done));
        })();",
    );
    assert_eq!(
        fixture.log(),
        "opened opened! a a! b b! true closed true! closed!"
    );
}

/// The readable takes one message ahead; the others stay with the connection.
pub(super) fn nothing_is_read_while_nobody_pulls<S: Subject>() {
    const MESSAGES: usize = 32;
    let fixture = uncompressed::<S>();
    let server = Rc::<RefCell<Option<crate::WebSocket>>>::default();
    let there = server.clone();
    fixture.serve(move |socket| {
        for _ in 0..MESSAGES {
            socket.send(vec![7; 1 << 20]).unwrap();
        }
        there.replace(Some(socket.clone()));
    });
    fixture.run(
        r"
        globalThis.stream = new WebSocketStream(address);
        stream.opened.then(({ readable }) => { globalThis.reader = readable.getReader(); log.push('open'); });
        undefined",
    );
    let buffered = || {
        let server = server.borrow();
        server.as_ref().map(crate::WebSocket::buffered_amount)
    };
    fixture.until(|| fixture.run("log.length") == "1");
    let end = Instant::now() + Duration::from_millis(300);
    fixture.until(|| Instant::now() > end);
    let left = buffered().unwrap();
    assert!(left > (MESSAGES / 4) << 20, "only {left} bytes are left");
    fixture.test(&format!(
        r"
        (async () => {{
            for (let i = 0; i < {MESSAGES}; i++) same((await reader.read()).value.length, 1 << 20);
            stream.close();
        }})();"
    ));
    assert_eq!(buffered(), Some(0));
}

pub(super) fn a_write_waits_for_room<S: Subject>() {
    let fixture = uncompressed::<S>();
    let server = Rc::new(Server::listen(&fixture.event_loop, "127.0.0.1:0").unwrap());
    let accepted = Rc::<RefCell<Option<WebSocketStream>>>::default();
    let there = accepted.clone();
    server.set_onconnection(move |socket, _| {
        there.replace(socket.into_stream().ok());
    });
    fixture.run(&format!(
        r"
        globalThis.stream = new WebSocketStream('ws://{}/');
        (async () => {{
            const writer = (await stream.opened).writable.getWriter();
            for (let i = 0; i < 8; i++) {{
                await writer.write(new Uint8Array(4 << 20));
                log.push(i);
            }}
            await writer.close();
            log.push('closed');
        }})().catch((e) => log.push(e));
        undefined",
        server.local_addr()
    ));
    let end = Instant::now() + Duration::from_millis(300);
    fixture.until(|| Instant::now() > end && accepted.borrow().is_some());
    let written: usize = fixture.run("log.length").parse().unwrap();
    assert!(written < 6, "{written} are written");
    let stream = accepted.take().unwrap();
    fixture.event_loop.spawn(async move {
        let mut ends = stream.opened().await.unwrap();
        while let Some(Ok(_)) = ends.readable.next().await {}
        server.close();
    });
    fixture.settle();
    assert_eq!(fixture.log(), "0 1 2 3 4 5 6 7 closed");
}

/// What script was writing when the peer closed may be lost: that is no clean end. What it was writing when it closed itself
/// arrives.
pub(super) fn an_end_while_writing_is_told<S: Subject>() {
    let fixture = uncompressed::<S>();
    let received = Rc::new(Cell::new(0));
    let there = received.clone();
    fixture.serve(move |socket| {
        let there = there.clone();
        socket.set_onmessage(move |event| match event.data() {
            MessageData::Text(_) => event.target().close_with(4567, "").unwrap(),
            _ => there.set(there.get() + 1),
        });
    });
    fixture.test(
        r"
        (async () => {
            const kept = await keep();
            for (const remote of [true, false]) {
                const stream = new WebSocketStream(address);
                const writer = (await stream.opened).writable.getWriter();
                if (remote) await writer.write('close');
                const written = writer.write(new Uint8Array(16 << 20)).then(() => 'written', (e) => e.name);
                await null; await null; await null;
                if (!remote) stream.close({ closeCode: 4321 });
                const closed = await stream.closed.then(({ closeCode }) => 'clean' + closeCode, (e) => e.closeCode);
                log.push(await written, closed);
            }
            kept.close();
        })();",
    );
    assert_eq!(fixture.log(), "InvalidStateError 4567 written clean4321");
    assert_eq!(received.get(), 1);
}
