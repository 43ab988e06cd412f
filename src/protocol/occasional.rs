//! What is there only while something is under way.

use std::ops::{Deref, DerefMut};

/// What is as at first most of the time.
pub(super) trait AtFirst: Default + 'static {
    /// One that all can look at.
    fn at_first() -> &'static Self;
    /// Whether it differs in nothing but the memory that it keeps.
    fn is_as_at_first(&self) -> bool;
    /// Gives back what only a busy one needs.
    fn rest(&mut self);
}

/// A value that takes a pointer's memory until it is changed, and from its [rest](Self::rest) on.
#[derive(Debug)]
pub(super) struct Occasional<T>(Option<Box<T>>);

impl<T> Default for Occasional<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: AtFirst> Occasional<T> {
    /// `None`: it is as at first.
    pub(super) fn get_mut(&mut self) -> Option<&mut T> {
        self.0.as_deref_mut()
    }

    /// Gives back what only a busy one needs.
    pub(super) fn rest(&mut self) {
        match &mut self.0 {
            Some(value) if !value.is_as_at_first() => value.rest(),
            value => *value = None,
        }
    }
}

impl<T: AtFirst> Deref for Occasional<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => T::at_first(),
        }
    }
}

impl<T: AtFirst> DerefMut for Occasional<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Feedback;
    use crate::protocol::feedback_queue::FeedbackQueue;
    use crate::protocol::output::Output;

    #[test]
    fn what_has_nothing_takes_nothing_once_it_rests() {
        let mut output = Occasional::<Output>::default();
        assert!(output.is_empty() && output.get_mut().is_none());
        output.push(b"some");
        output.rest();
        assert_eq!(output.len(), 4);
        output.advance(4);
        assert!(output.is_empty() && output.get_mut().is_some());
        output.rest();
        assert!(output.get_mut().is_none());
        let mut feedback = Occasional::<FeedbackQueue>::default();
        feedback.push(Feedback::PeerEnded);
        feedback.rest();
        assert_eq!(feedback.len(), 1);
        assert!(feedback.pop().is_some());
        feedback.rest();
        assert!(feedback.get_mut().is_none());
    }
}
