//! Many sockets: one behind the other, and at once.

use super::{Fixture, Subject};
use crate::Server;
use std::cell::Cell;
use std::rc::Rc;

/// So many at a time, as they come and go.
const SERIES: usize = 1_000;

/// Until the engine has grown to what it needs.
const WARM: usize = 2;

/// Ten thousand sockets.
const LONG: usize = 10;

/// How much more may be resident behind it, in KiB: a collector lets its heap grow and shrink. A kilobyte for each socket
/// would be more.
const NOISE: usize = 6_000;

/// What a socket does that comes and goes: it sends a message, and closes when that is back.
const SCRIPT: &str = "
    globalThis.done = 0; globalThis.left = 0;
    const next = () => {
        if (left-- <= 0) return;
        const socket = new WebSocket(address);
        socket.onopen = () => socket.send('x'.repeat(100));
        socket.onmessage = () => socket.close();
        socket.onclose = ({ wasClean }) => { same(wasClean, true, 'wasClean'); done++; next(); };
    };
    globalThis.series = (count) => { left = count; for (let i = 0; i < 20; i++) next(); };
    undefined";

/// Ten thousand sockets, which come and go, and then a thousand that are open at once: none of it is left, and the
/// process's memory is what it was, where `/proc` tells.
///
/// It is not among the [`names`](super::names), and wants a test program of its own, whose memory is nobody else's, and
/// which may have 2,100 descriptors.
///
/// # Panics
///
/// If it is not so.
///
/// ```
/// use dom_websocket::host::conformance::{Subject, many_sockets};
///
/// /// All of a file `tests/many.rs` of an adapter's, with `#[test]` and its own type.
/// fn many<Mine: Subject>() {
///     many_sockets::<Mine>();
/// }
/// ```
pub fn many_sockets<S: Subject>() {
    let fixture = Fixture::<S>::new();
    let server = Server::listen(&fixture.event_loop, "127.0.0.1:0").expect("a port is free");
    let open = Rc::new(Cell::new(0_usize));
    let count = open.clone();
    server.set_onconnection(move |socket, _| {
        count.set(count.get() + 1);
        socket.set_onmessage(|event| event.target().send(event.data()));
        let count = count.clone();
        socket.set_onclose(move |_| count.set(count.get() - 1));
    });
    let address = format!("globalThis.address = 'ws://{}/'", server.local_addr());
    fixture.run(&address);
    fixture.run(SCRIPT);

    let mut done = 0;
    let mut resident_after_series = || {
        done += SERIES;
        fixture.run(&format!("series({SERIES}); undefined"));
        fixture.until(|| open.get() == 0 && fixture.run("done") == done.to_string());
        fixture.check();
        resident()
    };
    let before = (0..WARM).filter_map(|_| resident_after_series()).max();
    let mut behind: Vec<_> = (0..LONG).map(|_| resident_after_series()).collect();
    let behind = behind.split_off(LONG / 2).into_iter().flatten().min();
    if let (Some(before), Some(behind)) = (before, behind) {
        assert!(behind < before + NOISE, "{before} KiB, then {behind} KiB");
    }

    fixture.run(
        "globalThis.heard = 0;
         globalThis.sockets = Array.from({ length: 1000 }, (_, i) => {
             const socket = new WebSocket(address);
             socket.onopen = () => socket.send(String(i));
             socket.onmessage = ({ data }) => { heard += Number(data); };
             return socket;
         }); undefined",
    );
    let all = (0..1000).sum::<usize>().to_string();
    fixture.until(|| fixture.run("heard") == all);
    assert_eq!(open.get(), 1000);
    // What nothing leads to is closed when it is collected.
    fixture.run(
        "for (const socket of sockets) socket.onmessage = socket.onopen = null;
         globalThis.weak = sockets.map((socket) => new WeakRef(socket)); sockets = null;",
    );
    fixture.until(|| open.get() <= S::SPARED);
    fixture.run("weak.forEach((weak) => weak.deref()?.close()); undefined");
    server.close();
    fixture.settle();
    assert_eq!(open.get(), 0);
    assert_eq!(*fixture.reported.borrow(), [] as [&str; 0]);
}

/// KiB of the process's memory that are resident.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
