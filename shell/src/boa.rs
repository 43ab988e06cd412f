//! A realm in Boa.

use crate::modules::{ModuleType, read, resolve};
use crate::natives::Natives;
use crate::script::{PRELUDE, Reporter, Script, Settings};
use boa_engine::builtins::promise::{OperationType, Promise, PromiseState};
use boa_engine::context::HostHooks;
use boa_engine::module::{Module, ModuleLoader, ModuleRequest, Referrer};
use boa_engine::object::builtins::JsPromise;
use boa_engine::property::PropertyKey;
use boa_engine::{
    Context, JsError, JsNativeError, JsObject, JsResult, JsString, JsValue, NativeFunction, Source,
    js_string,
};
use dom_websocket::EventLoop;
use dom_websocket::host::Options;
use dom_websocket_boa::{Jobs, Page, install};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::mem::take;
use std::path::Path;
use std::rc::Rc;
use url::Url;

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

/// Promises that were rejected and that nobody has handled, with their reasons.
#[derive(Default)]
struct Rejections {
    unhandled: RefCell<Vec<(JsObject, JsValue)>>,
}

impl HostHooks for Rejections {
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
    fn call_kept(&self, context: &mut Context, name: &str, argument: JsValue) -> JsResult<()> {
        match self.function(name) {
            Some(function) => function
                .call(&JsValue::undefined(), &[argument], context)
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
            .and_then(|error| self.call_kept(context, "report", error));
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
    context.eval(Source::from_bytes(source).with_path(Path::new(name)))
}

fn declare(context: &mut Context, name: &str, source: &str) -> JsResult<Module> {
    let source = Source::from_bytes(source).with_path(Path::new(name));
    Module::parse(source, None, context)
}

/// The modules of [`modules`](crate::modules), by URL and the attribute `type`.
#[derive(Default)]
struct Files {
    loaded: RefCell<HashMap<(Url, Option<String>), Module>>,
}

impl Files {
    /// The module that a program begins with may be imported as well.
    fn add(&self, name: &str, module: &Module) {
        if let Ok(url) = Url::parse(name) {
            let key = (url, None);
            self.loaded.borrow_mut().insert(key, module.clone());
        }
    }

    fn load(
        &self,
        referrer: &str,
        request: &ModuleRequest,
        context: &mut Context,
    ) -> JsResult<Module> {
        let fail = |message| JsError::from(JsNativeError::typ().with_message(message));
        let url = resolve(&request.specifier().to_std_string_lossy(), referrer).map_err(fail)?;
        let attribute = request.get_attribute("type");
        let attribute = attribute.map(JsString::to_std_string_lossy);
        let key = (url, attribute);
        if let Some(module) = self.loaded.borrow().get(&key) {
            return Ok(module.clone());
        }
        let module = match read(&key.0, key.1.as_deref()).map_err(fail)? {
            (ModuleType::JavaScript, source) => declare(context, key.0.as_str(), &source)?,
            (ModuleType::Json, source) => Module::parse_json(js_string!(source), context)?,
        };
        self.loaded.borrow_mut().insert(key, module.clone());
        Ok(module)
    }
}

impl ModuleLoader for Files {
    async fn load_imported_module(
        self: Rc<Self>,
        referrer: Referrer,
        request: ModuleRequest,
        context: &RefCell<&mut Context>,
    ) -> JsResult<Module> {
        let referrer = referrer.path().unwrap_or(Path::new("")).to_string_lossy();
        self.load(&referrer, &request, &mut context.borrow_mut())
    }

    fn init_import_meta(
        self: Rc<Self>,
        import_meta: &JsObject,
        module: &Module,
        context: &mut Context,
    ) {
        if let Some(url) = module.path().and_then(Path::to_str) {
            let url = js_string!(url);
            let is_set = import_meta.create_data_property(js_string!("url"), url, context);
            debug_assert!(is_set.is_ok(), "an object that is new takes a property");
        }
    }
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
                Some(taker) => self.call_kept(context, taker, value),
                None => Ok(()),
            });
            self.succeeded(context, result)
        })
    }

    fn evaluate_module(&self, name: &str, source: &str, taker: &str) -> bool {
        self.page.run(|context| {
            let result = declare(context, name, source).and_then(|module| {
                self.files.add(name, &module);
                let promise = module.load_link_evaluate(context);
                self.call_kept(context, taker, promise.into())
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
            let result = self.call_kept(context, function, js_string!(argument).into());
            self.succeeded(context, result);
        });
    }

    fn notify_about_rejected_promises(&self) {
        let rejections = take(&mut *self.rejections.unhandled.borrow_mut());
        if rejections.is_empty() {
            return;
        }
        self.page.run(|context| {
            for (_, reason) in rejections {
                let result = self.call_kept(context, "rejected", reason);
                self.succeeded(context, result);
            }
        });
    }
}
