//! `AbortController` and `AbortSignal` (DOM section 3).

use super::{DomException, Event, EventTarget, Listeners};
use crate::event_loop::script;
use crate::js_sys::{Function, Object};
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

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
        let reason = DomException::of("AbortError", "signal is aborted without reason".into());
        self.abort_with_reason(reason.as_ref());
    }

    /// Aborts the signal for this reason.
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
    algorithms: RefCell<Vec<Box<dyn FnOnce()>>>,
}

impl Host for SignalHost {
    fn class(&self) -> &'static str {
        "AbortSignal"
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl AbortSignal {
    fn new() -> Self {
        JsValue::of(SignalHost::default()).unchecked_into()
    }

    fn signal(&self) -> &SignalHost {
        let host = self.host::<SignalHost>();
        host.expect("TypeError: this is not an AbortSignal")
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
    pub(super) fn when_aborted(&self, algorithm: impl FnOnce() + 'static) {
        self.signal()
            .algorithms
            .borrow_mut()
            .push(Box::new(algorithm));
    }

    /// DOM "signal abort".
    fn signal_abort(&self, reason: &JsValue) {
        if self.aborted() {
            return;
        }
        self.signal().reason.replace(Some(reason.clone()));
        let algorithms = self.signal().algorithms.take();
        algorithms.into_iter().for_each(|algorithm| algorithm());
        script(|| self.fire(&Event::simple("abort")));
    }
}
