//! A realm in Boa.

mod modules;
mod place;

use crate::natives::Natives;
use crate::script::{Modules, PRELUDE, Reporter, Script, Settings};
use boa_engine::builtins::promise::{OperationType, Promise, PromiseState};
use boa_engine::context::HostHooks;
use boa_engine::object::builtins::JsPromise;
use boa_engine::property::PropertyKey;
use boa_engine::realm::Realm;
use boa_engine::{
    Context, JsError, JsNativeError, JsObject, JsResult, JsString, JsValue, NativeFunction, Source,
    js_string, script,
};
use dom_websocket::EventLoop;
use dom_websocket::host::Options;
use dom_websocket_boa::{Jobs, Page, install};
use modules::Files;
use place::{at, at_position};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::mem::take;
use std::path::Path;
use std::rc::Rc;

pub(crate) fn open(
    settings: &Settings,
    natives: Natives,
) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>> {
    let event_loop = EventLoop::with_host(Reporter(natives.clone()));
    let rejections = Rc::new(Rejections::default());
    let files = Rc::new(Files::default());
    let mut context = Context::builder()
        .job_executor(Jobs::new(&event_loop))
        .host_hooks(rejections.clone())
        .module_loader(files.clone())
        .build()
        .map_err(|error| error.to_string())?;
    context.runtime_limits_mut().set_recursion_limit(RECURSION);
    context
        .runtime_limits_mut()
        .set_stack_size_limit(STACK_SIZE);
    context.insert_data(natives);
    let context = Rc::new(RefCell::new(context));
    let options = settings.apply(Options::new(&event_loop));
    let script = Boa {
        functions: RefCell::default(),
        rejections,
        files,
        page: install(&context, options)?,
    };
    if !script.prepare("realm.js", PRELUDE) {
        return Err("realm.js threw".into());
    }
    if let Some(report) = script.function("report") {
        script.page.set_reporter(report);
    }
    Ok((event_loop, Box::new(script)))
}

/// How deep functions call each other: what takes a few kilobytes of the program's stack for each, where a function of the
/// engine's is in between. Its own bound is less than what libraries need.
const RECURSION: usize = 8_000;
/// Values of all functions that run.
const STACK_SIZE: usize = 1 << 20;

/// How deep brackets may be in brackets: the parser takes some ten kilobytes of the stack for each.
const NESTING: usize = 10_000;

/// Refuses a text that would have the parser overflow the stack, which ends the process.
fn check_nesting(units: impl Iterator<Item = u16>) -> JsResult<()> {
    let mut depth = 0_usize;
    for unit in units {
        match u8::try_from(unit) {
            Ok(b'(' | b'[' | b'{') => depth += 1,
            Ok(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING {
            let error = JsNativeError::syntax().with_message("brackets are nested too deeply");
            return Err(error.into());
        }
    }
    Ok(())
}

/// Promises that were rejected and that nobody has handled, with their reasons.
#[derive(Default)]
struct Rejections {
    unhandled: RefCell<Vec<(JsObject, JsValue)>>,
}

impl HostHooks for Rejections {
    fn ensure_can_compile_strings(
        &self,
        _: Realm,
        parameters: &[JsString],
        body: &JsString,
        _: bool,
        _: &mut Context,
    ) -> JsResult<()> {
        let texts = parameters.iter().chain([body]);
        texts
            .into_iter()
            .try_for_each(|text| check_nesting(text.iter()))
    }

    fn promise_rejection_tracker(
        &self,
        promise: &JsObject<Promise>,
        operation: OperationType,
        _: &mut Context,
    ) {
        let promise = promise.clone().upcast();
        match operation {
            OperationType::Reject => {
                let state = JsPromise::from_object(promise.clone()).map(|promise| promise.state());
                if let Ok(PromiseState::Rejected(reason)) = state {
                    self.unhandled.borrow_mut().push((promise, reason));
                }
            }
            OperationType::Handle => {
                let mut unhandled = self.unhandled.borrow_mut();
                unhandled.retain(|(other, _)| !JsObject::equals(other, &promise));
            }
        }
    }
}

struct Boa {
    functions: RefCell<HashMap<String, JsObject>>,
    rejections: Rc<Rejections>,
    files: Rc<Files>,
    page: Page,
}

impl Boa {
    fn try_prepare(&self, context: &mut Context, name: &str, source: &str) -> JsResult<()> {
        let native = NativeFunction::from_fn_ptr(call_native).to_js_function(context.realm());
        let prelude = evaluate(context, name, source)?;
        let functions = callable(&prelude)?
            .call(&JsValue::undefined(), &[native.into()], context)?
            .to_object(context)?;
        for key in functions.own_property_keys(context)? {
            let function = functions.get(key.clone(), context)?;
            if let PropertyKey::String(name) = key {
                let function = callable(&function)?;
                let mut functions = self.functions.borrow_mut();
                functions.insert(name.to_std_string_lossy(), function);
            }
        }
        Ok(())
    }

    fn function(&self, name: &str) -> Option<JsObject> {
        self.functions.borrow().get(name).cloned()
    }

    /// Calls a function that was kept, if there is such a one.
    fn call_kept(&self, context: &mut Context, name: &str, arguments: &[JsValue]) -> JsResult<()> {
        match self.function(name) {
            Some(function) => function
                .call(&JsValue::undefined(), arguments, context)
                .map(drop),
            None => Ok(()),
        }
    }

    /// True if nothing was thrown; what was is reported.
    fn succeeded(&self, context: &mut Context, result: JsResult<()>) -> bool {
        let Err(error) = result else {
            return true;
        };
        let reported = error
            .into_opaque(context)
            .and_then(|error| self.call_kept(context, "report", &[error]));
        // No script may see it, such as the end of the stack.
        if let (Err(error), Some(natives)) = (reported, context.get_data::<Natives>()) {
            natives.print_error(&error);
        }
        false
    }
}

/// The function that `realm.js` knows as `native`.
fn call_native(_: &JsValue, strings: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let strings = strings
        .iter()
        .map(|string| Ok(string.to_string(context)?.to_std_string_lossy()))
        .collect::<JsResult<Vec<_>>>()?;
    let natives = context.get_data::<Natives>().cloned();
    let answer = natives.and_then(|natives| natives.call(&strings));
    Ok(answer.map_or(JsValue::undefined(), |text| JsString::from(text).into()))
}

fn callable(value: &JsValue) -> JsResult<JsObject> {
    value
        .as_callable()
        .ok_or_else(|| JsError::from(JsNativeError::typ().with_message("a function was expected")))
}

fn evaluate(context: &mut Context, name: &str, source: &str) -> JsResult<JsValue> {
    check_nesting(source.encode_utf16()).map_err(|error| at(error, name, context))?;
    let parsed = script::Script::parse(
        Source::from_bytes(source).with_path(Path::new(name)),
        None,
        context,
    );
    parsed
        .map_err(|error| at_position(error, name, context))?
        .evaluate(context)
}

impl Script for Boa {
    fn prepare(&self, name: &str, source: &str) -> bool {
        self.page.run(|context| {
            let result = self.try_prepare(context, name, source);
            self.succeeded(context, result)
        })
    }

    fn evaluate(&self, name: &str, source: &str, taker: Option<&str>) -> bool {
        self.page.run(|context| {
            let result = evaluate(context, name, source);
            let result = result.and_then(|value| match taker {
                Some(taker) => self.call_kept(context, taker, &[value]),
                None => Ok(()),
            });
            self.succeeded(context, result)
        })
    }

    fn install_streams(&self) -> bool {
        match self.page.install_streams() {
            Ok(is_there) => is_there,
            Err(error) => {
                self.page.run(|context| {
                    if let Some(natives) = context.get_data::<Natives>() {
                        natives.print_error(&error);
                    }
                });
                false
            }
        }
    }

    fn call(&self, function: &str, argument: &str) {
        self.page.run(|context| {
            let result = self.call_kept(context, function, &[js_string!(argument).into()]);
            self.succeeded(context, result);
        });
    }

    fn notify_about_rejected_promises(&self) {
        let rejections = take(&mut *self.rejections.unhandled.borrow_mut());
        if rejections.is_empty() {
            return;
        }
        self.page.run(|context| {
            for (promise, reason) in rejections {
                let result = self.call_kept(context, "rejected", &[reason, promise.into()]);
                self.succeeded(context, result);
            }
        });
    }

    fn modules(&self) -> Option<&dyn Modules> {
        Some(self)
    }
}
