//! Boa under test.

use boa_engine::job::PromiseJob;
use boa_engine::property::Attribute;
use boa_engine::{Context, JsNativeError, JsResult, JsString, JsValue, NativeFunction, Source};
use boa_gc::{Finalize, Trace};
use dom_websocket::host::Options;
use dom_websocket::host::conformance::Subject;
use dom_websocket_boa::{Jobs, Page, install};
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) struct Boa {
    pub(crate) page: Page,
    pub(crate) context: Rc<RefCell<Context>>,
}

/// A function of Rust's, in which no value of the engine's is.
#[derive(Clone, Trace, Finalize)]
struct Call(#[unsafe_ignore_trace] Rc<dyn Fn()>);

/// HTML `queueMicrotask`, as hosts of Boa define it.
fn queue_microtask(_: &JsValue, arguments: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let callback = arguments.first().and_then(JsValue::as_callable);
    let callback = callback.ok_or_else(|| JsNativeError::typ().with_message("not a function"))?;
    let realm = context.realm().clone();
    let call = move |context: &mut Context| callback.call(&JsValue::undefined(), &[], context);
    context.enqueue_job(PromiseJob::with_realm(call, realm).into());
    Ok(JsValue::undefined())
}

fn define_queue_microtask(context: &mut Context) {
    let function = NativeFunction::from_fn_ptr(queue_microtask);
    context
        .register_global_callable(JsString::from("queueMicrotask"), 1, function)
        .unwrap();
}

impl Subject for Boa {
    fn open(script: &str, options: Options) -> Self {
        let jobs = Jobs::new(options.event_loop());
        let context = Context::builder().job_executor(jobs).build();
        let mut context = context.unwrap();
        define_queue_microtask(&mut context);
        context.eval(Source::from_bytes(script)).unwrap();
        let context = Rc::new(RefCell::new(context));
        let page = install(&context, options).unwrap();
        Self { page, context }
    }

    fn open_beside(&self, options: Options) -> Option<Self> {
        let realm = self.context.borrow_mut().create_realm().unwrap();
        let before = self.context.borrow_mut().enter_realm(realm);
        define_queue_microtask(&mut self.context.borrow_mut());
        let page = install(&self.context, options).unwrap();
        self.context.borrow_mut().enter_realm(before);
        let other = page.run(|context| context.global_object());
        self.page
            .run(|context| {
                let name = JsString::from("other");
                context.register_global_property(name, other, Attribute::all())
            })
            .unwrap();
        let context = self.context.clone();
        Some(Self { page, context })
    }

    fn install_again(&self, options: Options) -> Box<dyn Any> {
        Box::new(install(&self.context, options).unwrap())
    }

    fn evaluate(&self, script: &str) -> Result<String, String> {
        self.page.run(|context| {
            let value = context.eval(Source::from_bytes(script));
            match value.and_then(|value| value.to_string(context)) {
                Ok(text) => Ok(text.to_std_string_lossy()),
                Err(error) => Err(error.to_string()),
            }
        })
    }

    fn define(&self, name: &str, function: Box<dyn Fn()>) {
        let function = NativeFunction::from_copy_closure_with_captures(
            |_, _, call: &Call, _| {
                (call.0)();
                Ok(JsValue::undefined())
            },
            Call(function.into()),
        );
        self.page
            .run(|context| context.register_global_callable(JsString::from(name), 0, function))
            .unwrap();
    }

    fn set_reporter(&self, name: &str) {
        let function = self.page.run(|context| {
            let global = context.global_object();
            global.get(JsString::from(name), context)
        });
        let function = function.unwrap().as_object().unwrap();
        self.page.set_reporter(function);
    }

    fn collect_garbage(&self) {
        boa_engine::gc::force_collect();
    }
}
