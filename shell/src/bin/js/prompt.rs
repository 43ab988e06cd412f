//! A prompt. Lines are read on a thread of its own, so that events go on meanwhile.

use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::program::Program;
use dom_websocket::Handle;
use dom_websocket_shell::{Natives, Typed};
use rustyline::completion::Completer;
use rustyline::error::ReadlineError;
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Editor, ExternalPrinter, Helper};
use std::cell::{Cell, RefCell};
use std::env::{home_dir, var_os};
use std::error::Error;
use std::fs::create_dir_all;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

const HELP: &str = "\
.exit  leaves, as Ctrl-D does
.help  prints this
Ctrl-C gives up what is typed, or runs. _ is the last answer. await and import are understood.";

type LineEditor = Editor<Lines, FileHistory>;

/// Who is at the prompt has the loop go on.
pub(crate) struct Prompt<'p> {
    program: &'p Program,
    /// What is awaited is there.
    has_answered: Rc<Cell<bool>>,
    interrupt: Interrupt,
    lines: usize,
}

impl<'p> Prompt<'p> {
    pub(crate) fn new(program: &'p Program, natives: &Natives, interrupt: Interrupt) -> Self {
        let has_answered = Rc::<Cell<bool>>::default();
        let answering = has_answered.clone();
        natives.define("answered", move |_| {
            answering.set(true);
            None
        });
        program
            .realm()
            .prepare("prompt.js", include_str!("prompt.js"));
        Self {
            program,
            has_answered,
            interrupt,
            lines: 0,
        }
    }

    /// Reads and runs lines until there are no more.
    pub(crate) fn run(mut self, output: &Output) -> Result<(), Box<dyn Error>> {
        let mut editor = LineEditor::with_config(Config::builder().auto_add_history(true).build())?;
        editor.set_helper(Some(Lines::default()));
        let history = history();
        if let Some(history) = &history {
            // There is none the first time.
            let _ = editor.load_history(history);
        }
        if let Ok(mut printer) = editor.create_external_printer() {
            output.set_above(move |text| {
                // Who reads the terminal may have gone.
                let _ = printer.print(text);
            });
        }
        let event_loop = self.program.realm().event_loop();
        // There may always be another line.
        let _alive = event_loop.keep_alive();
        self.interrupt.listen(event_loop.handle())?;
        let (sender, lines) = channel();
        let (ask, asked) = channel();
        let reader = Reader {
            editor,
            history,
            asked,
            lines: sender,
            event_loop: event_loop.handle(),
        };
        thread::spawn(|| reader.run());
        let next = RefCell::new(None);
        while ask.send(()).is_ok() {
            self.program.realm().run_until(None, || {
                if next.borrow().is_none() {
                    *next.borrow_mut() = lines.try_recv().ok();
                }
                next.borrow().is_some()
            });
            match next.take() {
                Some(Read::Line(line)) => self.answer(&line, output),
                Some(Read::End) | None => break,
                Some(Read::Failed(why)) => return Err(why.into()),
            }
        }
        Ok(())
    }

    /// Runs a line, and prints the answer.
    fn answer(&mut self, line: &str, output: &Output) {
        self.lines += 1;
        self.interrupt.reset();
        let (realm, name) = (self.program.realm(), format!("REPL{}", self.lines));
        match Typed::of(line) {
            Typed::Promise(script) => {
                self.has_answered.set(false);
                if realm.evaluate_for(&name, &script, "promisesAnswer") {
                    realm.run_until(None, || {
                        self.has_answered.get() || self.interrupt.has_come()
                    });
                    if !self.has_answered.get() {
                        realm.call("giveUp", "");
                        output.print("err", "Interrupted: the answer is awaited no longer");
                    }
                }
            }
            Typed::Script(script) => {
                realm.evaluate_for(&name, &script, "answers");
            }
            // It ends here all the same, and the engine says what is missing.
            Typed::Unfinished => {
                realm.evaluate(&name, line);
            }
        }
        // It may have brought streams.
        realm.install_streams();
        self.interrupt.reset();
    }
}

/// What came of reading a line.
enum Read {
    Line(String),
    End,
    Failed(String),
}

/// The thread's side.
struct Reader {
    editor: LineEditor,
    history: Option<PathBuf>,
    /// A line is read when the last one has its answer.
    asked: Receiver<()>,
    lines: Sender<Read>,
    event_loop: Handle,
}

impl Reader {
    fn run(mut self) {
        while self.asked.recv().is_ok() {
            let read = self.read();
            let is_end = !matches!(read, Read::Line(_));
            if self.lines.send(read).is_err() || is_end {
                break;
            }
            self.event_loop.queue_task(|| {});
        }
        self.event_loop.queue_task(|| {});
    }

    fn read(&mut self) -> Read {
        let mut was_interrupted = false;
        loop {
            self.set_begun(false);
            match self.editor.readline("> ") {
                Ok(line) => {
                    if let Some(history) = &self.history {
                        // Where it can't be kept, it is lost.
                        let _ = self.editor.append_history(history);
                    }
                    match line.trim() {
                        "" => {}
                        ".exit" => return Read::End,
                        ".help" => println!("{HELP}"),
                        _ => return Read::Line(line),
                    }
                    was_interrupted = false;
                }
                // What was typed is given up.
                Err(ReadlineError::Interrupted) if self.is_begun() => was_interrupted = false,
                Err(ReadlineError::Interrupted) if was_interrupted => return Read::End,
                Err(ReadlineError::Interrupted) => {
                    println!("(Ctrl-C again, Ctrl-D or .exit to leave)");
                    was_interrupted = true;
                }
                Err(ReadlineError::Eof) => return Read::End,
                Err(error) => return Read::Failed(error.to_string()),
            }
        }
    }

    fn is_begun(&self) -> bool {
        self.editor
            .helper()
            .is_some_and(|lines| lines.is_begun.get())
    }

    fn set_begun(&self, is_begun: bool) {
        if let Some(lines) = self.editor.helper() {
            lines.is_begun.set(is_begun);
        }
    }
}

/// Where lines are kept: `JS_HISTORY`, which may be empty for nowhere, or a file of the user's state.
fn history() -> Option<PathBuf> {
    let path = match var_os("JS_HISTORY") {
        Some(path) if path.is_empty() => return None,
        Some(path) => path.into(),
        None => {
            let state = var_os("XDG_STATE_HOME").map(PathBuf::from);
            let home = || home_dir().map(|home| home.join(".local/state"));
            state.or_else(home)?.join("dom-websocket/js_history")
        }
    };
    // Where no folder can be made, no history can be kept.
    let _ = create_dir_all(path.parent()?);
    Some(path)
}

/// What the editor asks about lines.
#[derive(Default)]
struct Lines {
    /// Whether anything is typed.
    is_begun: Cell<bool>,
}

impl Validator for Lines {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(match Typed::of(context.input()) {
            Typed::Unfinished => ValidationResult::Incomplete,
            _ => ValidationResult::Valid(None),
        })
    }
}

impl Completer for Lines {
    type Candidate = String;
}

impl Highlighter for Lines {}

impl Hinter for Lines {
    type Hint = String;

    /// Is asked at each change.
    fn hint(&self, line: &str, _: usize, _: &rustyline::Context<'_>) -> Option<String> {
        self.is_begun.set(!line.is_empty());
        None
    }
}

impl Helper for Lines {}
