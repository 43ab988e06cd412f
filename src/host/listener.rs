//! DOM "event listener", of script's.

use super::string::DomString;
use crate::dom::Registration;

/// An event listener. Its callback lies in a slot of its target.
pub(super) type Listener = Registration<DomString, usize>;

/// What a pass over a target's listeners calls.
#[derive(Clone, Copy)]
pub(super) enum Callback {
    /// The event handler for the event's type.
    Handler,
    /// What lies in a slot of the target.
    Listener { slot: usize, once: bool },
}

impl Callback {
    /// What is called in a listener's place; without one it is the handler's.
    pub(super) fn of(listener: Option<&Listener>) -> Self {
        match listener {
            Some(&Listener {
                callback: Some(slot),
                once,
                ..
            }) => Self::Listener { slot, once },
            _ => Self::Handler,
        }
    }
}
