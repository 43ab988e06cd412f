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
        *self.line.borrow_mut() = shown(line, usize::MAX);
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
            let row = row(&self.typing.borrow(), &self.line.borrow(), columns());
            print!("\r\u{1b}[K{row}");
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

/// Who types, and what is typed here: as much of it as stands on one row, for no other could be taken back.
fn row(typing: &str, line: &str, columns: usize) -> String {
    // Behind it is the cursor.
    let room = columns.saturating_sub("> ".len() + 1);
    let (typing, taken) = fitting(typing.chars(), room / 2);
    let (line, _) = fitting(line.chars().rev(), room - taken);
    format!(
        "{}> {}",
        String::from_iter(typing),
        String::from_iter(line.iter().rev())
    )
}

/// The first of the characters that so many columns have room for, and how many they take.
fn fitting(characters: impl Iterator<Item = char>, room: usize) -> (Vec<char>, usize) {
    // Those of other scripts take two at the most.
    let width = |character: char| if character.is_ascii() { 1 } else { 2 };
    let mut taken = 0;
    let fits = |character: &char| {
        let is_room = taken + width(*character) <= room;
        taken += if is_room { width(*character) } else { 0 };
        is_room
    };
    let characters = characters.take_while(fits).collect();
    (characters, taken)
}

/// Of the terminal.
#[cfg(unix)]
fn columns() -> usize {
    let size = rustix::termios::tcgetwinsize(io::stdout());
    let columns = size.map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { COLUMNS } else { columns }
}

/// There is no prompt.
#[cfg(not(unix))]
fn columns() -> usize {
    COLUMNS
}

/// Where nobody says how many there are.
const COLUMNS: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_is_one_row() {
        let long = "x".repeat(100) + "yz";
        assert_eq!(row("", "hello", 80), "> hello");
        assert_eq!(row("(Ada is typing) ", "hi", 80), "(Ada is typing) > hi");
        assert_eq!(row("", &long, 10), "> xxxxxyz");
        assert_eq!(row("(Ada is typing) ", &long, 13), "(Ada > xxxyz");
        assert_eq!(row("", "\u{4e16}\u{754c}ab", 8), "> \u{754c}ab");
        for columns in 0..4 {
            assert_eq!(row("typing", &long, columns), "> ");
        }
    }
}
