//! An event target's listeners and handlers, and the dispatch of an event to them (DOM section 2, HTML "event handlers").

use super::event::EventHost;
use super::{Event, EventTarget};
use crate::event_loop::callback;
use crate::js_sys::{Function, TypeError};
use crate::wasm_bindgen::{JsCast, JsValue};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// The attributes of a class's event handlers.
macro_rules! handlers {
    ($class:ident: $($type_:literal $get:ident $set:ident;)*) => {
        impl $class {$(
            #[doc = concat!("The handler of the event `", $type_, "`.")]
            pub fn $get(&self) -> Option<Function> {
                self.handler($type_)
            }

            #[doc = concat!("Sets the handler of the event `", $type_, "`.")]
            pub fn $set(&self, value: Option<&Function>) {
                self.set_handler($type_, value);
            }
        )*}
    };
}
pub(super) use handlers;

#[derive(Default)]
pub(crate) struct Listeners {
    list: RefCell<Vec<Rc<Listener>>>,
}

pub(super) struct Listener {
    pub(super) type_: String,
    pub(super) callback: RefCell<JsValue>,
    pub(super) is_handler: bool,
    pub(super) capture: bool,
    pub(super) once: bool,
    pub(super) passive: bool,
    pub(super) is_removed: Cell<bool>,
}

impl Listener {
    /// Calls a function, or the method `handleEvent` of an object.
    fn call(&self, event: &Event) -> Result<JsValue, JsValue> {
        let callback = self.callback.borrow().clone();
        let argument = std::slice::from_ref::<JsValue>(event.as_ref());
        if let Some(function) = callback.dyn_ref::<Function>() {
            return function.invoke(argument);
        }
        let method = callback
            .instance()
            .and_then(|instance| instance.get("handleEvent"));
        match method.as_ref().and_then(JsCast::dyn_ref::<Function>) {
            Some(function) => function.invoke(argument),
            None => Err(TypeError::new("the listener can't be called").into()),
        }
    }
}

impl Listeners {
    /// DOM "add an event listener". False if it is there already.
    pub(super) fn add(&self, listener: Rc<Listener>) -> bool {
        let mut list = self.list.borrow_mut();
        let is_known = list.iter().any(|known| {
            !known.is_handler
                && known.type_ == listener.type_
                && known.capture == listener.capture
                && *known.callback.borrow() == *listener.callback.borrow()
        });
        if !is_known {
            list.push(listener);
        }
        !is_known
    }

    /// DOM "remove an event listener".
    pub(super) fn remove(&self, type_: &str, callback: &JsValue, capture: bool) {
        self.remove_where(|known| {
            !known.is_handler
                && known.type_ == type_
                && known.capture == capture
                && *known.callback.borrow() == *callback
        });
    }

    pub(super) fn remove_where(&self, is_meant: impl Fn(&Listener) -> bool) {
        let before = self.list.take();
        let (removed, kept): (Vec<_>, Vec<_>) =
            before.into_iter().partition(|listener| is_meant(listener));
        self.list.replace(kept);
        removed
            .iter()
            .for_each(|listener| listener.is_removed.set(true));
        // What they hold may be the last of some object: it goes once the list is whole.
        drop(removed);
    }

    /// HTML "event handlers": the first one of a type takes a place among the listeners, which the next ones keep.
    pub(super) fn set_handler(&self, type_: &str, handler: Option<&Function>) {
        let is_meant = |known: &Listener| known.is_handler && known.type_ == type_;
        let Some(handler) = handler else {
            return self.remove_where(is_meant);
        };
        let list = self.list.borrow();
        let known = list.iter().find(|known| is_meant(known)).cloned();
        drop(list);
        match known {
            Some(known) => drop(known.callback.replace(handler.into())),
            None => self.list.borrow_mut().push(Rc::new(Listener {
                type_: type_.to_owned(),
                callback: RefCell::new(handler.into()),
                is_handler: true,
                capture: false,
                once: false,
                passive: false,
                is_removed: Cell::new(false),
            })),
        }
    }

    pub(super) fn handler(&self, type_: &str) -> Option<Function> {
        let list = self.list.borrow();
        let known = list
            .iter()
            .find(|known| known.is_handler && known.type_ == type_)?;
        Some(known.callback.borrow().clone().unchecked_into())
    }

    /// Whether an event of this type would be heard.
    pub(super) fn listens_to(&self, type_: &str) -> bool {
        self.list.borrow().iter().any(|known| known.type_ == type_)
    }

    /// Lets go of all.
    pub(super) fn clear(&self) {
        self.remove_where(|_| true);
    }

    /// DOM "dispatch", at a target that has no parent. False if the event was canceled.
    pub(super) fn dispatch(&self, target: &EventTarget, event: &Event, is_trusted: bool) -> bool {
        let host = event.event_host();
        host.begin(target, is_trusted);
        let type_ = event.type_();
        for capture in [true, false] {
            if host.is_stopped() {
                break;
            }
            // Those that are added meanwhile are not called.
            let listeners = self.list.borrow().clone();
            let meant = listeners
                .iter()
                .filter(|listener| listener.type_ == type_ && listener.capture == capture);
            for listener in meant {
                if host.is_stopped_at_once() {
                    break;
                }
                if !listener.is_removed.get() {
                    self.invoke(listener, target, event, host);
                }
            }
        }
        host.end()
    }

    /// DOM "inner invoke", for one of them.
    fn invoke(
        &self,
        listener: &Rc<Listener>,
        target: &EventTarget,
        event: &Event,
        host: &EventHost,
    ) {
        if listener.once {
            self.remove_where(|known| std::ptr::eq(known, &**listener));
            target.listeners_changed();
        }
        host.enter_listener(listener.passive);
        let result = callback(|| listener.call(event));
        host.leave_listener();
        if listener.is_handler && result == Some(JsValue::FALSE) {
            event.prevent_default();
        }
    }
}
