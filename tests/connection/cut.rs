//! Where a session is cut off.

/// How, and behind how many of the peer's bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) resets: bool,
    pub(crate) after: usize,
}

impl Cut {
    /// Of one that is as long as any other.
    pub(crate) const ANY: Self = Self {
        resets: false,
        after: 0,
    };

    /// Always of the same length, so that it does not change what is cut.
    pub(crate) fn resource(self) -> String {
        let how = if self.resets { "reset" } else { "orderly" };
        format!("/{how:_<7}/{:04}", self.after)
    }

    pub(crate) fn of(resource: &str) -> Self {
        let (how, after) = resource[1..].split_once('/').unwrap();
        Self {
            resets: how.starts_with("reset"),
            after: after.parse().unwrap(),
        }
    }

    /// Both ways, behind each byte. An orderly end, which is waited for, is between any two resets: so many
    /// connections at once would be more than a listener holds ready.
    pub(crate) fn all(len: usize) -> impl Iterator<Item = Self> {
        (0..=len).flat_map(|after| [false, true].map(|resets| Self { resets, after }))
    }
}
