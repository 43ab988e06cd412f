//! Texts that many objects of a loop have in common.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

/// So many are known at the most.
const KNOWN: usize = 8;

/// The texts that were last asked for, as far as somebody still has them: a URL or an origin is often that of the socket
/// before.
#[derive(Default)]
pub(crate) struct Texts {
    known: RefCell<VecDeque<Weak<str>>>,
}

impl Texts {
    /// This text, which is another's too if it can be.
    pub(crate) fn share(&self, text: &str) -> Rc<str> {
        let mut known = self.known.borrow_mut();
        let found = known.iter().filter_map(Weak::upgrade);
        if let Some(found) = found.into_iter().find(|known| **known == *text) {
            return found;
        }
        let text = Rc::from(text);
        known.truncate(KNOWN - 1);
        known.push_front(Rc::downgrade(&text));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_shared_while_somebody_has_it() {
        let texts = Texts::default();
        let first = texts.share("a");
        assert!(Rc::ptr_eq(&first, &texts.share("a")));
        for other in 0..KNOWN {
            let _ = texts.share(&other.to_string());
        }
        assert!(!Rc::ptr_eq(&first, &texts.share("a")), "too long ago");
        assert!(texts.known.borrow().len() <= KNOWN);
        let weak = Rc::downgrade(&texts.share("b"));
        assert!(weak.upgrade().is_none(), "nobody has it");
    }
}
