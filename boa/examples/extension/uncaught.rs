//! What script threw and nobody caught.

use boa_engine::builtins::promise::{OperationType, Promise, PromiseState};
use boa_engine::context::HostHooks;
use boa_engine::object::builtins::JsPromise;
use boa_engine::{Context, JsError, JsObject, JsResult, JsValue};
use dom_websocket::{Exception, Host};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Takes lines: of the console, or about what was not caught.
pub(crate) type Printer = Rc<dyn Fn(&str)>;

pub(crate) struct Uncaught {
    print: Printer,
    count: Cell<usize>,
    /// Promises that were rejected and that nobody has handled, with their reasons.
    rejected: RefCell<Vec<(JsObject, JsValue)>>,
}

impl Uncaught {
    pub(crate) fn new(print: Printer) -> Rc<Self> {
        Rc::new(Self {
            print,
            count: Cell::new(0),
            rejected: RefCell::default(),
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.count.get()
    }

    fn report(&self, text: &str) {
        self.count.set(self.count.get() + 1);
        (self.print)(text);
    }

    /// HTML "report an exception", if there is one.
    pub(crate) fn check(&self, result: JsResult<JsValue>, context: &mut Context) {
        if let Err(error) = result {
            self.report(&format!("Uncaught {}", describe(&error, context)));
        }
    }

    /// HTML "notify about rejected promises", behind each checkpoint.
    pub(crate) fn notify_about_rejected_promises(&self, context: &mut Context) {
        for (_, reason) in self.rejected.take() {
            let reason = describe(&JsError::from_opaque(reason), context);
            self.report(&format!("Uncaught (in promise) {reason}"));
        }
    }
}

/// With its message, which Boa doesn't show of an error that is not its own, such as a DOMException.
fn describe(error: &JsError, context: &mut Context) -> String {
    let shown = error.to_string();
    let Some(value) = error.as_opaque() else {
        return shown;
    };
    let constructors = context.intrinsics().constructors();
    let base = constructors.error().constructor().into();
    let is_foreign =
        error.try_native(context).is_err() && value.instance_of(&base, context).unwrap_or(false);
    match value.to_string(context) {
        Ok(text) if is_foreign => {
            let object = value.display().to_string();
            shown.replacen(&object, &text.to_std_string_escaped(), 1)
        }
        _ => shown,
    }
}

/// Boa tells of promises.
pub(crate) struct Rejections(pub Rc<Uncaught>);

impl HostHooks for Rejections {
    fn promise_rejection_tracker(
        &self,
        promise: &JsObject<Promise>,
        operation: OperationType,
        _: &mut Context,
    ) {
        let promise = promise.clone().upcast();
        let mut rejected = self.0.rejected.borrow_mut();
        match operation {
            OperationType::Reject => {
                let state = JsPromise::from_object(promise.clone()).map(|promise| promise.state());
                if let Ok(PromiseState::Rejected(reason)) = state {
                    rejected.push((promise, reason));
                }
            }
            OperationType::Handle => {
                rejected.retain(|(other, _)| !JsObject::equals(other, &promise));
            }
        }
    }
}

/// The loop tells of listeners.
pub(crate) struct Listeners(pub Rc<Uncaught>);

impl Host for Listeners {
    fn report_exception(&self, exception: Exception) {
        self.0.report(&format!("Uncaught {exception}"));
    }
}
