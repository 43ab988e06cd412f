//! Opens a socket, does what standard input says, and prints one JSON object a line for each event,
//! exception and result.
//!
//! `cargo run --example trace -- URL [--edition html5|living] [--subprotocol P]... [--origin O]
//! [--timeout S] [--header "NAME: VALUE"]... [--follow-redirects N] [--diagnose]`
//!
//! * `--diagnose` prints each step of the connection, and the cause of its failure, on standard error;
//! * with the feature `tls`, `--ca-file F` trusts the certificates of a PEM file in place of the
//!   system's, and `--client-cert F --client-key F` shows one to a server that asks for it;
//! * with `proxies`, `--proxy URL` (`http:`, `https:` or `socks5:`) goes through a proxy; without the flag
//!   it is the proxy of the environment;
//! * with `credentials`, `--user USER:PASSWORD` answers a server's 401;
//! * with `cookies`, `--cookie-jar FILE` sends and keeps cookies, in Netscape's format.
//!
//! Commands, one a line: `send TEXT`, `send-hex HEX`, `close [CODE [REASON]]`, `wait open|message|error|close [COUNT]`, `sleep MS`,
//! `state`. Commands in a row are one task; events are delivered inside `wait` and `sleep` and after
//! the last command. It ends when the commands are done and `close` has been dispatched, with exit
//! status 0; 2 if that takes longer than the timeout (60 seconds); 1 if it can't be used like this.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod user_agent;

use dom_websocket::{
    Data, Dispatch, DomException, Edition, Event, EventLoop, Turn, UserAgent, WebSocket,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::HashMap;
use std::io::BufRead;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use user_agent::Settings;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => return misused(&error),
    };
    let (user_agent, cookies) = match options.settings.user_agent() {
        Ok(user_agent) => user_agent,
        Err(error) => return misused(&error.to_string()),
    };
    let session = match Session::open(&options, &user_agent) {
        Ok(session) => session,
        Err(exception) => {
            print_exception(&exception);
            return ExitCode::SUCCESS;
        }
    };
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else {
            return misused("standard input is not UTF-8");
        };
        match session.execute(&line) {
            Ok(()) => {}
            Err(Stop::Misuse(error)) => return misused(&error),
            Err(Stop::TimedOut) => return timed_out(),
        }
    }
    let end = session.wait("close", 1);
    if let Err(error) = cookies.save() {
        return misused(&format!("--cookie-jar: {error}"));
    }
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => timed_out(),
    }
}

fn misused(error: &str) -> ExitCode {
    eprintln!("trace: {error}");
    ExitCode::from(1)
}

fn timed_out() -> ExitCode {
    eprintln!("trace: timed out");
    ExitCode::from(2)
}

struct Options {
    url: String,
    edition: Edition,
    subprotocols: Vec<String>,
    origin: Option<String>,
    settings: Settings,
    timeout: Duration,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut url = None;
        let mut options = Self {
            url: String::new(),
            edition: Edition::default(),
            subprotocols: Vec::new(),
            origin: None,
            settings: Settings::default(),
            timeout: Duration::from_secs(60),
        };
        let settings = &mut options.settings;
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--edition" => {
                    options.edition = match value()?.as_str() {
                        "html5" => Edition::Html5,
                        "living" => Edition::Living,
                        other => return Err(format!("unknown edition {other:?}")),
                    }
                }
                "--subprotocol" => options.subprotocols.push(value()?),
                "--origin" => options.origin = Some(value()?),
                "--proxy" => settings.proxy = Some(value()?),
                "--ca-file" => settings.ca_file = Some(value()?),
                "--client-cert" => settings.client_cert = Some(value()?),
                "--client-key" => settings.client_key = Some(value()?),
                "--header" => settings.headers.push(value()?),
                "--cookie-jar" => settings.cookie_jar = Some(value()?),
                "--user" => settings.user = Some(value()?),
                "--diagnose" => settings.diagnose = true,
                "--follow-redirects" => {
                    let count = value()?.parse();
                    settings.redirects = count.map_err(|_| "--follow-redirects takes a number")?;
                }
                "--timeout" => {
                    options.timeout = value()?
                        .parse()
                        .ok()
                        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
                        .ok_or("--timeout takes seconds")?;
                }
                other if other.starts_with("--") => {
                    return Err(format!("unknown argument {other:?}"));
                }
                _ if url.is_some() => return Err("one URL, please".into()),
                _ => url = Some(argument),
            }
        }
        options.url = url.ok_or("a URL is missing")?;
        Ok(options)
    }
}

/// Why the commands stop.
enum Stop {
    Misuse(String),
    TimedOut,
}

struct Session {
    event_loop: EventLoop,
    socket: WebSocket,
    woken: Receiver<()>,
    /// How many events of each type there have been.
    seen: Rc<RefCell<HashMap<&'static str, usize>>>,
    deadline: Instant,
}

impl Session {
    fn open(options: &Options, user_agent: &UserAgent) -> Result<Self, DomException> {
        let event_loop = EventLoop::new();
        let (wake, woken) = channel();
        event_loop.set_wake_up(move || {
            let _ = wake.send(());
        });
        let mut builder = WebSocket::builder(&event_loop, &options.url);
        builder
            .edition(options.edition)
            .user_agent(user_agent)
            .protocols(options.subprotocols.iter().map(String::as_str));
        if let Some(origin) = &options.origin {
            builder.origin(origin);
        }
        let socket = builder.open()?;
        let seen: Rc<RefCell<HashMap<_, usize>>> = Rc::default();
        for type_ in ["open", "message", "error", "close"] {
            let seen = seen.clone();
            socket.add_event_listener(type_, move |event| {
                *seen.borrow_mut().entry(type_).or_default() += 1;
                print_event(event);
            });
        }
        Ok(Self {
            event_loop,
            socket,
            woken,
            seen,
            deadline: Instant::now() + options.timeout,
        })
    }

    fn execute(&self, line: &str) -> Result<(), Stop> {
        let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "" => {}
            "send" => self.send(argument.into()),
            "send-hex" => {
                let bytes = from_hex(argument).ok_or(misuse("send-hex HEX"))?;
                self.send(bytes.as_slice().into());
            }
            "close" => {
                let (code, reason) = argument.split_once(' ').unwrap_or((argument, ""));
                let code = match code {
                    "" => None,
                    code => Some(code.parse().map_err(|_| misuse("close [CODE [REASON]]"))?),
                };
                if let Err(exception) = self.socket.close_with(code, reason) {
                    print_exception(&exception);
                }
            }
            "wait" => {
                let (type_, count) = argument.split_once(' ').unwrap_or((argument, "1"));
                if !["open", "message", "error", "close"].contains(&type_) {
                    return Err(misuse("wait for open, message, error or close"));
                }
                let count = count.parse().map_err(|_| misuse("wait TYPE [COUNT]"))?;
                self.wait(type_, count)?;
            }
            "sleep" => {
                let milliseconds = argument.parse().map_err(|_| misuse("sleep MS"))?;
                let end = Instant::now() + Duration::from_millis(milliseconds);
                self.run_until(end.min(self.deadline), || false);
                if Instant::now() >= self.deadline {
                    return Err(Stop::TimedOut);
                }
            }
            "state" => println!(
                "{}",
                json!({
                    "state": self.socket.ready_state(),
                    "bufferedAmount": self.socket.buffered_amount(),
                })
            ),
            other => return Err(misuse(&format!("unknown command {other:?}"))),
        }
        Ok(())
    }

    fn send(&self, data: Data<'_>) {
        match self.socket.send(data) {
            Ok(is_queued) => println!("{}", json!({ "send": is_queued })),
            Err(exception) => print_exception(&exception),
        }
    }

    /// Until there have been that many events of a type, or `close`.
    fn wait(&self, type_: &str, count: usize) -> Result<(), Stop> {
        let seen = |type_| self.seen.borrow().get(type_).copied().unwrap_or(0);
        self.run_until(self.deadline, || seen(type_) >= count || seen("close") > 0);
        if seen(type_) >= count || seen("close") > 0 {
            Ok(())
        } else {
            Err(Stop::TimedOut)
        }
    }

    /// Takes turns of the loop, each once there is something to do, until it is done or time is up.
    fn run_until(&self, end: Instant, is_done: impl Fn() -> bool) {
        while !is_done() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if self.event_loop.turn() != Turn::More && !is_done() {
                let _ = self.woken.recv_timeout(left);
            }
        }
    }
}

fn misuse(error: &str) -> Stop {
    Stop::Misuse(error.to_owned())
}

fn print_event(event: Dispatch<'_, Event>) {
    let socket = event.target();
    let mut line = json!({ "event": event.type_(), "readyState": socket.ready_state() });
    if let Some(message) = event.as_message_event() {
        match message.data().as_str() {
            Some(text) => line["data"] = json!(text),
            None => line["hex"] = json!(to_hex(message.data().as_bytes().unwrap_or_default())),
        }
    }
    if let Some(close) = event.as_close_event() {
        line["wasClean"] = json!(close.was_clean());
        line["code"] = json!(close.code());
        line["reason"] = json!(close.reason());
    }
    line["bufferedAmount"] = Value::from(socket.buffered_amount());
    println!("{line}");
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() % 2 != 0 {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok())
        .collect()
}

fn print_exception(exception: &DomException) {
    eprintln!("trace: {exception}");
    println!("{}", json!({ "exception": exception.name() }));
}
