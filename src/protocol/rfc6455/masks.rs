//! Masking keys (RFC 6455 section 5.3).

use crate::protocol::resources::{Generator, lock};
use rand::{Rng, RngExt};

/// So many are drawn at once where many are wanted.
const AT_ONCE: usize = 32;

/// The keys of a client, from the generator that it shares with others.
pub(super) struct Masks {
    generator: Generator,
    drawn: Option<Box<Drawn>>,
}

/// Keys that were drawn ahead.
struct Drawn {
    keys: [u32; AT_ONCE],
    left: usize,
}

impl Masks {
    pub(super) fn new(generator: Generator) -> Self {
        Self {
            generator,
            drawn: None,
        }
    }

    /// One that nobody can predict. `is_one_of_many`: more will follow, so they may be drawn with it.
    #[inline]
    pub(super) fn key(&mut self, is_one_of_many: bool) -> [u8; 4] {
        if let Some(Drawn { keys, left }) = self.drawn.as_deref_mut() {
            if let Some((key, _)) = keys[..*left].split_last() {
                *left -= 1;
                return key.to_ne_bytes();
            }
        }
        self.draw(is_one_of_many).to_ne_bytes()
    }

    fn draw(&mut self, is_one_of_many: bool) -> u32 {
        let mut generator = lock(&self.generator);
        if is_one_of_many {
            let mut keys = [0; AT_ONCE];
            generator.fill(&mut keys);
            let left = AT_ONCE;
            match &mut self.drawn {
                Some(drawn) => **drawn = Drawn { keys, left },
                None => self.drawn = Some(Box::new(Drawn { keys, left })),
            }
        }
        generator.next_u32()
    }

    /// Gives back what only a busy one needs.
    pub(super) fn rest(&mut self) {
        self.drawn = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Resources;
    use std::collections::HashSet;

    #[test]
    fn no_key_is_used_twice_however_they_are_drawn() {
        let resources = Resources::default();
        let mut clients = [0; 2].map(|_| Masks::new(resources.generator([7; 32])));
        let mut keys = HashSet::new();
        for number in 0..200 {
            for masks in &mut clients {
                assert!(keys.insert(masks.key(number % 70 > 3)));
            }
        }
        for masks in &mut clients {
            masks.rest();
            assert!(masks.drawn.is_none());
            assert!(keys.insert(masks.key(false)));
        }
    }
}
