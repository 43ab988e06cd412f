//! The terminal as it was, for whoever leaves while a prompt has it.

#[cfg(unix)]
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{IsTerminal, Write, stdin, stdout};

pub(crate) struct Terminal {
    #[cfg(unix)]
    before: Option<Termios>,
}

impl Terminal {
    pub(crate) fn save() -> Self {
        Self {
            #[cfg(unix)]
            before: tcgetattr(stdin()).ok(),
        }
    }

    pub(crate) fn restore(&self) {
        #[cfg(unix)]
        if let Some(before) = &self.before {
            let _ = tcsetattr(stdin(), OptionalActions::Drain, before);
        }
        if stdin().is_terminal() && stdout().is_terminal() {
            // Ends bracketed paste, and the prompt's line.
            let _ = writeln!(stdout(), "\x1b[?2004l");
        }
    }
}
