//! `Performance`, as far as its clock.

use super::{EventTarget, Listeners};
use crate::js_sys::Object;
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use std::rc::Rc;
use std::time::Instant;

class! {
    /// A clock that never goes back.
    Performance: EventTarget, Object;
    |value| value.host::<PerformanceHost>().is_some()
}

#[derive(Default)]
struct PerformanceHost {
    listeners: Rc<Listeners>,
}

impl Host for PerformanceHost {
    fn class(&self) -> &'static str {
        "Performance"
    }

    fn listeners(&self) -> Option<&Rc<Listeners>> {
        Some(&self.listeners)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

thread_local! {
    /// HTML "time origin".
    static TIME_ORIGIN: Instant = Instant::now();
}

/// The milliseconds since this thread first asked.
pub(super) fn now() -> f64 {
    TIME_ORIGIN.with(|origin| origin.elapsed().as_secs_f64() * 1000.0)
}

impl Performance {
    pub(super) fn new() -> Self {
        JsValue::of(PerformanceHost::default()).unchecked_into()
    }

    /// The milliseconds since this thread first asked.
    pub fn now(&self) -> f64 {
        now()
    }
}
