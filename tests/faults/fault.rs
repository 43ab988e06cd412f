//! What goes wrong between two sockets.

/// A fault, behind so many bytes of one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: Kind,
    pub(crate) direction: Direction,
    pub(crate) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What follows comes later.
    Delay,
    /// And byte by byte.
    Split,
    /// Nothing follows, and nobody is told.
    Stall,
    /// Both connections are reset.
    Reset,
    /// This direction ends; the other goes on.
    HalfClose,
    /// A bit of the next byte is another.
    Flip,
}

impl Kind {
    /// Nothing is lost by it.
    pub(crate) fn is_harmless(self) -> bool {
        matches!(self, Self::Delay | Self::Split)
    }

    /// The client may have to wait for what never comes.
    pub(crate) fn may_last(self) -> bool {
        matches!(self, Self::Stall | Self::Flip)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client.
    Up,
    Down,
}

impl Direction {
    pub(crate) const BOTH: [Self; 2] = [Self::Up, Self::Down];
}
