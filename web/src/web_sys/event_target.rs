//! `EventTarget` (DOM section 2.7).

use super::listeners::{Listener, Listeners};
use super::{AddEventListenerOptions, DomException, Event, EventListenerOptions};
use crate::event_loop::script;
use crate::js_sys::{Function, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

class! {
    /// What events are dispatched at.
    EventTarget: Object;
    |value| value.instance().is_some_and(|instance| instance.as_host().listeners().is_some())
}

/// One that is nothing else.
struct TargetHost {
    listeners: Rc<Listeners>,
}

impl Host for TargetHost {
    fn class(&self) -> &'static str {
        "EventTarget"
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl EventTarget {
    /// `new EventTarget()`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new() -> Result<Self, JsValue> {
        let listeners = Rc::default();
        Ok(JsValue::of(TargetHost { listeners }).unchecked_into())
    }

    pub(super) fn listeners(&self) -> &Rc<Listeners> {
        let instance = (**self).instance();
        let listeners = instance.and_then(|instance| instance.as_host().listeners());
        listeners.expect("TypeError: this is not an EventTarget")
    }

    pub(super) fn listeners_changed(&self) {
        if let Some(instance) = (**self).instance() {
            instance.as_host().listeners_changed(instance);
        }
    }

    pub(super) fn set_handler(&self, type_: &str, handler: Option<&Function>) {
        self.listeners().set_handler(type_, handler);
        self.listeners_changed();
    }

    pub(super) fn handler(&self, type_: &str) -> Option<Function> {
        self.listeners().handler(type_)
    }

    /// Dispatches an event of the library's own.
    pub(super) fn fire(&self, event: &Event) {
        self.listeners().dispatch(self, event, true);
    }

    /// Calls back at each event of a type, until it is [removed](Self::remove_event_listener_with_callback).
    ///
    /// # Errors
    ///
    /// None.
    pub fn add_event_listener_with_callback(
        &self,
        type_: &str,
        listener: &Function,
    ) -> Result<(), JsValue> {
        self.add(type_, listener, &AddEventListenerOptions::new());
        Ok(())
    }

    /// The same; before those that don't `capture`, if it does.
    ///
    /// # Errors
    ///
    /// None.
    pub fn add_event_listener_with_callback_and_bool(
        &self,
        type_: &str,
        listener: &Function,
        options: bool,
    ) -> Result<(), JsValue> {
        let dictionary = AddEventListenerOptions::new();
        dictionary.set_capture(options);
        self.add(type_, listener, &dictionary);
        Ok(())
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// None.
    pub fn add_event_listener_with_callback_and_add_event_listener_options(
        &self,
        type_: &str,
        listener: &Function,
        options: &AddEventListenerOptions,
    ) -> Result<(), JsValue> {
        self.add(type_, listener, options);
        Ok(())
    }

    fn add(&self, type_: &str, listener: &Function, options: &AddEventListenerOptions) {
        let signal = options.get_signal();
        if signal.as_ref().is_some_and(|signal| signal.aborted()) {
            return;
        }
        let listener = Rc::new(Listener {
            type_: type_.to_owned(),
            callback: RefCell::new(listener.into()),
            is_handler: false,
            capture: options.get_capture().unwrap_or(false),
            once: options.get_once().unwrap_or(false),
            passive: options.get_passive().unwrap_or(false),
            is_removed: Cell::new(false),
        });
        if !self.listeners().add(listener.clone()) {
            return;
        }
        if let Some(signal) = signal {
            let (target, listener) = (self.downgrade(), Rc::downgrade(&listener));
            let about: Weak<dyn Any> = listener.clone();
            signal.when_aborted(about, move || {
                if let (Some(target), Some(listener)) = (target(), listener.upgrade()) {
                    let listeners = target.listeners();
                    listeners.remove_where(|known| std::ptr::eq(known, &*listener));
                    target.listeners_changed();
                }
            });
        }
        self.listeners_changed();
    }

    /// This object, for as long as somebody has it.
    fn downgrade(&self) -> impl Fn() -> Option<Self> + use<> {
        let instance = (**self).instance().map(Rc::downgrade);
        move || {
            let instance = instance.as_ref()?.upgrade()?;
            Some(JsValue::from_instance(instance).unchecked_into())
        }
    }

    /// Removes a listener that was added without `capture`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn remove_event_listener_with_callback(
        &self,
        type_: &str,
        listener: &Function,
    ) -> Result<(), JsValue> {
        self.remove_event_listener_with_callback_and_bool(type_, listener, false)
    }

    /// Removes a listener that was added with this `capture`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn remove_event_listener_with_callback_and_bool(
        &self,
        type_: &str,
        listener: &Function,
        options: bool,
    ) -> Result<(), JsValue> {
        self.listeners().remove(type_, listener.as_ref(), options);
        self.listeners_changed();
        Ok(())
    }

    /// Removes a listener that was added with this `capture`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn remove_event_listener_with_callback_and_event_listener_options(
        &self,
        type_: &str,
        listener: &Function,
        options: &EventListenerOptions,
    ) -> Result<(), JsValue> {
        let capture = options.get_capture().unwrap_or(false);
        self.remove_event_listener_with_callback_and_bool(type_, listener, capture)
    }

    /// Calls the listeners before it returns. False if one of them canceled the event.
    ///
    /// # Errors
    ///
    /// "InvalidStateError" if the event is being dispatched already.
    pub fn dispatch_event(&self, event: &Event) -> Result<bool, JsValue> {
        if !event.event_host().can_be_dispatched() {
            let message = "the event is being dispatched";
            return Err(DomException::of("InvalidStateError", message.into()).into());
        }
        Ok(script(|| self.listeners().dispatch(self, event, false)))
    }
}
