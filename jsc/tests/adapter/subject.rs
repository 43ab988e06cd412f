//! JavaScriptCore under test.

use dom_websocket::host::conformance::Subject;
use dom_websocket::host::{self, Engine, Key, Options, ScriptError};
use dom_websocket_jsc::{Context, Page, Scope, Value, install};
use std::any::Any;
use std::ffi::{c_char, c_int};
use std::sync::Once;

pub(crate) struct Jsc {
    pub(crate) page: Page,
    pub(crate) context: Context,
}

impl Jsc {
    pub(crate) fn new(context: Context, options: Options) -> Self {
        let page = install(&context, options).unwrap();
        page.run(define_queue_microtask);
        Self { page, context }
    }
}

/// HTML `queueMicrotask`, which the engine doesn't bring.
fn define_queue_microtask(scope: &mut Scope<'_>) {
    let report = scope.new_closure("report", 1, |scope, arguments| {
        host::report(scope, arguments[0].clone());
        Ok(scope.undefined())
    });
    let report = report.unwrap_or_else(|_| panic!("a function is made"));
    let define = "(report) => {
        const resolved = Promise.resolve();
        globalThis.queueMicrotask = (callback) => {
            resolved.then(() => { try { callback(); } catch (error) { report(error); } });
        };
    }";
    let undefined = scope.undefined();
    let define = value(scope.evaluate("queueMicrotask", define));
    value(scope.call(&define, &undefined, &[report]));
}

/// What did not throw.
#[track_caller]
pub(crate) fn value<'js>(result: Result<Value<'js>, Value<'js>>) -> Value<'js> {
    result.unwrap_or_else(|_| panic!("it threw"))
}

unsafe extern "C" {
    /// Of the library's API for GLib.
    fn jsc_options_set_boolean(option: *const c_char, value: c_int) -> c_int;
}

/// A new engine, with `SharedArrayBuffer`, which it leaves out unless it is asked before the process makes its first.
pub(crate) fn context() -> Context {
    static ASKED: Once = Once::new();
    // SAFETY: the name is a C string. Threads that make a context wait for it.
    ASKED.call_once(|| unsafe {
        jsc_options_set_boolean(c"useSharedArrayBuffer".as_ptr(), 1);
    });
    Context::new()
}

impl Subject for Jsc {
    /// What looks like a reference on the stack is taken for one.
    const SPARED: usize = 10;

    fn open(script: &str, options: Options) -> Self {
        let context = context();
        context.evaluate("before", script).unwrap();
        Self::new(context, options)
    }

    fn open_beside(&self, options: Options) -> Option<Self> {
        let beside = Self::new(self.context.beside(), options);
        let other = beside.page.run(|scope| {
            let global = scope.global();
            scope.save(&global)
        });
        self.page.run(|scope| {
            let other = scope.restore(&other).expect("it is the same engine");
            let (global, undefined) = (scope.global(), scope.undefined());
            let set = value(scope.evaluate("set", "(other) => { globalThis.other = other; }"));
            value(scope.call(&set, &undefined, &[other]));
            drop(global);
        });
        Some(beside)
    }

    fn install_again(&self, options: Options) -> Box<dyn Any> {
        Box::new(install(&self.context, options).unwrap())
    }

    fn evaluate(&self, script: &str) -> Result<String, String> {
        self.page.run(|scope| {
            let value = scope.evaluate("test", script);
            let text = value.and_then(|value| scope.to_dom_string(&value));
            match text {
                Ok(text) => Ok(text.into_usv_string()),
                Err(exception) => Err(ScriptError::new(scope, exception).to_string()),
            }
        })
    }

    fn define(&self, name: &str, function: Box<dyn Fn()>) {
        self.page.run(|scope| {
            let function = value(scope.new_closure(name, 0, move |scope, _| {
                function();
                Ok(scope.undefined())
            }));
            let (global, content) = (
                scope.global(),
                host::PropertyContent::Data {
                    value: function,
                    writable: true,
                },
            );
            let property = host::Property {
                content,
                enumerable: true,
                configurable: true,
            };
            scope
                .define(&global, Key::Name(name), property)
                .unwrap_or_else(|_| panic!("it is defined"));
        });
    }

    fn set_reporter(&self, name: &str) {
        let function = self.page.run(|scope| {
            let global = scope.global();
            let function = value(scope.get(&global, Key::Name(name)));
            scope.save(&function)
        });
        self.page.set_reporter(&function).unwrap();
    }

    fn collect_garbage(&self) {
        self.page.collect_garbage();
    }
}
