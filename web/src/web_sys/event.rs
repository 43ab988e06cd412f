//! `Event`, and what is behind all events.

use super::performance::now;
use super::{EventInit, EventTarget};
use crate::js_sys::{Array, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::{Cell, RefCell};

class! {
    /// DOM `Event`.
    Event: Object;
    |value| value.host::<EventHost>().is_some()
}

/// An event of any interface.
pub(super) struct EventHost {
    pub(super) interface: &'static str,
    /// What the interface adds, by the attributes' names.
    attributes: RefCell<Vec<(&'static str, JsValue)>>,
    type_: RefCell<String>,
    bubbles: Cell<bool>,
    cancelable: Cell<bool>,
    composed: bool,
    is_trusted: Cell<bool>,
    time_stamp: f64,
    target: RefCell<Option<EventTarget>>,
    is_dispatched: Cell<bool>,
    in_passive_listener: Cell<bool>,
    is_stopped: Cell<bool>,
    is_stopped_at_once: Cell<bool>,
    is_canceled: Cell<bool>,
}

impl Host for EventHost {
    fn class(&self) -> &'static str {
        self.interface
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        let attributes = self.attributes.borrow();
        if let Some((_, value)) = attributes.iter().find(|(known, _)| *known == name) {
            return Some(value.clone());
        }
        Some(match name {
            "type" => JsValue::from(&*self.type_.borrow()),
            "currentTarget" if !self.is_dispatched.get() => JsValue::NULL,
            "target" | "currentTarget" => {
                let target = self.target.borrow();
                target.as_ref().map_or(JsValue::NULL, JsValue::from)
            }
            "timeStamp" => self.time_stamp.into(),
            "bubbles" => self.bubbles.get().into(),
            "cancelable" => self.cancelable.get().into(),
            "composed" => self.composed.into(),
            "isTrusted" => self.is_trusted.get().into(),
            "defaultPrevented" => self.is_canceled.get().into(),
            _ => return None,
        })
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl EventHost {
    pub(super) fn can_be_dispatched(&self) -> bool {
        !self.is_dispatched.get()
    }

    pub(super) fn begin(&self, target: &EventTarget, is_trusted: bool) {
        self.target.replace(Some(target.clone()));
        self.is_trusted.set(is_trusted);
        self.is_dispatched.set(true);
    }

    /// Ends the dispatch. False if the event was canceled.
    pub(super) fn end(&self) -> bool {
        self.is_dispatched.set(false);
        self.is_stopped.set(false);
        self.is_stopped_at_once.set(false);
        !self.is_canceled.get()
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.is_stopped.get()
    }

    pub(super) fn is_stopped_at_once(&self) -> bool {
        self.is_stopped_at_once.get()
    }

    pub(super) fn enter_listener(&self, passive: bool) {
        self.in_passive_listener.set(passive);
    }

    pub(super) fn leave_listener(&self) {
        self.in_passive_listener.set(false);
    }

    fn cancel(&self) {
        if self.cancelable.get() && !self.in_passive_listener.get() {
            self.is_canceled.set(true);
        }
    }
}

impl Event {
    /// `new Event(type)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new(type_: &str) -> Result<Self, JsValue> {
        Self::new_with_event_init_dict(type_, &EventInit::new())
    }

    /// `new Event(type, init)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new_with_event_init_dict(
        type_: &str,
        event_init_dict: &EventInit,
    ) -> Result<Self, JsValue> {
        Ok(Self::of("Event", type_, event_init_dict, Vec::new()))
    }

    /// An event of any interface.
    pub(super) fn of(
        interface: &'static str,
        type_: &str,
        init: &EventInit,
        attributes: Vec<(&'static str, JsValue)>,
    ) -> Self {
        JsValue::of(EventHost {
            interface,
            attributes: RefCell::new(attributes),
            type_: RefCell::new(type_.to_owned()),
            bubbles: Cell::new(init.get_bubbles().unwrap_or(false)),
            cancelable: Cell::new(init.get_cancelable().unwrap_or(false)),
            composed: init.get_composed().unwrap_or(false),
            is_trusted: Cell::new(false),
            time_stamp: now(),
            target: RefCell::default(),
            is_dispatched: Cell::new(false),
            in_passive_listener: Cell::new(false),
            is_stopped: Cell::new(false),
            is_stopped_at_once: Cell::new(false),
            is_canceled: Cell::new(false),
        })
        .unchecked_into()
    }

    /// An `Event` of the library's own and nothing more.
    pub(super) fn simple(type_: &str) -> Self {
        Self::of("Event", type_, &EventInit::new(), Vec::new())
    }

    pub(super) fn event_host(&self) -> &EventHost {
        let host = (**self).host::<EventHost>();
        host.expect("TypeError: this is not an Event")
    }

    /// An attribute that an interface adds; `undefined`, if this is an event of another one.
    pub(super) fn interface_attribute(&self, name: &str) -> JsValue {
        let attributes = self.event_host().attributes.borrow();
        let attribute = attributes.iter().find(|(known, _)| *known == name);
        attribute
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }

    /// The event's name, such as `"message"`.
    pub fn type_(&self) -> String {
        self.event_host().type_.borrow().clone()
    }

    /// The object that it was dispatched at.
    pub fn target(&self) -> Option<EventTarget> {
        self.event_host().target.borrow().clone()
    }

    /// The object that it is being dispatched at.
    pub fn current_target(&self) -> Option<EventTarget> {
        self.target()
            .filter(|_| self.event_host().is_dispatched.get())
    }

    /// [`AT_TARGET`](Self::AT_TARGET) while it is dispatched, otherwise [`NONE`](Self::NONE).
    pub fn event_phase(&self) -> u16 {
        match self.event_host().is_dispatched.get() {
            true => Self::AT_TARGET,
            false => Self::NONE,
        }
    }

    /// Whether it bubbles. No target here has a parent.
    pub fn bubbles(&self) -> bool {
        self.event_host().bubbles.get()
    }

    /// Whether it can be canceled.
    pub fn cancelable(&self) -> bool {
        self.event_host().cancelable.get()
    }

    /// Whether it was canceled.
    pub fn default_prevented(&self) -> bool {
        self.event_host().is_canceled.get()
    }

    /// Whether it leaves a shadow tree.
    pub fn composed(&self) -> bool {
        self.event_host().composed
    }

    /// True for an event that the library dispatched, false for one that the caller did.
    pub fn is_trusted(&self) -> bool {
        self.event_host().is_trusted.get()
    }

    /// When it was made, by the clock of [`Performance`](super::Performance).
    pub fn time_stamp(&self) -> f64 {
        self.event_host().time_stamp
    }

    /// The target alone, while it is dispatched.
    pub fn composed_path(&self) -> Array {
        self.current_target().iter().collect()
    }

    /// Sets type and flags anew, if it isn't being dispatched.
    pub fn init_event_with_bubbles_and_cancelable(
        &self,
        type_: &str,
        bubbles: bool,
        cancelable: bool,
    ) {
        let host = self.event_host();
        if host.can_be_dispatched() {
            host.type_.replace(type_.to_owned());
            host.bubbles.set(bubbles);
            host.cancelable.set(cancelable);
            host.is_trusted.set(false);
            host.is_canceled.set(false);
            host.is_stopped.set(false);
            host.is_stopped_at_once.set(false);
            host.target.replace(None);
        }
    }

    /// Cancels it, if it can be canceled and the listener is not a passive one.
    pub fn prevent_default(&self) {
        self.event_host().cancel();
    }

    /// Keeps it from the second pass over its target: called by a listener that captures, it spares those that don't.
    pub fn stop_propagation(&self) {
        self.event_host().is_stopped.set(true);
    }

    /// Keeps it from every listener that has not been called yet.
    pub fn stop_immediate_propagation(&self) {
        self.stop_propagation();
        self.event_host().is_stopped_at_once.set(true);
    }
}

impl Event {
    /// [`event_phase`](Self::event_phase) of an event that is not being dispatched.
    pub const NONE: u16 = 0;
    /// Never seen: no target here has a parent.
    pub const CAPTURING_PHASE: u16 = 1;
    /// [`event_phase`](Self::event_phase) of an event that is being dispatched.
    pub const AT_TARGET: u16 = 2;
    /// Never seen: no target here has a parent.
    pub const BUBBLING_PHASE: u16 = 3;
}
