//! `Promise`.

use super::{Function, Object, TypeError};
use crate::event_loop::{Uncaught, queue_microtask, report, script, try_event_loop};
use crate::wasm_bindgen::closure::Closure;
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use dom_websocket::Exception;
use std::any::Any;
use std::cell::{Cell, RefCell};

class! {
    /// A value that is to come.
    ///
    /// Where one is rejected and nobody has asked, the exception is reported, as in a browser's console.
    Promise: Object;
    |value| value.host::<PromiseHost>().is_some()
}

struct PromiseHost {
    state: RefCell<State>,
    /// It follows another one, or is settled.
    is_resolved: Cell<bool>,
    is_handled: Cell<bool>,
}

type Outcome = Result<JsValue, JsValue>;

enum State {
    Pending(Vec<Box<dyn FnOnce(Outcome)>>),
    Settled(Outcome),
}

impl Host for PromiseHost {
    fn class(&self) -> &'static str {
        "Promise"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Promise {
    /// `new Promise((resolve, reject) => …)`.
    pub fn new(cb: &mut dyn FnMut(Function, Function)) -> Self {
        let promise = Self::pending();
        let (resolved, rejected) = (promise.clone(), promise.clone());
        let resolve = Function::native(move |arguments| {
            resolved.resolve_with(Ok(arguments.first().cloned().unwrap_or_default()));
            Ok(JsValue::UNDEFINED)
        });
        let reject = Function::native(move |arguments| {
            rejected.resolve_with(Err(arguments.first().cloned().unwrap_or_default()));
            Ok(JsValue::UNDEFINED)
        });
        script(|| cb(resolve, reject));
        promise
    }

    /// A promise with this value; a promise itself.
    pub fn resolve(obj: &JsValue) -> Self {
        if let Some(promise) = obj.dyn_ref::<Self>() {
            return promise.clone();
        }
        let promise = Self::pending();
        promise.resolve_with(Ok(obj.clone()));
        promise
    }

    /// A promise that is rejected with this reason.
    pub fn reject(obj: &JsValue) -> Self {
        let promise = Self::pending();
        promise.resolve_with(Err(obj.clone()));
        promise
    }

    pub(crate) fn pending() -> Self {
        JsValue::of(PromiseHost {
            state: RefCell::new(State::Pending(Vec::new())),
            is_resolved: Cell::new(false),
            is_handled: Cell::new(false),
        })
        .unchecked_into()
    }

    /// ECMAScript "promise resolve functions" and "promise reject functions": the first call counts.
    pub(crate) fn resolve_with(&self, outcome: Outcome) {
        let Some(host) = self.host::<PromiseHost>() else {
            return;
        };
        if host.is_resolved.replace(true) {
            return;
        }
        match outcome.as_ref().ok().and_then(JsCast::dyn_ref::<Self>) {
            Some(other) if other == self => {
                let error = TypeError::new("a promise can't wait for itself");
                self.settle(Err(error.into()));
            }
            Some(other) => {
                // ECMAScript "NewPromiseResolveThenableJob".
                let (promise, other) = (self.clone(), other.clone());
                queue_microtask(move || {
                    other.when_settled(move |outcome| promise.settle(outcome));
                });
            }
            None => self.settle(outcome),
        }
    }

    fn settle(&self, outcome: Outcome) {
        let Some(host) = self.host::<PromiseHost>() else {
            return;
        };
        let before = host.state.replace(State::Settled(outcome.clone()));
        if let State::Pending(reactions) = before {
            for reaction in reactions {
                let outcome = outcome.clone();
                queue_microtask(move || reaction(outcome));
            }
        }
        if let (Err(reason), false, Some(event_loop)) =
            (outcome, host.is_handled.get(), try_event_loop())
        {
            let promise = self.clone();
            event_loop.queue_task(move || promise.report_if_unhandled(&reason));
        }
    }

    /// HTML "notify about rejected promises".
    fn report_if_unhandled(&self, reason: &JsValue) {
        let is_handled = self
            .host::<PromiseHost>()
            .is_some_and(|host| host.is_handled.get());
        if !is_handled {
            let text = format!("in a promise: {reason:?}");
            report(Exception::Error(Box::new(Uncaught(text))));
        }
    }

    /// Calls back in a microtask.
    pub(crate) fn when_settled(&self, reaction: impl FnOnce(Outcome) + 'static) {
        let Some(host) = self.host::<PromiseHost>() else {
            return;
        };
        host.is_handled.set(true);
        match &mut *host.state.borrow_mut() {
            State::Pending(reactions) => reactions.push(Box::new(reaction)),
            State::Settled(outcome) => {
                let outcome = outcome.clone();
                queue_microtask(move || reaction(outcome));
            }
        }
    }

    fn chain(&self, fulfilled: Option<Function>, rejected: Option<Function>) -> Self {
        let derived = Self::pending();
        let promise = derived.clone();
        self.when_settled(move |outcome| {
            let (handler, value) = match &outcome {
                Ok(value) => (fulfilled, value),
                Err(reason) => (rejected, reason),
            };
            promise.resolve_with(match handler {
                Some(handler) => handler.invoke(std::slice::from_ref(value)),
                None => outcome,
            });
        });
        derived
    }

    /// Calls back with the value.
    pub fn then(&self, cb: &Closure<dyn FnMut(JsValue)>) -> Self {
        self.chain(Some(function(cb.as_ref())), None)
    }

    /// Calls back with the value, or with the reason.
    pub fn then2(
        &self,
        resolve: &Closure<dyn FnMut(JsValue)>,
        reject: &Closure<dyn FnMut(JsValue)>,
    ) -> Self {
        self.chain(
            Some(function(resolve.as_ref())),
            Some(function(reject.as_ref())),
        )
    }

    /// Calls back with the reason.
    pub fn catch(&self, cb: &Closure<dyn FnMut(JsValue)>) -> Self {
        self.chain(None, Some(function(cb.as_ref())))
    }

    /// Calls back in either case.
    pub fn finally(&self, cb: &Closure<dyn FnMut()>) -> Self {
        let (derived, handler) = (Self::pending(), function(cb.as_ref()));
        let promise = derived.clone();
        self.when_settled(move |outcome| {
            promise.resolve_with(handler.invoke(&[]).and(outcome));
        });
        derived
    }
}

fn function(closure: &JsValue) -> Function {
    closure.clone().unchecked_into()
}
