//! `Window`, as far as timers, microtasks and the clock.

use super::{EventTarget, Listeners, Performance, clear_timer, set_timer};
use crate::event_loop;
use crate::js_sys::{Array, Function, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::rc::Rc;

class! {
    /// The global object: timers and microtasks of this thread's [event loop](crate::event_loop()).
    Window: EventTarget, Object;
    |value| value.host::<WindowHost>().is_some()
}

struct WindowHost {
    listeners: Rc<Listeners>,
    performance: Performance,
}

impl Host for WindowHost {
    fn class(&self) -> &'static str {
        "Window"
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

thread_local! {
    static WINDOW: Window = JsValue::of(WindowHost {
        listeners: Rc::default(),
        performance: Performance::new(),
    })
    .unchecked_into();
}

/// The global object of this thread.
pub fn window() -> Option<Window> {
    WINDOW.try_with(Clone::clone).ok()
}

/// HTML "queue a microtask", which calls back.
pub(crate) fn queue_microtask(function: Function) {
    event_loop::queue_microtask(move || {
        event_loop::callback(|| function.invoke(&[]));
    });
}

impl Window {
    /// `setTimeout(handler)`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_timeout_with_callback(&self, handler: &Function) -> Result<i32, JsValue> {
        Ok(set_timer(handler.clone(), 0.0, false, Array::new()))
    }

    /// `setTimeout(handler, timeout)`, in milliseconds.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_timeout_with_callback_and_timeout_and_arguments_0(
        &self,
        handler: &Function,
        timeout: i32,
    ) -> Result<i32, JsValue> {
        Ok(set_timer(
            handler.clone(),
            timeout.into(),
            false,
            Array::new(),
        ))
    }

    /// `setTimeout(handler, timeout, ...arguments)`, in milliseconds.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_timeout_with_callback_and_timeout_and_arguments(
        &self,
        handler: &Function,
        timeout: i32,
        arguments: &Array,
    ) -> Result<i32, JsValue> {
        Ok(set_timer(
            handler.clone(),
            timeout.into(),
            false,
            arguments.clone(),
        ))
    }

    /// `clearTimeout(handle)`.
    pub fn clear_timeout_with_handle(&self, handle: i32) {
        clear_timer(Some(handle.into()));
    }

    /// `setInterval(handler, timeout)`, in milliseconds.
    ///
    /// # Errors
    ///
    /// None.
    pub fn set_interval_with_callback_and_timeout_and_arguments_0(
        &self,
        handler: &Function,
        timeout: i32,
    ) -> Result<i32, JsValue> {
        Ok(set_timer(
            handler.clone(),
            timeout.into(),
            true,
            Array::new(),
        ))
    }

    /// `clearInterval(handle)`.
    pub fn clear_interval_with_handle(&self, handle: i32) {
        clear_timer(Some(handle.into()));
    }

    /// The clock.
    pub fn performance(&self) -> Option<Performance> {
        Some(self.host::<WindowHost>()?.performance.clone())
    }

    /// `queueMicrotask(callback)`.
    pub fn queue_microtask(&self, callback: &Function) {
        queue_microtask(callback.clone());
    }
}
