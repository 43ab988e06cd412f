//! The prompt, at a terminal.

use crate::folder::Folder;
use dom_websocket_shell::Engine;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::{File, OpenOptions, read_to_string};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// The program at a terminal, and whoever sits there.
struct Session {
    program: Child,
    /// The keyboard.
    keys: File,
    terminal: File,
    screen: Receiver<Vec<u8>>,
    /// What was written and not yet looked at, without what moves the cursor.
    seen: String,
}

impl Session {
    fn open(engine: &Engine, folder: &Path) -> Self {
        let keys = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&keys).expect("a terminal");
        unlockpt(&keys).expect("a terminal");
        let name = ptsname(&keys, Vec::new()).expect("its name");
        let terminal = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name.to_str().expect("its name"))
            .expect("a terminal");
        let side = || terminal.try_clone().expect("a terminal");
        let program = Command::new(env!("CARGO_BIN_EXE_js"))
            .args(["--engine", engine.name()])
            .current_dir(folder)
            .env("TERM", "xterm")
            .env("JS_HISTORY", folder.join("history"))
            .stdin(side())
            .stdout(side())
            .stderr(side())
            .spawn()
            .expect("the program starts");
        let keys = File::from(keys);
        let (sender, screen) = channel();
        let mut reading = keys.try_clone().expect("a terminal");
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reading.read(&mut buffer) {
                if sender.send(buffer[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut session = Self {
            program,
            keys,
            terminal,
            screen,
            seen: String::new(),
        };
        session.expect("> ");
        session
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a keyboard");
    }

    fn enter(&mut self, line: &str) {
        self.press(&format!("{line}\r"));
    }

    /// Waits for a text, and looks no more at what is up to its end.
    fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.seen.find(text) {
                self.seen.drain(..at + text.len());
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.screen.recv_timeout(left) else {
                panic!("{text:?} does not come: {:?}", self.seen);
            };
            self.seen.push_str(&String::from_utf8_lossy(&bytes));
            self.seen = without_escapes(&self.seen);
        }
    }

    /// A line with its answer, and the next prompt.
    fn answers(&mut self, line: &str, answer: &str) {
        self.enter(line);
        self.expect(&format!("\n{answer}"));
        self.expect("\n> ");
    }

    /// What Ctrl-C does where no prompt has the terminal.
    fn interrupt(&self) {
        let program = Pid::from_child(&self.program);
        kill_process(program, Signal::INT).expect("a program");
    }

    fn ends(mut self) -> Option<i32> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.program.try_wait().expect("a program") {
                let modes = tcgetattr(&self.terminal).expect("a terminal").local_modes;
                assert!(
                    modes.contains(LocalModes::ECHO | LocalModes::ICANON),
                    "{modes:?}"
                );
                return status.code();
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("it goes on: {:?}", self.seen);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Leaves an escape sequence that is not whole yet.
fn without_escapes(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        result.push_str(&rest[..at]);
        let sequence = &rest[at..];
        let parameters = sequence.strip_prefix("\x1b[").unwrap_or_default();
        match parameters.find(|c: char| c.is_ascii_alphabetic()) {
            Some(end) => rest = &parameters[end + 1..],
            None => {
                result.push_str(sequence);
                return result;
            }
        }
    }
    result.push_str(rest);
    result.replace('\r', "")
}

fn in_each_engine(files: &[(&str, &str)], test: impl Fn(&mut Session)) {
    for engine in Engine::all() {
        println!("in {}", engine.name());
        let folder = Folder::new(files);
        let mut session = Session::open(engine, folder.path());
        test(&mut session);
        session.press("\x04");
        assert_eq!(session.ends(), Some(0));
    }
}

#[test]
fn lines_are_answered() {
    in_each_engine(&[], |session| {
        session.answers("20 + 22", "42");
        session.answers("_ * 2", "84");
        session.answers("'te' + 'xt'", "\"text\"");
        session.answers("{ a: [1, 'b'] }", "{ a: [ 1, \"b\" ] }");
        session.answers("const fixed = 6", "undefined");
        session.answers("fixed * 7", "42");
        session.answers(
            "throw new RangeError('mi' + 'ne')",
            "Uncaught RangeError: mine",
        );
        session.answers("let = ;", "Uncaught SyntaxError");
        session.answers("Promise.reject(new Error('la' + 'ter')); 5", "5");
        session.answers("1", "1");
        session.answers("const e = new Event('x'); e.type + 1", "\"x1\"");
        session.answers(".help", ".exit");
    });
}

#[test]
fn a_statement_may_have_several_lines() {
    in_each_engine(&[], |session| {
        session.enter("function twice(x) {");
        session.enter("  return x +");
        session.answers("x }", "undefined");
        session.answers("twice(21)", "42");
        session.enter("`a");
        session.answers("b`.length", "3");
    });
}

#[test]
fn await_and_import_work_at_the_top() {
    in_each_engine(
        &[("x.mjs", "export const x = 40; export default 2")],
        |session| {
            session.answers(
                "await new Promise((resolve) => setTimeout(resolve, 30, 6 * 7))",
                "42",
            );
            session.answers("const { x } = await import('./x.mjs')", "undefined");
            session.answers("x + 2", "42");
            session.answers("import two, * as all from './x.mjs'", "undefined");
            session.answers("two + all.x", "42");
            session.answers(
                "await Promise.reject(new TypeError('no' + 'pe'))",
                "Uncaught TypeError: nope",
            );
            session.answers("import './gone.mjs'", "Uncaught TypeError: Cannot import");
            session.answers("1 + 1", "2");
        },
    );
}

#[test]
fn events_go_on_while_the_prompt_waits() {
    in_each_engine(&[], |session| {
        session.enter(
            "new WebSocket('ws://127.0.0.1:1/').onclose = (e) => console.log('closed', e.code); 0",
        );
        session.expect("WebSocket connection to ws://127.0.0.1:1/ failed: ");
        session.expect("closed 1006");
        session.answers(
            "setTimeout(() => console.log('ti' + 'mer'), 2000); 1 + 1",
            "2",
        );
        session.press("3 * ");
        session.expect("timer\n");
        // What was begun is still there.
        session.expect("3 * ");
        session.answers("14", "42");
        session.enter("setTimeout(() => { throw new Error('ti' + 'mer') }, 50); 1 + 1");
        session.expect("Uncaught Error: timer");
        session.answers("6 * 7", "42");
    });
}

#[test]
fn control_c_gives_up_a_line_and_then_the_program() {
    for engine in Engine::all() {
        let folder = Folder::new(&[]);
        let mut session = Session::open(engine, folder.path());
        session.press("nonsense(");
        session.press("\x03");
        session.expect("\n> ");
        session.answers("6 * 7", "42");
        session.press("\x03");
        session.expect("to leave");
        // It takes two in a row.
        session.answers("6 * 7", "42");
        session.press("\x03");
        session.expect("to leave");
        session.expect("> ");
        session.press("\x03");
        assert_eq!(session.ends(), Some(0));
    }
}

#[test]
fn control_c_gives_up_what_runs() {
    for engine in Engine::all() {
        let folder = Folder::new(&[]);
        let mut session = Session::open(engine, folder.path());
        session.enter("console.log('be' + 'gun'); await new Promise(() => {})");
        session.expect("begun");
        session.interrupt();
        session.expect("Interrupted");
        session.answers("6 * 7", "42");
        session.enter("console.log('be' + 'gun'); for (;;);");
        session.expect("begun");
        session.interrupt();
        if engine.name() == "quickjs" {
            session.expect("interrupted");
            session.answers("6 * 7", "42");
            session.press("\x04");
            assert_eq!(session.ends(), Some(0));
        } else {
            // It can't be stopped, but by a second one, which is another once the first has been heard of.
            while session.program.try_wait().expect("a program").is_none() {
                session.interrupt();
                thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(session.ends(), None);
        }
    }
}

#[test]
fn it_can_be_left_with_a_status() {
    for engine in Engine::all() {
        let folder = Folder::new(&[]);
        let mut session = Session::open(engine, folder.path());
        session.enter("quit(3)");
        assert_eq!(session.ends(), Some(3));
        let mut session = Session::open(engine, folder.path());
        // While the next prompt has the terminal.
        session.answers("setTimeout(quit, 200, 4); 1 + 1", "2");
        assert_eq!(session.ends(), Some(4));
        let mut session = Session::open(engine, folder.path());
        session.enter(".exit");
        assert_eq!(session.ends(), Some(0));
    }
}

#[test]
fn lines_come_again_another_time() {
    for engine in Engine::all() {
        let folder = Folder::new(&[]);
        for _ in 0..2 {
            let mut session = Session::open(engine, folder.path());
            session.answers("6 * 7", "42");
            session.press("\x04");
            assert_eq!(session.ends(), Some(0));
        }
        let history = read_to_string(folder.path().join("history")).expect("a history");
        assert!(history.contains("6 * 7"), "{history}");
        let mut session = Session::open(engine, folder.path());
        session.press("\x1b[A");
        session.expect("6 * 7");
        session.answers("", "42");
        session.press("\x04");
        assert_eq!(session.ends(), Some(0));
    }
}
