//! The host at work, against a server of ours on another thread.

use crate::App;
use crate::web_socket::leave_page;
use boa_engine::{Context, JsResult, JsString, JsValue, NativeFunction};
use dom_websocket::{EventLoop, Server};
use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
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

fn app(directory: PathBuf) -> (App, Lines) {
    let lines = Lines::default();
    let writer = lines.clone();
    let print = Rc::new(move |line: &str| writer.borrow_mut().push(line.to_owned()));
    let app = App::new(directory, print.clone(), print).unwrap();
    (app, lines)
}

/// What a script writes, with the server's address in `address`, and how often nobody caught something.
fn run(address: &str, script: &str) -> (Vec<String>, usize) {
    let (mut app, lines) = app(PathBuf::new());
    let script = format!("const address = '{address}'; {script}");
    app.run(Path::new("test.js"), &script).unwrap();
    let uncaught = app.shut_down();
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
             setTimeout(() => { told += i; queueMicrotask(() => { told += '.'; }); }, 5);
         }
         const never = setTimeout(() => { told += 'never'; }, 5);
         let ticks = 0;
         const interval = setInterval(() => {
             clearTimeout(never);
             if ((ticks += 1) < 3) return;
             clearInterval(interval);
             console.log(told);
         }, 3);",
    );
    assert_eq!(lines, ["0.1.2.3.4.5.6.7.8.9."]);
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
         queueMicrotask(() => { new WebSocket('localhost/chat'); });
         throw new SyntaxError('of the script');",
    );
    let expected = [
        "SyntaxError: of the script",
        "Error: of a microtask",
        "SyntaxError: the URL `localhost/chat` has no scheme",
        "TypeError: of a listener",
        "RangeError: of a promise",
        "closed",
        "Error: of a timer",
    ];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{line} for {expected}");
    }
    assert_eq!(uncaught, 6);
}

#[test]
fn fetch_and_sockets_go_on_at_once() {
    let (address, _) = serve();
    let directory = std::env::temp_dir().join(format!("extension-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("greeting.txt"), "hello").unwrap();
    let (mut app, lines) = app(directory.clone());
    let script = format!(
        "const socket = new WebSocket('{address}');
         socket.onopen = async () => {{
             const response = await fetch('greeting.txt');
             socket.send(await response.text());
         }};
         socket.onmessage = ({{ data }}) => {{ console.log(data); socket.close(); }};
         fetch('nothing.txt').catch((error) => console.log(error.name));"
    );
    app.run(Path::new("test.js"), &script).unwrap();
    assert_eq!(app.shut_down(), 0);
    fs::remove_dir_all(directory).unwrap();
    let mut lines = lines.take();
    lines.sort();
    assert_eq!(lines, ["TypeError", "hello"]);
}

#[test]
fn the_script_beside_it_does_what_it_says() {
    let (address, _) = serve();
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/extension");
    let (mut app, lines) = app(directory);
    let script = format!(
        "globalThis.address = '{address}'; {}",
        include_str!("echo.js")
    );
    app.run(Path::new("echo.js"), &script).unwrap();
    assert_eq!(app.shut_down(), 0);
    let second = include_str!("echo.js").lines().nth(1).unwrap();
    let mut lines = lines.take();
    lines.dedup();
    assert_eq!(lines, ["open", "tick", second, "closed 1005 true"]);
}

#[test]
fn the_realm_keeps_the_signals_of_boa_runtime() {
    let (lines, _) = run(
        "ws://127.0.0.1:1/",
        "const controller = new AbortController();
         const socket = new WebSocket(address);
         socket.addEventListener('close', () => console.log('never'), { signal: controller.signal });
         socket.addEventListener('close', ({ code }) => console.log(code));
         controller.abort();",
    );
    assert_eq!(lines, ["1006"]);
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
                 Promise.resolve().then(() => console.log('never'));
                 console.log('quit');
             };
         }",
    );
    assert_eq!(lines, ["quit"]);
    assert_eq!(uncaught, 0);
    assert!(begin.elapsed() < Duration::from_secs(60));
    // WebSockets section 7: "going away".
    assert!(closed.iter().take(10).all(|end| end == (true, 1001)));
}

/// A host with a socket that is open and a timer that is set.
fn busy(address: &str) -> App {
    let (mut app, _) = app(PathBuf::new());
    let script = format!(
        "const socket = new WebSocket('{address}');
         socket.onopen = () => {{ setTimeout(() => socket.send('x'), 600_000); quit(); }};
         socket.onclose = ({{ target }}) => console.log(target);"
    );
    app.run(Path::new("test.js"), &script).unwrap();
    app
}

#[test]
fn everything_may_be_dropped_in_whatever_order() {
    let (address, closed) = serve();
    for order in 0..5 {
        let App {
            mut context,
            executor,
            event_loop,
            ..
        } = busy(&address);
        match order {
            0 => drop((event_loop, context, executor)),
            1 => drop((context, executor, event_loop)),
            2 => drop((executor, event_loop, context)),
            // The page alone, and then the loop's last turns.
            3 => {
                leave_page(&mut context);
                event_loop.run();
                drop((executor, context, event_loop));
            }
            // The loop goes on without its context.
            _ => {
                drop((context, executor));
                event_loop.run();
            }
        }
        // What script had is garbage, and keeps the loop until it is collected.
        boa_engine::gc::force_collect();
        let (was_clean, code) = closed.recv_timeout(Duration::from_secs(30)).unwrap();
        match order {
            0..3 => assert_eq!((was_clean, code), (false, 1006), "{order}"),
            _ => assert_eq!((was_clean, code), (true, 1001), "{order}"),
        }
    }
}

/// A function of the global object's.
fn leave(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    leave_page(context);
    Ok(JsValue::undefined())
}

#[test]
fn a_page_may_be_left_within_a_handler() {
    let (address, closed) = serve();
    let (mut app, lines) = app(PathBuf::new());
    let function = NativeFunction::from_fn_ptr(leave);
    app.context
        .register_global_callable(JsString::from("leave"), 0, function)
        .unwrap();
    let script = format!(
        "const socket = new WebSocket('{address}');
         socket.onopen = () => {{ leave(); console.log('left'); }};
         socket.addEventListener('open', () => console.log('never'));
         socket.onclose = () => console.log('never');"
    );
    app.run(Path::new("test.js"), &script).unwrap();
    app.shut_down();
    assert_eq!(closed.recv().unwrap(), (true, 1001));
    assert_eq!(lines.take(), ["left"]);
}
