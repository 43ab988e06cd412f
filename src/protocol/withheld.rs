//! Content in what is shown for debugging: its length alone, as a message may hold a secret, and what is shown ends in logs.

use std::fmt;

/// So many bytes.
pub(crate) struct Withheld(pub(crate) usize);

impl fmt::Debug for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0)
    }
}
