//! Many sockets, in a process of their own: its memory is looked at.

use dom_websocket::host::{Engine, Options, ScriptError};
use dom_websocket::{EventLoop, Server};
use dom_websocket_jsc::{Context, Page, install};
use std::cell::Cell;
use std::rc::Rc;

/// What looks like a reference on the stack keeps a few objects.
const SPARED: usize = 10;

fn run(page: &Page, script: &str) -> String {
    let done = page.run(|scope| {
        let value = scope.evaluate("test", script);
        let text = value.and_then(|value| scope.to_dom_string(&value));
        text.map_err(|exception| ScriptError::new(scope, exception))
    });
    done.unwrap().into_usv_string()
}

/// A page, and how many connections the server that its script knows as `address` has.
fn open() -> (EventLoop, Page, Rc<Cell<usize>>) {
    let event_loop = EventLoop::new();
    let page = install(&Context::new(), Options::new(&event_loop)).unwrap();
    let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
    run(
        &page,
        &format!("globalThis.address = 'ws://{}/';", server.local_addr()),
    );
    let open = Rc::new(Cell::new(0));
    let count = open.clone();
    server.set_onconnection(move |socket, _| {
        count.set(count.get() + 1);
        socket.set_onmessage(|event| event.target().send(event.data()));
        let count = count.clone();
        socket.set_onclose(move |_| count.set(count.get() - 1));
    });
    // The page's script closes it: it keeps the loop from being idle.
    let server = Cell::new(Some(server));
    let close = page.run(|scope| {
        let close = scope.new_closure("closeServer", 0, move |scope, _| {
            if let Some(server) = server.take() {
                server.close();
            }
            Ok(scope.undefined())
        });
        let close = close.unwrap_or_else(|_| panic!("it threw"));
        scope.save(&close)
    });
    page.run(|scope| {
        let keep = scope.evaluate("test", "(close) => { globalThis.closeServer = close; }");
        let (undefined, close) = (scope.undefined(), scope.restore(&close));
        let kept = keep.and_then(|keep| scope.call(&keep, &undefined, &[close.unwrap()]));
        assert!(kept.is_ok());
    });
    (event_loop, page, open)
}

/// Kibibytes of the process's memory that are resident.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().nth(1));
    kibibytes.unwrap().parse().unwrap()
}

/// Sockets one after another, a few at a time, each of which sends a message and closes when it is back.
const SERIES: &str = "globalThis.left = 0; globalThis.weak = [];
    const next = () => {
        if (left-- <= 0) return;
        const socket = new WebSocket(address);
        if (left % 100 === 0) weak.push(new WeakRef(socket));
        socket.onopen = () => socket.send('x'.repeat(100));
        socket.onmessage = () => socket.close();
        socket.onclose = ({ wasClean }) => { if (!wasClean) throw new Error('unclean'); done++; next(); };
    };
    globalThis.done = 0;
    globalThis.series = (count) => { left = count; for (let i = 0; i < 20; i++) next(); };";

#[test]
fn ten_thousand_sockets_come_and_go_and_a_thousand_are_open() {
    let (event_loop, page, open) = open();
    run(&page, SERIES);
    let after = |count: usize| {
        let done = run(&page, "done").parse::<usize>().unwrap() + count;
        run(&page, &format!("series({count})"));
        while run(&page, "done") != done.to_string() || open.get() > 0 {
            event_loop.turn();
        }
        page.collect_garbage();
        resident()
    };
    after(1_000);
    let before = after(1_000);
    let behind = after(10_000);
    assert!(behind < before + 8_000, "{before} KiB, then {behind} KiB");

    run(
        &page,
        "globalThis.sockets = []; globalThis.heard = 0;
         for (let i = 0; i < 1000; i++) {
             const socket = new WebSocket(address);
             socket.onopen = () => socket.send(String(i));
             socket.onmessage = ({ data }) => { heard += Number(data); };
             sockets.push(socket);
         }",
    );
    let all = (0..1000).sum::<usize>().to_string();
    while run(&page, "heard") != all {
        event_loop.turn();
    }
    assert_eq!(open.get(), 1000);
    // What nothing leads to is closed when it is collected.
    run(
        &page,
        "for (const socket of sockets) socket.onmessage = socket.onopen = null;
         weak = sockets.map((socket) => new WeakRef(socket)); sockets = null;",
    );
    for _ in 0..100_000 {
        event_loop.turn();
        if open.get() <= SPARED {
            break;
        }
        page.collect_garbage();
    }
    assert!(open.get() <= SPARED, "{} are open", open.get());
    run(
        &page,
        "weak.forEach((weak) => weak.deref()?.close()); closeServer();",
    );
    event_loop.run();
    assert_eq!(open.get(), 0);
    drop(page);
}
