//! An echo server that has all cores: an event loop for each, on a thread of its own, with a listening socket of its own.
//!
//! `cargo run --release --example cores -- [--listen ADDR] [--loops N] [--seconds S]`
//!
//! The loops share nothing but the port; the system shares the clients out (`SO_REUSEPORT`). There are as many as
//! processors, unless `--loops` says otherwise. After `--seconds` it ends, and says what each of them had to do.
#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

mod command_line;

use dom_websocket::{EventLoop, Server};
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

const HELP: &str = "\
cores: an echo server that has all cores, an event loop and a listening socket for each

  --listen ADDR  where to listen; 127.0.0.1:9001
  --loops N      how many loops; as many as processors
  --seconds S    how long, and then says what each loop had to do; until it is killed
  --help         this text
";

/// What one loop has had to do.
#[derive(Default)]
struct Work {
    clients: AtomicU64,
    messages: AtomicU64,
}

fn main() -> ExitCode {
    let options = Options::parse(std::env::args().skip(1));
    command_line::run("cores", HELP, options, run)
}

struct Options {
    listen: SocketAddr,
    loops: usize,
    seconds: Option<u64>,
}

impl Options {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self {
            listen: ([127, 0, 0, 1], 9001).into(),
            loops: thread::available_parallelism()?.get(),
            seconds: None,
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--listen" => {
                    let address = value()?.parse();
                    options.listen = address.map_err(|_| "--listen takes an address and a port")?;
                }
                "--loops" => {
                    let loops = value()?.parse();
                    options.loops = loops.map_err(|_| "--loops takes a number")?;
                }
                "--seconds" => {
                    let seconds = value()?.parse().map_err(|_| "--seconds takes a number")?;
                    options.seconds = Some(seconds);
                }
                other => return Err(format!("unknown argument {other:?}").into()),
            }
        }
        match options.loops {
            0 => Err("--loops is at least 1".into()),
            _ => Ok(Some(options)),
        }
    }
}

fn run(options: Options) -> Result<(), Box<dyn Error>> {
    let Options {
        mut listen,
        loops,
        seconds,
    } = options;
    let mut works = Vec::new();
    for _ in 0..loops {
        let work = Arc::<Work>::default();
        works.push(work.clone());
        let (listening, address) = mpsc::channel::<io::Result<SocketAddr>>();
        thread::spawn(move || {
            let event_loop = EventLoop::new();
            let server = serve(&event_loop, listen, &work);
            let address = server.as_ref().map(Server::local_addr);
            let _ = listening.send(address.map_err(|error| error.kind().into()));
            event_loop.run();
        });
        // Where the port was 0, the next ones take the same.
        listen = address
            .recv()?
            .map_err(|error| format!("{listen}: {error}"))?;
    }
    println!("listening on {listen} with {loops} loops");
    let Some(seconds) = seconds else {
        loop {
            thread::park();
        }
    };
    thread::sleep(Duration::from_secs(seconds));
    for (number, work) in works.iter().enumerate() {
        let (clients, messages) = (work.clients.load(Relaxed), work.messages.load(Relaxed));
        println!("loop {number}: {clients} clients, {messages} messages");
    }
    Ok(())
}

/// A server on this loop.
fn serve(event_loop: &EventLoop, address: SocketAddr, work: &Arc<Work>) -> io::Result<Server> {
    let mut builder = Server::builder(event_loop);
    let server = builder
        .reuse_port(true)
        .compression(false)
        .listen(address)?;
    let work = work.clone();
    server.set_onconnection(move |socket, _| {
        work.clients.fetch_add(1, Relaxed);
        let work = work.clone();
        socket.set_onmessage(move |event| {
            work.messages.fetch_add(1, Relaxed);
            event.target().send(event.data())
        });
    });
    Ok(server)
}
