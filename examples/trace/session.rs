//! The commands, and the loop that they run.

use crate::connection::Connection;
use crate::{print_exception, to_text};
use dom_websocket::{AsData, Data, EventLoop, Turn};
use serde_json::json;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Why the commands stop.
pub(crate) enum Stop {
    Misuse(String),
    TimedOut,
}

pub(crate) struct Session<'a> {
    event_loop: &'a EventLoop,
    connection: Box<dyn Connection>,
    woken: Receiver<()>,
    deadline: Instant,
}

impl<'a> Session<'a> {
    pub(crate) fn new(
        event_loop: &'a EventLoop,
        connection: Box<dyn Connection>,
        timeout: Duration,
    ) -> Self {
        let (wake, woken) = channel();
        event_loop.set_wake_up(move || {
            let _ = wake.send(());
        });
        Self {
            event_loop,
            connection,
            woken,
            deadline: Instant::now() + timeout,
        }
    }

    pub(crate) fn execute(&self, line: &str) -> Result<(), Stop> {
        let (command, argument) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "" => {}
            "send" => self.send(argument.as_data()),
            "send-hex" => {
                let bytes = from_hex(argument).ok_or(misuse("send-hex HEX"))?;
                self.send(bytes.as_data());
            }
            "close" => {
                let (code, reason) = argument.split_once(' ').unwrap_or((argument, ""));
                let code = match code {
                    "" => None,
                    code => Some(code.parse().map_err(|_| misuse("close [CODE [REASON]]"))?),
                };
                if code.is_some() && !self.connection.has_codes() {
                    return Err(misuse("close: this wire has no codes"));
                }
                if let Err(exception) = self.connection.close(code, reason) {
                    print_exception(&exception);
                }
            }
            "finish" => match self.connection.finish() {
                Ok(is_finished) => println!("{}", json!({ "finish": is_finished })),
                Err(exception) => print_exception(&exception),
            },
            "read" => {
                let at_most = argument.parse().ok().filter(|at_most| *at_most > 0);
                self.read(at_most.ok_or(misuse("read N"))?)?;
            }
            "wait" => {
                let (type_, count) = argument.split_once(' ').unwrap_or((argument, "1"));
                let types = self.connection.events();
                if !types.contains(&type_) {
                    return Err(misuse(&format!("wait for {}", types.join(", "))));
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
                    "state": self.connection.ready_state(),
                    "bufferedAmount": self.connection.buffered_amount(),
                })
            ),
            other => return Err(misuse(&format!("unknown command {other:?}"))),
        }
        Ok(())
    }

    fn send(&self, data: Data<'_>) {
        match self.connection.send(data) {
            Ok(is_queued) => println!("{}", json!({ "send": is_queued })),
            Err(exception) => print_exception(&exception),
        }
    }

    fn read(&self, at_most: usize) -> Result<(), Stop> {
        let mut read = None;
        self.run_until(self.deadline, || {
            read = read.take().or_else(|| self.connection.read(at_most));
            read.is_some()
        });
        let bytes = read.ok_or(Stop::TimedOut)?;
        let mut line = json!({ "read": bytes.len() });
        if !bytes.is_empty() {
            to_text(&mut line, &bytes);
        }
        println!("{line}");
        Ok(())
    }

    /// Until there have been that many events of a type, or `close`.
    pub(crate) fn wait(&self, type_: &str, count: usize) -> Result<(), Stop> {
        let is_over = || self.connection.seen(type_) >= count || self.connection.seen("close") > 0;
        self.run_until(self.deadline, is_over);
        if is_over() {
            Ok(())
        } else {
            Err(Stop::TimedOut)
        }
    }

    /// Takes turns of the loop, each once there is something to do, until it is done or time is up.
    fn run_until(&self, end: Instant, mut is_done: impl FnMut() -> bool) {
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

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.is_ascii() || hex.len() % 2 != 0 {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).ok())
        .collect()
}
