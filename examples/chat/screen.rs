//! A terminal: lines that others write, above the one that is being typed.

use crate::message::shown;
use std::cell::{Cell, RefCell};
use std::io::{self, IsTerminal, Write};

pub(crate) struct Screen {
    /// The line that is being typed is shown here.
    has_prompt: bool,
    has_colours: bool,
    line: RefCell<String>,
    typing: RefCell<String>,
    is_prompted: Cell<bool>,
}

impl Screen {
    pub(crate) fn new(has_prompt: bool) -> Self {
        let is_coloured = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            has_prompt,
            has_colours: is_coloured,
            line: RefCell::default(),
            typing: RefCell::default(),
            is_prompted: Cell::new(false),
        }
    }

    /// A name in a colour of its own.
    pub(crate) fn name(&self, name: &str) -> String {
        if !self.has_colours {
            return name.to_owned();
        }
        let sum = name
            .bytes()
            .fold(7_u32, |sum, byte| sum * 31 % 977 + u32::from(byte));
        format!("\u{1b}[1;3{}m{name}\u{1b}[0m", 1 + sum % 6)
    }

    /// What is said of the room, and not in it.
    pub(crate) fn note(&self, text: &str) {
        let text = shown(text, 500);
        match self.has_colours {
            true => self.print(&format!("\u{1b}[2m{text}\u{1b}[0m")),
            false => self.print(&text),
        }
    }

    /// A line above the prompt. What is in it of others' was [shown] before.
    pub(crate) fn print(&self, line: &str) {
        self.clear();
        println!("{line}");
        self.prompt();
    }

    pub(crate) fn set_line(&self, line: &str) {
        *self.line.borrow_mut() = shown(line, 200);
        self.prompt();
    }

    pub(crate) fn set_typing(&self, names: &[String]) {
        *self.typing.borrow_mut() = match names {
            [] => String::new(),
            [name] => format!("({name} is typing) "),
            names => format!("({} are typing) ", names.join(", ")),
        };
        self.prompt();
    }

    fn prompt(&self) {
        if self.has_prompt {
            let (typing, line) = (self.typing.borrow(), self.line.borrow());
            print!("\r\u{1b}[K{typing}> {line}");
            // A terminal that is gone has its reader end too.
            let _ = io::stdout().flush();
            self.is_prompted.set(true);
        }
    }

    fn clear(&self) {
        if self.is_prompted.take() {
            print!("\r\u{1b}[K");
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.clear();
        let _ = io::stdout().flush();
    }
}
