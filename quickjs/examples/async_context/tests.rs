//! The host at work, against a server of ours on another thread.

use crate::uncaught::Printer;
use crate::vm::Vm;
use dom_websocket::{EventLoop, Server, Turn};
use rquickjs::function::Func;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// A server that sends back what it gets, for as long as the test's process lives: its address, and the codes its connections
/// ended with.
fn serve() -> (String, Receiver<(bool, u16)>) {
    let (address, served) = mpsc::channel();
    let (closing, closed) = mpsc::channel();
    thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::listen(&event_loop, "127.0.0.1:0").unwrap();
        server.set_onconnection(move |socket, _| {
            socket.set_onmessage(|event| event.target().send(event.data()));
            let closing = closing.clone();
            socket.set_onclose(move |event| {
                // The test may be over.
                let _ = closing.send((event.was_clean(), event.code()));
            });
        });
        address
            .send(format!("ws://{}/", server.local_addr()))
            .unwrap();
        event_loop.run();
    });
    (served.recv().unwrap(), closed)
}

type Lines = Rc<RefCell<Vec<String>>>;

fn printer() -> (Printer, Lines) {
    let lines = Lines::default();
    let writer = lines.clone();
    let print = Rc::new(move |line: &str| writer.borrow_mut().push(line.to_owned()));
    (print, lines)
}

fn on_tokio<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// What a module writes, with the server's address in `address`, and how often nobody caught something.
fn run(address: &str, source: &str) -> (Vec<String>, usize) {
    let (print, lines) = printer();
    let uncaught = on_tokio(async {
        let vm = Vm::new(print.clone(), print).await.unwrap();
        let source = format!("const address = '{address}'; {source}");
        vm.run("test.js", &source).await;
        vm.idle().await;
        vm.shut_down().await
    });
    (lines.take(), uncaught)
}

#[test]
fn microtasks_run_between_listeners_and_timers_between_messages() {
    let (address, _) = serve();
    let (lines, uncaught) = run(
        &address,
        "const socket = new WebSocket(address);
         const told = [];
         const tell = (text) => { told.push(text); queueMicrotask(() => told.push(`(${text})`)); };
         socket.addEventListener('open', () => tell('first'));
         socket.addEventListener('open', () => tell('second'));
         socket.addEventListener('open', () => {
             setTimeout(() => tell('now'), 0);
             setTimeout(() => tell('late'), 20);
             setTimeout(() => tell('soon'), 10);
             setTimeout(() => socket.send('a'), 40);
             setTimeout(() => { socket.send('b'); socket.send('c'); }, 80);
         });
         socket.onmessage = ({ data }) => {
             tell(data);
             if (data === 'c') setTimeout(() => socket.close(), 0);
         };
         socket.onclose = async ({ code }) => {
             tell(code);
             await new Promise((resolve) => setTimeout(resolve, 1));
             console.log(told.join(' '));
         };",
    );
    let order = "first (first) second (second) now (now) soon (soon) late (late) a (a) b (b) c (c) 1005 (1005)";
    assert_eq!(lines, [order]);
    assert_eq!(uncaught, 0);
}

#[test]
fn timers_of_the_same_time_keep_their_order() {
    let (lines, _) = run(
        "",
        "let told = '';
         for (let i = 0; i < 10; i += 1) {
             setTimeout((i) => { told += i; queueMicrotask(() => { told += '.'; }); }, 5, i);
         }
         const never = setTimeout(() => { told += 'never'; }, 5);
         clearTimeout(never);
         let ticks = 0;
         const interval = setInterval(() => {
             if ((ticks += 1) < 3) return;
             clearInterval(interval);
             console.log(told);
         }, 5);",
    );
    assert_eq!(lines, ["0.1.2.3.4.5.6.7.8.9."]);
}

#[test]
fn a_module_imports_it_and_awaits() {
    let (address, _) = serve();
    let (lines, uncaught) = run(
        &address,
        "import { WebSocket as Imported } from 'websocket';
         import all from 'websocket';
         console.log(Imported === WebSocket, all.CloseEvent === CloseEvent);
         const socket = new Imported(address);
         const next = (type) => new Promise((resolve) => {
             socket.addEventListener(type, resolve, { once: true });
         });
         await next('open');
         socket.send('hello');
         console.log((await next('message')).data);
         socket.close(4000, 'bye');
         const { code, wasClean } = await next('close');
         console.log(code, wasClean);",
    );
    assert_eq!(lines, ["true true", "hello", "4000 true"]);
    assert_eq!(uncaught, 0);
}

#[test]
fn the_script_beside_it_does_what_it_says() {
    let (address, _) = serve();
    let script = include_str!("echo.js");
    let (mut lines, uncaught) = run(&address, &format!("globalThis.address = address; {script}"));
    lines.dedup();
    assert_eq!(lines, ["open", "tick", "hello", "closed 1005 true"]);
    assert_eq!(uncaught, 0);
}

#[test]
fn a_thousand_sockets_are_served_beside_timers() {
    let (address, closed) = serve();
    let (lines, uncaught) = run(
        &address,
        "let left = 1000, sum = 0, ticks = 0;
         const interval = setInterval(() => { ticks += 1; }, 1);
         for (let i = 0; i < 1000; i += 1) {
             const socket = new WebSocket(address);
             socket.onopen = () => socket.send(String(i));
             socket.onmessage = ({ data }) => { sum += Number(data); socket.close(1000); };
             socket.onclose = ({ wasClean }) => {
                 if (!wasClean) console.log(`${i} was cut`);
                 if ((left -= 1) === 0) { clearInterval(interval); console.log(sum, ticks > 10); }
             };
         }",
    );
    assert_eq!(lines, ["499500 true"]);
    assert_eq!(uncaught, 0);
    assert_eq!(closed.iter().take(1000).filter(|end| end.0).count(), 1000);
}

#[test]
fn what_nobody_catches_is_told_and_the_run_goes_on() {
    let (address, _) = serve();
    let (lines, uncaught) = run(
        &address,
        "const socket = new WebSocket(address);
         socket.onopen = () => { socket.send('x'); throw new TypeError('of a listener'); };
         socket.onmessage = async () => { socket.close(); throw new RangeError('of a promise'); };
         socket.onclose = () => {
             console.log('closed');
             setTimeout(() => { throw new Error('of a timer'); }, 5);
         };
         const handled = Promise.reject(new Error('handled'));
         handled.catch(() => {});
         queueMicrotask(() => { throw new Error('of a microtask'); });
         queueMicrotask(() => console.log('behind it'));
         throw new SyntaxError('of the script');",
    );
    let expected = [
        "Error: of a microtask",
        "behind it",
        "SyntaxError: of the script",
        "TypeError: of a listener",
        "RangeError: of a promise",
        "closed",
        "Error: of a timer",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line} for {expected}");
    }
    assert_eq!(uncaught, 5);
    let (lines, uncaught) = run("", "this is no script");
    assert!(lines[0].contains("SyntaxError"), "{lines:?}");
    assert_eq!(uncaught, 1);
}

#[test]
fn what_a_job_throws_is_told_and_the_others_run() {
    let (lines, uncaught) = run(
        "",
        "globalThis.registry = new FinalizationRegistry((name) => { throw new Error(name); });
         registry.register({}, 'of a registry');
         Promise.resolve().then(() => console.log('behind it'));",
    );
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("Error: of a registry"), "{lines:?}");
    assert_eq!(lines[1], "behind it");
    assert_eq!(uncaught, 1);
}

#[test]
fn quit_leaves_the_page_with_its_sockets_open() {
    let (address, closed) = serve();
    let begin = Instant::now();
    let (lines, uncaught) = run(
        &address,
        "let open = 0;
         setTimeout(() => console.log('never'), 600_000);
         for (let i = 0; i < 10; i += 1) {
             const socket = new WebSocket(address);
             socket.onclose = () => console.log('never');
             socket.onopen = () => {
                 if ((open += 1) < 10) return;
                 quit();
                 console.log('quit');
             };
             socket.addEventListener('open', () => { if (open === 10) console.log('never'); });
         }",
    );
    assert_eq!(lines, ["quit"]);
    assert_eq!(uncaught, 0);
    assert!(begin.elapsed() < Duration::from_secs(60));
    // WebSockets section 7: "going away".
    assert!(closed.iter().take(10).all(|end| end == (true, 1001)));
}

/// A host with a socket that is open, a timer that is set, a promise that waits and a job that is queued.
async fn busy(address: &str) -> Vm {
    let (print, _) = printer();
    let vm = Vm::new(print.clone(), print).await.unwrap();
    let is_open = Rc::<Cell<bool>>::default();
    let opened = is_open.clone();
    let define = |ctx: rquickjs::Ctx<'_>| {
        ctx.globals()
            .set("opened", Func::from(move || opened.set(true)))
    };
    vm.context.with(define).await.unwrap();
    let source = format!(
        "const socket = new WebSocket('{address}');
         socket.onopen = () => opened();
         socket.onclose = ({{ target }}) => console.log(target);
         setTimeout(() => socket.send('x'), 600_000);
         await new Promise((resolve) => setInterval(resolve, 600_000, socket));
         socket.send('y');"
    );
    vm.run("test.js", &source).await;
    while !is_open.get() {
        vm.event_loop.turn();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let queue = |ctx: rquickjs::Ctx<'_>| {
        ctx.eval::<(), _>("queueMicrotask(() => socket); Promise.reject(1); undefined")
    };
    vm.context.with(queue).await.unwrap();
    vm
}

#[test]
fn everything_may_be_dropped_in_whatever_order() {
    let (address, closed) = serve();
    for order in 0..6 {
        on_tokio(async {
            let vm = busy(&address).await;
            match order {
                // As it is meant to be.
                0 => drop((vm.page, vm.event_loop, vm.context, vm.runtime)),
                1 => drop((vm.runtime, vm.context, vm.event_loop, vm.page)),
                2 => drop((vm.event_loop, vm.context, vm.page, vm.runtime)),
                3 => drop((vm.context, vm.page, vm.runtime, vm.event_loop)),
                // The loop goes on without its page.
                4 => {
                    drop((vm.page, vm.context, vm.runtime));
                    while vm.event_loop.turn() == Turn::More {}
                    drop(vm.event_loop);
                }
                // In the middle of its wait.
                _ => {
                    let wait = tokio::time::timeout(Duration::from_millis(20), vm.idle());
                    assert!(wait.await.is_err());
                }
            }
        });
        let (was_clean, code) = closed.recv_timeout(Duration::from_secs(30)).unwrap();
        assert!([1001, 1006].contains(&code), "{order}: {was_clean} {code}");
    }
}

#[test]
fn nothing_is_left_of_what_was_open() {
    let (address, _) = serve();
    on_tokio(async {
        let vm = busy(&address).await;
        let (runtime, event_loop) = (vm.runtime.weak(), vm.event_loop.downgrade());
        vm.shut_down().await;
        assert!(runtime.try_ref().is_none());
        assert!(event_loop.upgrade().is_none());
    });
}
