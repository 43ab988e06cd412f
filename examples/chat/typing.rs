//! What is typed: key by key at a terminal, else line by line.

use futures::channel::mpsc::{self, UnboundedReceiver};
use std::io::{self, BufRead, IsTerminal, Read};

/// What has been typed.
#[derive(Debug, PartialEq)]
pub(crate) enum Typed {
    /// A whole line.
    Line(String),
    /// What stands on the line by now.
    Part(String),
    /// Nothing more.
    End,
}

/// Whether keys are seen one by one.
pub(crate) fn is_by_key() -> bool {
    cfg!(unix) && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Reads standard input, which blocks: on a thread of its own.
pub(crate) fn read(by_key: bool) -> UnboundedReceiver<Typed> {
    let (sender, typed) = mpsc::unbounded();
    std::thread::spawn(move || {
        let tell = |what| sender.unbounded_send(what).is_ok();
        let stdin = io::stdin().lock();
        if by_key {
            let mut line = Line::default();
            let all_told = stdin
                .bytes()
                .map_while(Result::ok)
                .filter_map(|key| line.press(key))
                .all(tell);
            if !all_told {
                return;
            }
        } else {
            let lines = stdin.split(b'\n').map_while(Result::ok);
            for line in lines {
                let line = String::from_utf8_lossy(&line);
                if !tell(Typed::Line(line.trim_end_matches('\r').to_owned())) {
                    return;
                }
            }
        }
        tell(Typed::End);
    });
    typed
}

/// A line that is being typed.
#[derive(Default)]
struct Line {
    text: String,
    /// The bytes of a character that has not come whole.
    character: Vec<u8>,
    /// What an arrow key sends, say, up to its last byte.
    escape: Option<Vec<u8>>,
}

impl Line {
    fn press(&mut self, key: u8) -> Option<Typed> {
        if let Some(escape) = &mut self.escape {
            escape.push(key);
            let is_over = match escape.as_slice() {
                [b'[' | b'O'] => false,
                [b'[' | b'O', .., last] => (0x40..=0x7e).contains(last),
                _ => true,
            };
            if is_over {
                self.escape = None;
            }
            return None;
        }
        match key {
            b'\r' | b'\n' => return Some(Typed::Line(std::mem::take(&mut self.text))),
            // Ctrl-C; Ctrl-D on an empty line.
            3 => return Some(Typed::End),
            4 if self.text.is_empty() => return Some(Typed::End),
            // Backspace, Ctrl-U.
            8 | 127 => drop(self.text.pop()),
            21 => self.text.clear(),
            27 => {
                self.escape = Some(Vec::new());
                return None;
            }
            0..32 => return None,
            _ => {
                self.character.push(key);
                match std::str::from_utf8(&self.character) {
                    Ok(character) => self.text.push_str(character),
                    // It goes on.
                    Err(error) if error.error_len().is_none() => return None,
                    Err(_) => self.text.push('\u{fffd}'),
                }
                self.character.clear();
            }
        }
        Some(Typed::Part(self.text.clone()))
    }
}

/// A terminal that shows nothing by itself and gives each key at once, until this is dropped.
#[cfg(unix)]
pub(crate) struct KeyByKey(rustix::termios::Termios);

#[cfg(unix)]
impl KeyByKey {
    pub(crate) fn begin() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let stdin = io::stdin();
        let before = tcgetattr(&stdin)?;
        let mut modes = before.clone();
        modes.local_modes &= !(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        tcsetattr(&stdin, OptionalActions::Now, &modes)?;
        Ok(Self(before))
    }
}

#[cfg(unix)]
impl Drop for KeyByKey {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

/// There is none.
#[cfg(not(unix))]
pub(crate) struct KeyByKey;

#[cfg(not(unix))]
impl KeyByKey {
    pub(crate) fn begin() -> io::Result<Self> {
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(keys: &str) -> Vec<Typed> {
        let mut line = Line::default();
        keys.bytes().filter_map(|key| line.press(key)).collect()
    }

    #[test]
    fn keys_make_a_line() {
        let part = |text: &str| Typed::Part(text.into());
        assert_eq!(
            press("hü\u{7f}i\r"),
            [
                part("h"),
                part("hü"),
                part("h"),
                part("hi"),
                Typed::Line("hi".into())
            ]
        );
        assert_eq!(press("ab\u{15}"), [part("a"), part("ab"), part("")]);
        assert_eq!(press("\u{4}"), [Typed::End]);
        assert_eq!(press("a\u{4}\u{3}"), [part("a"), Typed::End]);
        assert_eq!(press("\u{1b}[A\u{1b}[1;5C\u{1b}OPx\t"), [part("x")]);
    }
}
