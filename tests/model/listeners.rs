//! The listeners of an `EventTarget` without a parent: DOM, "event listener list" and "dispatch"; HTML, "event handlers".

use super::call::{Slot, Type};
use dom_websocket::Edition;

/// Its clones are the same listener, wherever the list has it.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    id: usize,
    pub(crate) type_: Type,
    pub(crate) slot: Slot,
}

pub(crate) struct Listeners {
    edition: Edition,
    list: Vec<Registration>,
    /// r4820: handlers are registered from the beginning, even those that are null.
    handlers: Vec<Type>,
    next: usize,
}

impl Listeners {
    pub(crate) fn new(edition: Edition) -> Self {
        let mut listeners = Self {
            edition,
            list: Vec::new(),
            handlers: Vec::new(),
            next: 0,
        };
        for type_ in Type::ALL {
            if edition == Edition::Html5 {
                listeners.append(type_, Slot::Handler);
            }
            listeners.append(type_, Slot::Always);
        }
        listeners
    }

    fn append(&mut self, type_: Type, slot: Slot) {
        // DOM "add an event listener" step 5: if the list "does not contain" it.
        if !self.list.iter().any(|r| r.type_ == type_ && r.slot == slot) {
            let id = self.next;
            self.next += 1;
            self.list.push(Registration { id, type_, slot });
        }
    }

    pub(crate) fn add(&mut self, type_: Type, slot: Slot) {
        // HTML "activate an event handler": where it is first set.
        self.append(type_, slot);
        if slot == Slot::Handler && !self.handlers.contains(&type_) {
            self.handlers.push(type_);
        }
    }

    pub(crate) fn remove(&mut self, type_: Type, slot: Slot) {
        if slot == Slot::Handler {
            self.handlers.retain(|t| *t != type_);
            // r4820 keeps its place. HTML "deactivate an event handler" doesn't.
            if self.edition == Edition::Html5 {
                return;
            }
        }
        self.list.retain(|r| r.type_ != type_ || r.slot != slot);
    }

    /// DOM "inner invoke" goes over a clone of the list.
    pub(crate) fn pass(&self, type_: Type, captures: bool) -> Vec<Registration> {
        let of_this_pass = |r: &&Registration| r.type_ == type_ && r.slot.captures() == captures;
        self.list.iter().filter(of_this_pass).cloned().collect()
    }

    /// Whether this one of the clone is to be called: it has not been removed meanwhile. One that is for once is, now.
    pub(crate) fn begin(&mut self, registration: &Registration) -> bool {
        if !self.list.iter().any(|r| r.id == registration.id) {
            return false;
        }
        match registration.slot {
            Slot::Handler => return self.handlers.contains(&registration.type_),
            Slot::Once => self.remove(registration.type_, Slot::Once),
            _ => {}
        }
        true
    }
}
