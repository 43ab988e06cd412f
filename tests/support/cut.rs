//! Where a session is cut off.

/// How, and behind how many of the peer's bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    pub resets: bool,
    pub after: usize,
}

impl Cut {
    /// Always of the same length, so that it does not change what is cut.
    pub fn resource(self) -> String {
        let how = if self.resets { "reset" } else { "orderly" };
        format!("/{how:_<7}/{:04}", self.after)
    }

    pub fn of(resource: &str) -> Self {
        let (how, after) = resource[1..].split_once('/').unwrap();
        Self {
            resets: how.starts_with("reset"),
            after: after.parse().unwrap(),
        }
    }

    /// Both ways, behind each byte.
    pub fn all(len: usize) -> impl Iterator<Item = Self> {
        [false, true]
            .into_iter()
            .flat_map(move |resets| (0..=len).map(move |after| Self { resets, after }))
    }
}
