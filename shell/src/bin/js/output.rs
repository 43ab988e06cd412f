//! Where text goes: the streams, or above a prompt that waits.

use std::cell::RefCell;
use std::io::{IsTerminal, Write, stderr, stdout};

/// Writes a text above a prompt.
type Above = Box<dyn FnMut(String)>;

#[derive(Default)]
pub(crate) struct Output {
    above: RefCell<Option<Above>>,
}

impl Output {
    /// Whoever reads the streams may have gone, which is no matter.
    pub(crate) fn print(&self, stream: &str, text: &str) {
        let is_out = stream == "out";
        let is_at_prompt = if is_out {
            stdout().is_terminal()
        } else {
            stderr().is_terminal()
        };
        if let Some(above) = self.above.borrow_mut().as_mut().filter(|_| is_at_prompt) {
            above(format!("{text}\n"));
        } else if is_out {
            let _ = writeln!(stdout(), "{text}");
        } else {
            let _ = writeln!(stderr(), "{text}");
        }
    }

    /// There is a prompt from now on.
    #[cfg(feature = "prompt")]
    pub(crate) fn set_above(&self, above: impl FnMut(String) + 'static) {
        *self.above.borrow_mut() = Some(Box::new(above));
    }
}
