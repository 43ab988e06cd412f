//! `AbortController` and `AbortSignal` (DOM section 3).

use super::{DomException, Event, EventTarget, Listeners, run_after};
use crate::event_loop::script;
use crate::js_sys::{Function, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class, throw_val};
use std::any::Any;
use std::cell::RefCell;
use std::rc::{Rc, Weak};

class! {
    /// Aborts its signal.
    AbortController: Object;
    |value| value.host::<ControllerHost>().is_some()
}

struct ControllerHost {
    signal: AbortSignal,
}

impl Host for ControllerHost {
    fn class(&self) -> &'static str {
        "AbortController"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl AbortController {
    /// `new AbortController()`.
    ///
    /// # Errors
    ///
    /// None.
    pub fn new() -> Result<Self, JsValue> {
        let signal = AbortSignal::new();
        Ok(JsValue::of(ControllerHost { signal }).unchecked_into())
    }

    fn controller(&self) -> &ControllerHost {
        let host = self.host::<ControllerHost>();
        host.expect("TypeError: this is not an AbortController")
    }

    /// The signal to give away.
    pub fn signal(&self) -> AbortSignal {
        self.controller().signal.clone()
    }

    /// Aborts the signal. The second time it does nothing.
    pub fn abort(&self) {
        self.abort_with_reason(&JsValue::UNDEFINED);
    }

    /// Aborts the signal for this reason; for `undefined`, with an "AbortError".
    pub fn abort_with_reason(&self, reason: &JsValue) {
        self.controller().signal.signal_abort(reason);
    }
}

class! {
    /// Tells whether something was aborted: a listener that was added with it is then removed.
    AbortSignal: EventTarget, Object;
    |value| value.host::<SignalHost>().is_some()
}

#[derive(Default)]
struct SignalHost {
    listeners: Rc<Listeners>,
    reason: RefCell<Option<JsValue>>,
    algorithms: RefCell<Vec<Algorithm>>,
}

struct Algorithm {
    /// What it is about: pointless once that is gone.
    about: Weak<dyn Any>,
    run: Box<dyn FnOnce()>,
}

impl Host for SignalHost {
    fn class(&self) -> &'static str {
        "AbortSignal"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        match name {
            "aborted" => Some(self.reason.borrow().is_some().into()),
            "reason" => Some(self.reason.borrow().clone().unwrap_or_default()),
            _ => None,
        }
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn abort_error() -> JsValue {
    DomException::of("AbortError", "signal is aborted without reason".into()).into()
}

impl AbortSignal {
    fn new() -> Self {
        JsValue::of(SignalHost::default()).unchecked_into()
    }

    fn signal(&self) -> &SignalHost {
        let host = self.host::<SignalHost>();
        host.expect("TypeError: this is not an AbortSignal")
    }

    /// `AbortSignal.abort()`: a signal that is aborted.
    pub fn abort() -> Self {
        Self::abort_with_reason(&JsValue::UNDEFINED)
    }

    /// `AbortSignal.abort(reason)`.
    pub fn abort_with_reason(reason: &JsValue) -> Self {
        let signal = Self::new();
        signal.signal_abort(reason);
        signal
    }

    /// `AbortSignal.timeout(milliseconds)`: a signal that is aborted by then, with a "TimeoutError".
    pub fn timeout_with_u32(milliseconds: u32) -> Self {
        let signal = Self::new();
        let timed_out = signal.clone();
        let abort = Function::native(move |_| {
            let reason = DomException::of("TimeoutError", "signal timed out".into());
            timed_out.signal_abort(reason.as_ref());
            Ok(JsValue::UNDEFINED)
        });
        run_after(milliseconds, abort);
        signal
    }

    /// The same.
    pub fn timeout_with_f64(milliseconds: f64) -> Self {
        Self::timeout_with_u32(milliseconds as u32)
    }

    /// `signal.throwIfAborted()`.
    ///
    /// # Panics
    ///
    /// If it was aborted, where it throws the [reason](Self::reason).
    #[track_caller]
    pub fn throw_if_aborted(&self) {
        if self.aborted() {
            throw_val(self.reason());
        }
    }

    /// Whether it was aborted.
    pub fn aborted(&self) -> bool {
        self.signal().reason.borrow().is_some()
    }

    /// Why it was; `undefined`, if it wasn't.
    pub fn reason(&self) -> JsValue {
        self.signal().reason.borrow().clone().unwrap_or_default()
    }

    /// The handler of the event `abort`.
    pub fn onabort(&self) -> Option<Function> {
        self.handler("abort")
    }

    /// Sets the handler of the event `abort`.
    pub fn set_onabort(&self, value: Option<&Function>) {
        self.set_handler("abort", value);
    }

    /// DOM "add an algorithm".
    pub(super) fn when_aborted(&self, about: Weak<dyn Any>, algorithm: impl FnOnce() + 'static) {
        let mut algorithms = self.signal().algorithms.borrow_mut();
        // Those that have become pointless make room before the list grows.
        if algorithms.len() == algorithms.capacity() {
            algorithms.retain(|algorithm| algorithm.about.strong_count() > 0);
        }
        let run = Box::new(algorithm);
        algorithms.push(Algorithm { about, run });
    }

    /// DOM "signal abort".
    fn signal_abort(&self, reason: &JsValue) {
        if self.aborted() {
            return;
        }
        let reason = match reason.is_undefined() {
            true => abort_error(),
            false => reason.clone(),
        };
        self.signal().reason.replace(Some(reason));
        let algorithms = self.signal().algorithms.take();
        algorithms
            .into_iter()
            .for_each(|algorithm| (algorithm.run)());
        script(|| self.fire(&Event::simple("abort")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web_sys::AddEventListenerOptions;

    #[test]
    fn listeners_that_come_and_go_leave_nothing_at_their_signal() {
        let (signal, target) = (AbortSignal::new(), EventTarget::new().unwrap());
        let options = AddEventListenerOptions::new();
        options.set_signal(&signal);
        for _ in 0..1000 {
            let listener = Function::native(|_| Ok(JsValue::UNDEFINED));
            let add = EventTarget::add_event_listener_with_callback_and_add_event_listener_options;
            add(&target, "x", &listener, &options).unwrap();
            target
                .remove_event_listener_with_callback("x", &listener)
                .unwrap();
        }
        assert!(signal.signal().algorithms.borrow().len() < 10);
    }
}
