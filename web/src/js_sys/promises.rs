//! `Promise.all()` and its kin: a promise for several.

use super::{Array, Error, Object, Promise};
use crate::js_sys::Reflect;
use crate::wasm_bindgen::JsValue;
use std::cell::Cell;
use std::rc::Rc;

type Outcome = Result<JsValue, JsValue>;

/// Has `settled` called with the outcome of each promise, or value, its place, and whether it is the last to come.
fn each(promises: &JsValue, settled: impl Fn(usize, Outcome, bool) + 'static) {
    let promises = Array::from(promises);
    let left = Rc::new(Cell::new(promises.length()));
    let settled = Rc::new(settled);
    for (place, promise) in promises.iter().enumerate() {
        let (left, settled) = (left.clone(), settled.clone());
        Promise::resolve(&promise).when_settled(move |outcome| {
            left.set(left.get() - 1);
            settled(place, outcome, left.get() == 0);
        });
    }
}

impl Promise {
    /// A promise for an array of the values of all of these; it is rejected as soon as one of them is.
    pub fn all(obj: &JsValue) -> Self {
        let (all, values) = (Self::pending(), Array::from(obj));
        if values.length() == 0 {
            all.resolve_with(Ok(values.clone().into()));
        }
        let promise = all.clone();
        each(obj, move |place, outcome, is_last| match outcome {
            Ok(value) => {
                values.set(place as u32, value);
                if is_last {
                    promise.resolve_with(Ok(values.clone().into()));
                }
            }
            Err(reason) => promise.resolve_with(Err(reason)),
        });
        all
    }

    /// A promise for an array of what has become of each of these: objects with `status`, and `value` or `reason`.
    pub fn all_settled(obj: &JsValue) -> Self {
        let (all, outcomes) = (Self::pending(), Array::from(obj));
        if outcomes.length() == 0 {
            all.resolve_with(Ok(outcomes.clone().into()));
        }
        let promise = all.clone();
        each(obj, move |place, outcome, is_last| {
            outcomes.set(place as u32, description(outcome));
            if is_last {
                promise.resolve_with(Ok(outcomes.clone().into()));
            }
        });
        all
    }

    /// A promise for the first value of these; it is rejected once all of them are.
    pub fn any(obj: &JsValue) -> Self {
        let any = Self::pending();
        let failed =
            || Err(Error::of("AggregateError", "All promises were rejected".into()).into());
        if Array::from(obj).length() == 0 {
            any.resolve_with(failed());
        }
        let promise = any.clone();
        each(obj, move |_, outcome, is_last| match outcome {
            Ok(value) => promise.resolve_with(Ok(value)),
            Err(_) if is_last => promise.resolve_with(failed()),
            Err(_) => {}
        });
        any
    }

    /// A promise for what becomes of the first of these that is settled.
    pub fn race(obj: &JsValue) -> Self {
        let race = Self::pending();
        let promise = race.clone();
        each(obj, move |_, outcome, _| promise.resolve_with(outcome));
        race
    }
}

fn description(outcome: Outcome) -> JsValue {
    let (status, name, what) = match outcome {
        Ok(value) => ("fulfilled", "value", value),
        Err(reason) => ("rejected", "reason", reason),
    };
    let object = Object::new();
    for (name, value) in [("status", &status.into()), (name, &what)] {
        // It is an object.
        let _ = Reflect::set(&object, &name.into(), value);
    }
    object.into()
}
