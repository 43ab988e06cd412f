//! What sockets cost that share a connection, beside sockets with a TLS connection each.
//!
//! `cargo bench --bench http2 --no-default-features --features native,http2,tls -- [SOCKETS] [ROUNDS] [--bound]`
//!
//! Server and clients are processes of their own. 1,000 sockets are opened over `wss:`; each end tells how much its memory has
//! grown for each of them, as the system sees it, but for the pages of the program itself. Then each sends 64 bytes and waits for
//! them to come back, 200 times, and each end tells the CPU time of a message. So it goes for HTTP/1.1 and for HTTP/2, and the
//! ratios follow.
//!
//! With `--bound` it fails where a message over HTTP/2 costs more than 1.3 times the time, or a socket more than a tenth of the
//! memory.
#![allow(clippy::print_stdout)]

mod drive;
mod process;
mod resident;

use dom_websocket::{EventLoop, Http2, Http2Options, Server, UserAgent, WebSocket};
use drive::drive;
use process::{Process, Usage, answer};
use std::cell::Cell;
use std::process::exit;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Duration;

/// What an idle connection may keep for a while, it has given up by then.
const IDLE: Duration = Duration::from_secs(6);
/// So many clients are connected at once, as far as the backlog of any system goes.
const AT_ONCE: usize = 50;
const MOST_TIME: f64 = 1.3;
const MOST_MEMORY: f64 = 0.1;

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    arguments.retain(|argument| argument != "--bench");
    let is_bound = arguments.iter().any(|argument| argument == "--bound");
    arguments.retain(|argument| argument != "--bound");
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["server", certificate, key] => serve(certificate, key),
        ["client", mode, url, certificate, sockets, rounds] => {
            let [sockets, rounds] = [sockets, rounds].map(|number| number.parse().unwrap());
            connect(mode.parse().unwrap(), url, certificate, sockets, rounds);
        }
        _ => {
            let number = |at, default: usize| {
                words
                    .get(at)
                    .map_or(default, |word: &&str| word.parse().expect("a number"))
            };
            let (sockets, rounds) = (number(0, 1000), number(1, 200));
            println!("                      HTTP/1.1    HTTP/2   ratio");
            let [http1, http2] = ["off", "prefer"].map(|mode| measure(mode, sockets, rounds));
            let mut is_within = true;
            for (index, (name, most)) in [
                ("server, KiB a socket", MOST_MEMORY),
                ("client, KiB a socket", MOST_MEMORY),
                ("server, KiB then", MOST_MEMORY),
                ("client, KiB then", MOST_MEMORY),
                ("server, us a message", MOST_TIME),
                ("client, us a message", MOST_TIME),
            ]
            .into_iter()
            .enumerate()
            {
                let ratio = http2[index] / http1[index];
                println!(
                    "{name:20} {:>9.2} {:>9.2} {ratio:>7.2}",
                    http1[index], http2[index]
                );
                is_within &= ratio <= most;
            }
            if is_bound && !is_within {
                println!("more than {MOST_TIME} of the time, or {MOST_MEMORY} of the memory");
                exit(1);
            }
        }
    }
}

/// Memory of a socket at either end, and time of a message at either end.
fn measure(mode: &str, sockets: usize, rounds: usize) -> [f64; 6] {
    let identity = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = std::env::temp_dir();
    let file = |name| {
        folder.join(format!(
            "dom-websocket-http2-{}-{name}.pem",
            std::process::id()
        ))
    };
    let (certificate, key) = (file("certificate"), file("key"));
    std::fs::write(&certificate, identity.cert.pem()).unwrap();
    std::fs::write(&key, identity.signing_key.serialize_pem()).unwrap();
    let certificate = certificate.to_str().unwrap();
    let mut server = Process::start(&["server", certificate, key.to_str().unwrap()]);
    let url = server.line();
    let (count, times) = (sockets.to_string(), rounds.to_string());
    let mut client = Process::start(&["client", mode, &url, certificate, &count, &times]);
    assert_eq!(client.line(), "open");
    std::thread::sleep(IDLE);
    let (server_idle, client_idle) = (server.usage(), client.usage());
    client.say("go");
    assert_eq!(client.line(), "done");
    let (server_busy, client_busy) = (server.usage(), client.usage());
    for file in [certificate, key.to_str().unwrap()] {
        std::fs::remove_file(file).unwrap();
    }
    let memory = |idle: Usage, at_first: Usage| {
        idle.anonymous.saturating_sub(at_first.anonymous) as f64 / sockets as f64
    };
    let messages = (sockets * rounds) as f64;
    let time = |busy: Usage, idle: Usage| 10_000.0 * (busy.ticks - idle.ticks) as f64 / messages;
    [
        memory(server_idle, server.at_first),
        memory(client_idle, client.at_first),
        memory(server_busy, server.at_first),
        memory(client_busy, client.at_first),
        time(server_busy, server_idle),
        time(client_busy, client_idle),
    ]
}

fn serve(certificate: &str, key: &str) {
    let event_loop = EventLoop::new();
    let [certificate, key] = [certificate, key].map(|file| std::fs::read(file).unwrap());
    let mut options = Http2Options::default();
    options.streams = 100_000;
    let server = Server::builder(&event_loop)
        .compression(false)
        .tls(&certificate, &key)
        .unwrap()
        .max_connections(100_000)
        .http2(Some(options))
        .listen("127.0.0.1:0")
        .unwrap();
    server.set_onconnection(|socket, _| {
        socket.set_onmessage(|event| event.target().send(event.data()));
    });
    answer(|| ());
    println!("wss://localhost:{}/", server.local_addr().port());
    event_loop.run();
}

fn connect(mode: Http2, url: &str, certificate: &str, count: usize, rounds: usize) {
    let event_loop = EventLoop::new();
    let mut options = Http2Options::default();
    options.streams = 100_000;
    let mut builder = UserAgent::builder();
    builder
        .compression(false)
        .http2(mode)
        .http2_options(options);
    let certificate = std::fs::read(certificate).unwrap();
    builder.root_certificates(&certificate).unwrap();
    let user_agent = builder.build();
    let (go, gone) = channel();
    let handle = event_loop.handle();
    answer(move || {
        let _ = go.send(());
        handle.queue_task(|| ());
    });
    let open = Rc::new(Cell::new(0));
    let mut sockets = Vec::new();
    let mut left = Vec::new();
    let done = Rc::new(Cell::new(0));
    for _ in 0..count {
        let mut builder = WebSocket::builder(&event_loop, url);
        let socket = builder.user_agent(&user_agent).open().unwrap();
        let is_open = open.clone();
        socket.set_onopen(move |_| is_open.set(is_open.get() + 1));
        socket.set_onerror(|_| panic!("a socket failed"));
        let rounds_left = Rc::new(Cell::new(rounds));
        let (own, done) = (rounds_left.clone(), done.clone());
        socket.set_onmessage(move |event| {
            own.set(own.get() - 1);
            match own.get() {
                0 => {
                    done.set(done.get() + 1);
                    Ok(true)
                }
                _ => event.target().send(event.data()),
            }
        });
        sockets.push(socket);
        left.push(rounds_left);
        drive(&event_loop, || open.get() + AT_ONCE > sockets.len());
    }
    drive(&event_loop, || open.get() == count);
    println!("open");
    drive(&event_loop, || gone.try_recv().is_ok());
    for socket in &sockets {
        socket.send([b'x'; 64]).unwrap();
    }
    drive(&event_loop, || done.get() == count);
    println!("done");
    drive(&event_loop, || false);
}
