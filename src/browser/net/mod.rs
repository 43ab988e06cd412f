//! The network floor, as far as a browser shows it: timers, and no sockets.

pub(crate) mod runtime;

/// A transport that somebody else goes on with: a browser gives none away.
pub(crate) enum TakenSocket {}
