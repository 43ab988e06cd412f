//! What a message costs a script, in each engine.
//!
//! `cargo bench -p dom-websocket-shell --bench script -- ENGINE [receive|echo|binary] [MESSAGES]`
//!
//! * `receive`: a server pushes 64-byte texts as fast as they leave, and `onmessage` looks at `data`;
//! * `echo`: 256 of them are in flight, each answered from `onmessage`;
//! * `binary`: 64 KiB in an `ArrayBuffer`, there and back, one at a time.
//!
//! The server is a process of its own, so that what is counted is the script's side alone. Instructions
//! are best told by what more messages cost more:
//!
//! ```text
//! valgrind --tool=callgrind target/release/deps/script-… quickjs receive 2000
//! valgrind --tool=callgrind target/release/deps/script-… quickjs receive 12000
//! ```
#![allow(clippy::print_stdout)]

use dom_websocket::{Edition, EventLoop, MessageData, Server, UserAgent, WebSocket};
use dom_websocket_shell::{Engine, Natives, Realm, Settings};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;
use url::Url;

const RECEIVE: &str = "socket.onmessage = ({ data }) => {
    length += data.length;
    if (++received === messages) socket.close();
};";

const ECHO: &str =
    "socket.onopen = () => { while (sent < 256 && sent < messages) send('x'.repeat(64)); };
socket.onmessage = ({ data }) => {
    if (++received === messages) socket.close();
    else if (sent < messages) send(data);
};";

const BINARY: &str = "socket.binaryType = 'arraybuffer';
socket.onopen = () => send(new ArrayBuffer(65536));
socket.onmessage = ({ data }) => {
    if (++received === messages) socket.close();
    else send(data);
};";

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["serve"] => serve(None),
        ["serve", messages] => serve(Some(messages.parse().expect("a number of messages"))),
        [] => {
            for engine in ["quickjs", "boa"] {
                for case in ["receive", "echo", "binary"] {
                    run(engine, case, None);
                }
            }
        }
        [engine] => {
            for case in ["receive", "echo", "binary"] {
                run(engine, case, None);
            }
        }
        [engine, case] => run(engine, case, None),
        [engine, case, messages, ..] => run(engine, case, messages.parse().ok()),
    }
}

fn run(engine: &str, case: &str, messages: Option<usize>) {
    let (script, usual) = match case {
        "receive" => (RECEIVE, 100_000),
        "echo" => (ECHO, 100_000),
        "binary" => (BINARY, 5_000),
        other => panic!("unknown case {other:?}"),
    };
    let messages = messages.unwrap_or(usual);
    let mut server = Command::new(std::env::current_exe().expect("the path of this program"));
    server.arg("serve").stdout(Stdio::piped());
    if case == "receive" {
        server.arg(messages.to_string());
    }
    let mut server = server.spawn().expect("a server");
    let mut url = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut url)
        .expect("its address");

    let settings = Settings {
        edition: Edition::default(),
        address: Url::parse("about:blank").expect("a URL"),
        origin: None,
        user_agent: UserAgent::builder().compression(false).build(),
        ca_file: None,
        links_modules: false,
        interrupt: Arc::default(),
    };
    let engine: Engine = engine.parse().expect("an engine");
    let realm = Realm::open(engine, &settings, &Natives::default()).expect("a realm");
    let source = format!(
        "const socket = new WebSocket('{}'), messages = {messages};
        let sent = 0, received = 0, length = 0;
        function send(data) {{ sent += 1; socket.send(data); }}
        {script}",
        url.trim_end(),
    );
    let start = Instant::now();
    assert!(realm.evaluate("script.js", &source), "the script threw");
    realm.run_until(None, || false);
    let nanoseconds = start.elapsed().as_nanos() / messages as u128;
    println!("{:8} {case:8} {nanoseconds:>9} ns a message", engine.name());
    assert!(server.wait().expect("its end").success());
}

/// Serves one client: echoes, or pushes so many messages. Its address is its output.
fn serve(pushed: Option<usize>) {
    let event_loop = EventLoop::new();
    let server = Server::builder(&event_loop)
        .compression(false)
        .listen("127.0.0.1:0")
        .expect("a port");
    println!("ws://{}/", server.local_addr());
    let (pushing, data) = (event_loop.clone(), MessageData::from("x".repeat(64)));
    let data = Rc::new(data);
    let listener = server.clone();
    server.set_onconnection(move |socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
        if let Some(messages) = pushed {
            push(&pushing, socket, &data, messages);
        }
        listener.close();
    });
    drop(server);
    event_loop.run();
}

/// Keeps about a megabyte queued, a task at a time.
fn push(event_loop: &EventLoop, socket: WebSocket, data: &Rc<MessageData>, mut left: usize) {
    while left > 0 && socket.buffered_amount() < 1 << 20 {
        socket.send(&**data).expect("an open socket");
        left -= 1;
    }
    if left > 0 {
        let (next, data) = (event_loop.clone(), data.clone());
        event_loop.queue_task(move || push(&next, socket, &data, left));
    }
}
