//! Where a browser would have its console.

use std::io::{Write, stderr};

/// Writes a line to standard error.
pub(crate) fn error(text: &str) {
    // Nobody is there to hear that this failed.
    let _ = writeln!(stderr(), "{text}");
}
