//! A game's loop: frames of a fixed length, with the sockets' turns in them.
//!
//! `cargo run --example frames -- [--players N] [--rate HZ] [--seconds S] [--one-turn]`
//!
//! Each frame begins with a turn, which brings what has come, moves the world by one step, sends, and ends with another turn, by
//! which what was sent leaves. `--one-turn` does without the second: everything is a frame late then, which the report shows.
//! A frame never waits for a socket, and a socket that has much to say does not hold up a frame: what is left of it at
//! the end of the frame's share is for the next.
//!
//! Each player is a socket. The server, on a thread of its own, tells everybody where everybody is.
#![allow(clippy::print_stderr)]

#[macro_use]
mod output;

use dom_websocket::{BinaryType, EventLoop, MessageData, Server, Turn, UserAgent, WebSocket};
use std::cell::RefCell;
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const HELP: &str = "frames [--players N] [--rate HZ] [--seconds S] [--one-turn]

  --players N   sockets of the game (4)
  --rate HZ     frames in a second (60)
  --seconds S   how long to play (3)
  --one-turn    take no turn behind what a frame sends
  --help        this text";

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("frames: {error}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match play(&options) {
        Ok(report) => {
            report.print();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("frames: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    players: usize,
    frame: Duration,
    frames: u32,
    turns_behind: bool,
}

impl Options {
    /// `None` where help is wanted.
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut players, mut rate, mut seconds, mut turns_behind) = (4, 60, 3, true);
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next();
                let value = value.ok_or(format!("{argument} needs a value"))?;
                let number = value.parse::<u32>();
                number.map_err(|_| format!("{argument} takes a number"))
            };
            match argument.as_str() {
                "--help" | "-h" => return Ok(None),
                "--players" => players = number()?.try_into()?,
                "--rate" => rate = number()?,
                "--seconds" => seconds = number()?,
                "--one-turn" => turns_behind = false,
                other => return Err(format!("unknown argument {other:?}").into()),
            }
        }
        let frame = Duration::from_secs(1).checked_div(rate);
        Ok(Some(Self {
            players,
            frame: frame.ok_or("--rate is at least 1")?,
            frames: rate.saturating_mul(seconds),
            turns_behind,
        }))
    }
}

/// What a player tells of itself.
#[derive(Clone, Copy)]
struct Step {
    player: u32,
    frame: u32,
    position: f32,
}

impl Step {
    fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.player.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.frame.to_le_bytes());
        bytes[8..].copy_from_slice(&self.position.to_le_bytes());
        bytes
    }

    /// `None`, if it is of somebody else's game.
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| bytes.get(at..at + 4)?.try_into().ok();
        Some(Self {
            player: u32::from_le_bytes(word(0)?),
            frame: u32::from_le_bytes(word(4)?),
            position: f32::from_le_bytes(word(8)?),
        })
    }
}

#[derive(Default)]
struct World {
    /// The frame that is being made.
    frame: u32,
    positions: Vec<f32>,
    report: Report,
}

#[derive(Debug, Default)]
struct Report {
    frames: u32,
    /// Those that were not ready by the time of the next.
    late_frames: u32,
    sent: u32,
    received: u32,
    /// How many frames later a player heard of its own step: by so many, how often.
    frames_until_heard: Vec<u32>,
}

impl Report {
    fn count(&mut self, frames: u32) {
        let frames = frames as usize;
        let counts = &mut self.frames_until_heard;
        counts.resize(counts.len().max(frames + 1), 0);
        counts[frames] += 1;
    }

    fn print(&self) {
        println!("{} frames, {} of them late", self.frames, self.late_frames);
        println!("{} steps sent, {} heard of", self.sent, self.received);
        for (frames, count) in self.frames_until_heard.iter().enumerate() {
            if *count > 0 {
                println!("own steps heard of {frames} frames later: {count}");
            }
        }
    }
}

/// Opens the players' sockets, plays, and leaves.
fn play(options: &Options) -> Result<Report, Box<dyn Error>> {
    let url = format!("ws://{}/", serve()?);
    let event_loop = EventLoop::new();
    let user_agent = UserAgent::builder().log_failures().build();
    let world = Rc::new(RefCell::new(World {
        positions: vec![0.0; options.players],
        ..World::default()
    }));
    let mut players = Vec::new();
    for player in 0..options.players {
        let socket = WebSocket::builder(&event_loop, &url)
            .user_agent(&user_agent)
            .open()?;
        socket.set_binary_type(BinaryType::ArrayBuffer);
        let world = world.clone();
        socket.set_onmessage(move |event| {
            if let MessageData::ArrayBuffer(bytes) = event.data() {
                hear(&mut world.borrow_mut(), player, bytes);
            }
        });
        players.push(socket);
    }

    let begin = Instant::now();
    for frame in 0..options.frames {
        let end = begin + options.frame * (frame + 1);
        // Half of the frame at most is the sockets'.
        let share = begin + options.frame * frame + options.frame / 2;
        world.borrow_mut().frame = frame;
        take_turns(&event_loop, share);
        advance(&mut world.borrow_mut());
        send(&world, &players)?;
        if options.turns_behind {
            event_loop.turn();
        }
        // Here a game draws, and waits for the display.
        match end.checked_duration_since(Instant::now()) {
            Some(left) => thread::sleep(left),
            None => world.borrow_mut().report.late_frames += 1,
        }
        world.borrow_mut().report.frames += 1;
    }
    // The closing handshakes: no frame has to be met any more.
    players.iter().for_each(WebSocket::close);
    event_loop.run();
    let report = std::mem::take(&mut world.borrow_mut().report);
    Ok(report)
}

/// Brings what has come, all of it if there is time.
fn take_turns(event_loop: &EventLoop, until: Instant) {
    while event_loop.turn() == Turn::More && Instant::now() < until {}
}

/// One step, always of the same length, whatever the time.
fn advance(world: &mut World) {
    for (player, position) in world.positions.iter_mut().enumerate() {
        *position += 1.0 + player as f32;
    }
}

/// Has each player who is in the game tell of its step.
fn send(world: &Rc<RefCell<World>>, players: &[WebSocket]) -> Result<(), Box<dyn Error>> {
    for (player, socket) in players.iter().enumerate() {
        if socket.ready_state() != WebSocket::OPEN {
            continue;
        }
        let step = {
            let mut world = world.borrow_mut();
            world.report.sent += 1;
            Step {
                player: player as u32,
                frame: world.frame,
                position: world.positions[player],
            }
        };
        socket.send(&step.to_bytes()[..])?;
    }
    Ok(())
}

/// A player hears of somebody's step.
fn hear(world: &mut World, player: usize, bytes: &[u8]) {
    let Some(step) = Step::from_bytes(bytes) else {
        return;
    };
    world.report.received += 1;
    if step.player as usize == player {
        let frames = world.frame.saturating_sub(step.frame);
        world.report.count(frames);
    } else if let Some(position) = world.positions.get_mut(step.player as usize) {
        *position = position.max(step.position);
    }
}

/// A server on a thread of its own, which tells everybody what anybody tells.
fn serve() -> Result<SocketAddr, Box<dyn Error>> {
    let (listening, address) = mpsc::channel();
    thread::spawn(move || {
        let event_loop = EventLoop::new();
        let server = Server::builder(&event_loop)
            .compression(false)
            .listen("127.0.0.1:0");
        let _ = listening.send(
            server
                .as_ref()
                .map(Server::local_addr)
                .map_err(|error| error.to_string()),
        );
        let Ok(server) = server else {
            return;
        };
        let players = Rc::<RefCell<Vec<WebSocket>>>::default();
        server.set_onconnection(move |socket, _| {
            socket.set_binary_type(BinaryType::ArrayBuffer);
            players.borrow_mut().push(socket.clone());
            let everybody = players.clone();
            socket.set_onmessage(move |event| {
                everybody
                    .borrow_mut()
                    .retain(|player| player.ready_state() <= WebSocket::OPEN);
                let everybody = everybody.borrow();
                let mut sent = everybody.iter().map(|player| player.send(event.data()));
                sent.try_for_each(|sent| sent.map(drop))
            });
        });
        event_loop.run();
    });
    Ok(address.recv()??)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(arguments: &str) -> Report {
        let options = Options::parse(arguments.split_whitespace().map(str::to_owned)).unwrap();
        play(&options.unwrap()).unwrap()
    }

    /// How many frames later depends on the machine: with a turn behind the sends even none.
    #[test]
    fn what_a_frame_sends_is_heard_of() {
        for more in ["", " --one-turn"] {
            let report = report(&format!("--players 2 --rate 20 --seconds 1{more}"));
            assert_eq!(report.frames, 20);
            assert!(report.sent >= 20, "{report:?}");
            let heard = report.frames_until_heard.iter().sum::<u32>();
            assert!((1..=report.sent).contains(&heard), "{report:?}");
        }
    }

    /// What is sent leaves with the next frame's turn.
    #[test]
    fn with_one_turn_it_is_heard_of_in_a_later_frame() {
        let report = report("--players 2 --rate 20 --seconds 1 --one-turn");
        assert_eq!(report.frames_until_heard.first(), Some(&0), "{report:?}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for arguments in ["--rate 0", "--rate", "--speed 3", "--players many"] {
            let parsed = Options::parse(arguments.split_whitespace().map(str::to_owned));
            assert!(parsed.is_err(), "{arguments}");
        }
    }
}
