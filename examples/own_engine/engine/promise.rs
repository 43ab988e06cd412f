// Promises, and the jobs that they make.

use super::Scope;
use super::value::{Completion, Kind, Thrown, Value, argument};
use dom_websocket::host::{Call, Engine};

pub(super) enum Promise {
    /// What to call when it is fulfilled, and what when it is rejected, for each who waits.
    Pending(Vec<[Value; 2]>),
    Settled(Result<Value, Value>),
}

impl Scope {
    /// `promise.then(fulfilled, rejected)`, without a promise for what comes of it.
    pub(super) fn then(&mut self, call: &Call<Self>) -> Completion {
        let Some(Kind::Promise(promise)) = call.this.kind() else {
            return Err(self.type_error("it is no promise"));
        };
        let functions = [argument(call, 0), argument(call, 1)];
        match &mut *promise.borrow_mut() {
            Promise::Pending(waiting) => waiting.push(functions),
            Promise::Settled(result) => self.react(functions, result.clone()),
        }
        Ok(Value::Undefined)
    }

    /// The function that settles a promise: what is settled already stays as it is.
    pub(super) fn settler(
        &self,
        promise: &Value,
        result: fn(Value) -> Result<Value, Value>,
    ) -> Value {
        let settled = promise.clone();
        self.function(move |cx, call| {
            let Some(Kind::Promise(promise)) = settled.kind() else {
                return Err(cx.type_error("it is no promise"));
            };
            let mut promise = promise.borrow_mut();
            if let Promise::Pending(waiting) = &mut *promise {
                let result = result(argument(call, 0));
                for functions in std::mem::take(waiting) {
                    cx.react(functions, result.clone());
                }
                *promise = Promise::Settled(result);
            }
            Ok(Value::Undefined)
        })
    }

    /// Queues a job, a microtask, that calls one of the two.
    fn react(&mut self, [fulfilled, rejected]: [Value; 2], result: Result<Value, Value>) {
        let (function, value) = match result {
            Ok(value) => (fulfilled, value),
            Err(value) => (rejected, value),
        };
        if self.is_callable(&function) {
            self.realm.jobs.borrow_mut().push_back([function, value]);
        }
    }

    /// Runs the next job. `None`: there is none.
    pub(crate) fn run_job(&mut self) -> Option<Result<(), Thrown>> {
        let [function, value] = self.realm.jobs.borrow_mut().pop_front()?;
        Some(self.call(&function, &Value::Undefined, &[value]).map(drop))
    }
}
