//! What one connection takes of what all may have together.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Up to so many bytes are each connection's own.
pub(super) const OWN: usize = 64 * 1024;

/// The bytes that all connections have together.
#[derive(Default)]
pub(super) struct Total(AtomicUsize);

/// Those of them that one has.
#[derive(Debug, Default)]
pub(super) struct Share {
    held: usize,
}

impl Share {
    /// That of a connection which has nothing.
    pub(super) const fn new() -> Self {
        Self { held: 0 }
    }

    /// From now on the connection has `len` bytes, if all together then have no more than `most`.
    pub(super) fn hold(&mut self, len: usize, total: &Total, most: usize) -> bool {
        let wanted = counted(len);
        if wanted > self.held {
            let more = wanted - self.held;
            let take = |all: usize| all.checked_add(more).filter(|all| *all <= most);
            if total.0.fetch_update(Relaxed, Relaxed, take).is_err() {
                return false;
            }
        } else if wanted < self.held {
            total.0.fetch_sub(self.held - wanted, Relaxed);
        }
        self.held = wanted;
        true
    }

    /// The connection has no more than `len` bytes any more.
    #[inline]
    pub(super) fn fall(&mut self, len: usize, total: &Total) {
        if self.held > 0 && counted(len) < self.held {
            self.hold(len, total, usize::MAX);
        }
    }

    /// Whether the connection could have `len` bytes.
    pub(super) fn could_hold(&self, len: usize, total: &Total, most: usize) -> bool {
        let more = counted(len).saturating_sub(self.held);
        more == 0 || total.0.load(Relaxed).saturating_add(more) <= most
    }

    /// Whether nothing but what is its own is the connection's.
    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }
}

/// So much of it counts: steps, so that not every byte is told to all.
fn counted(len: usize) -> usize {
    match len {
        0..=OWN => 0,
        _ => len.checked_next_multiple_of(OWN).unwrap_or(usize::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_have_a_limit_and_each_has_a_little_of_its_own() {
        let (total, most) = (Total::default(), 3 * OWN);
        let mut many = [const { Share::new() }; 10];
        for share in &mut many {
            assert!(share.hold(OWN, &total, most) && share.is_empty());
        }
        let [first, second, third, ..] = &mut many;
        assert!(first.hold(OWN + 1, &total, most));
        assert!(!second.could_hold(OWN + 1, &total, most), "two steps each");
        assert!(!second.hold(OWN + 1, &total, most));
        assert!(first.could_hold(3 * OWN, &total, most) && first.hold(3 * OWN, &total, most));
        first.fall(2 * OWN, &total);
        first.fall(3 * OWN, &total);
        assert!(!third.hold(2 * OWN, &total, most), "it has fallen by one");
        assert!(
            third.could_hold(2 * OWN, &total, most + OWN),
            "and is there"
        );
        assert!(first.hold(2 * OWN, &total, 0), "it has it already");
        first.fall(0, &total);
        assert!(first.is_empty() && third.hold(3 * OWN, &total, most));
        assert!(!first.could_hold(usize::MAX, &total, usize::MAX - 1));
    }
}
