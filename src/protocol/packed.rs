//! Short things behind each other in one block.

use super::READ_SIZE;
use std::ops::Range;

/// An empty one keeps room for so many bytes at the most: what two reads bring.
const KEPT: usize = 2 * READ_SIZE;

/// Texts, or byte strings, that are put in at the end and taken out in front.
#[derive(Default)]
pub(super) struct Packed<T> {
    block: T,
    /// So many bytes in front have been taken.
    taken: usize,
}

impl<T: Block> Packed<T> {
    /// Puts one in.
    #[inline]
    pub(super) fn push(&mut self, one: &T::Part) {
        self.block.push(one);
    }

    /// Takes the first one, which is so long.
    #[inline]
    pub(super) fn take(&mut self, len: usize) -> T {
        let end = self.taken + len;
        let first = self.block.copy(self.taken..end);
        self.taken = end;
        if self.taken == self.block.len() {
            self.block.drop_front(self.taken);
            self.taken = 0;
            self.shrink_to(KEPT);
        } else if self.taken >= KEPT && self.taken >= self.block.len() / 2 {
            self.make_room();
        }
        first
    }

    #[inline]
    fn shrink_to(&mut self, capacity: usize) {
        if self.block.capacity() > capacity {
            self.block.shrink_to(capacity);
        }
    }

    /// More than half of it has been taken.
    #[cold]
    fn make_room(&mut self) {
        self.block.drop_front(self.taken);
        self.taken = 0;
    }

    /// Gives back what only a busy one needs.
    pub(super) fn rest(&mut self) {
        self.make_room();
        self.shrink_to(0);
    }
}

/// What holds the bytes.
pub(super) trait Block {
    /// A part of it that lies in place.
    type Part: ?Sized;

    fn push(&mut self, part: &Self::Part);
    /// A copy of what lies there.
    fn copy(&self, range: Range<usize>) -> Self;
    fn drop_front(&mut self, len: usize);
    fn len(&self) -> usize;
    fn capacity(&self) -> usize;
    fn shrink_to(&mut self, capacity: usize);
}

/// The same calls for both: what `String` and `Vec` have in common has no trait.
macro_rules! block {
    ($block:ty, $part:ty, $push:ident) => {
        impl Block for $block {
            type Part = $part;

            #[inline]
            fn push(&mut self, part: &$part) {
                self.$push(part);
            }

            #[inline]
            fn copy(&self, range: Range<usize>) -> Self {
                self.get(range).unwrap_or_default().to_owned()
            }

            #[inline]
            fn drop_front(&mut self, len: usize) {
                self.drain(..len);
            }

            #[inline]
            fn len(&self) -> usize {
                self.len()
            }

            #[inline]
            fn capacity(&self) -> usize {
                self.capacity()
            }

            fn shrink_to(&mut self, capacity: usize) {
                self.shrink_to(capacity);
            }
        }
    };
}

block!(String, str, push_str);
block!(Vec<u8>, [u8], extend_from_slice);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[test]
    fn an_empty_one_keeps_little_and_one_that_rests_nothing() {
        let mut packed = Packed::<Vec<u8>>::default();
        packed.push(&[7; 3 * KEPT]);
        assert_eq!(packed.take(3 * KEPT).len(), 3 * KEPT);
        assert!(packed.block.capacity() <= KEPT);
        packed.push(&[7]);
        packed.take(1);
        packed.rest();
        assert_eq!(packed.block.capacity(), 0);
    }

    #[test]
    fn one_that_is_never_empty_does_not_grow() {
        let mut packed = Packed::<String>::default();
        packed.push("first");
        for _ in 0..100_000 {
            packed.push("other");
            packed.take(5);
        }
        assert!(packed.block.capacity() <= 2 * (KEPT + 10));
        assert_eq!(packed.take(5), "other");
        let backlog = 2 * KEPT / 5;
        for _ in 0..backlog {
            packed.push("other");
        }
        for _ in 0..4 * backlog {
            packed.push("other");
            packed.take(5);
        }
        assert!(packed.block.len() <= 5 * KEPT);
    }

    proptest! {
        #[test]
        fn what_is_put_in_comes_out(
            steps in prop::collection::vec(prop::option::of("[añ€]{0,9}"), 0..60),
        ) {
            let (mut packed, mut model) = (Packed::<String>::default(), VecDeque::new());
            for step in steps {
                match step {
                    Some(text) => {
                        packed.push(&text);
                        model.push_back(text);
                    }
                    None => {
                        if let Some(text) = model.pop_front() {
                            prop_assert_eq!(packed.take(text.len()), text);
                        }
                        packed.rest();
                    }
                }
            }
        }
    }
}
