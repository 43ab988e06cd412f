//! A realm in QuickJS.

use crate::modules::{ModuleType, read, resolve};
use crate::natives::Natives;
use crate::script::{Modules, PRELUDE, Reporter, Script, Settings};
use dom_websocket::EventLoop;
use dom_websocket::host::Options;
use dom_websocket_quickjs::{Page, install};
use rquickjs::context::EvalOptions;
use rquickjs::function::{IntoArgs, Rest};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::{
    Context, Ctx, Exception, FromJs, Function, Module, Object, Persistent, Runtime, Value,
};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::mem::take;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use url::Url;

pub(crate) fn open(
    settings: &Settings,
    natives: Natives,
) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>> {
    let event_loop = EventLoop::with_host(Reporter(natives.clone()));
    let runtime = Runtime::new()?;
    runtime.set_max_stack_size(STACK);
    let rejections = Rejections::default();
    let tracked = rejections.clone();
    runtime.set_host_promise_rejection_tracker(Some(Box::new(
        move |ctx, promise, reason, is_handled| {
            let promise = Persistent::save(&ctx, promise);
            if is_handled {
                tracked.borrow_mut().retain(|(other, _)| *other != promise);
            } else {
                let reason = Persistent::save(&ctx, reason);
                tracked.borrow_mut().push((promise, reason));
            }
        },
    )));
    runtime.set_loader(Files, Files);
    let interrupt = settings.interrupt.clone();
    runtime.set_interrupt_handler(Some(Box::new(move || interrupt.load(Relaxed))));
    let context = Context::full(&runtime)?;
    let options = settings.apply(Options::new(&event_loop));
    let script = QuickJs {
        functions: RefCell::default(),
        rejections,
        page: install(&context, options)?,
        natives,
    };
    if !script.prepare("realm.js", PRELUDE) {
        return Err("realm.js threw".into());
    }
    script
        .page
        .run(|ctx| match script.function(&ctx, "report") {
            Some(report) => script.page.set_reporter(&report),
            None => Ok(()),
        })?;
    Ok((event_loop, Box::new(script)))
}

/// As much of the thread's stack as script may use: its own bound is a quarter of a mebibyte, some hundred calls of a build
/// without optimisation. Threads have twice as much.
const STACK: usize = 4 << 20;

/// Promises that were rejected and that nobody has handled, with their reasons.
type Rejections = Rc<RefCell<Vec<(Persistent<Value<'static>>, Persistent<Value<'static>>)>>>;

struct QuickJs {
    // The order matters: what the engine owns goes before the engine.
    functions: RefCell<HashMap<String, Persistent<Function<'static>>>>,
    rejections: Rejections,
    page: Page,
    natives: Natives,
}

impl QuickJs {
    fn try_prepare<'js>(&self, ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<()> {
        let natives = self.natives.clone();
        let call = move |strings: Rest<String>| natives.call(&strings);
        let native = Function::new(ctx.clone(), call)?;
        let prelude: Function<'js> = evaluate(ctx, name, source)?;
        let functions: Object<'js> = prelude.call((native,))?;
        for property in functions.props::<String, Function<'js>>() {
            let (name, function) = property?;
            let function = Persistent::save(ctx, function);
            self.functions.borrow_mut().insert(name, function);
        }
        Ok(())
    }

    fn function<'js>(&self, ctx: &Ctx<'js>, name: &str) -> Option<Function<'js>> {
        let function = self.functions.borrow().get(name).cloned()?;
        function.restore(ctx).ok()
    }

    /// Calls a function that was kept, if there is such a one.
    fn call_kept<'js>(
        &self,
        ctx: &Ctx<'js>,
        name: &str,
        arguments: impl IntoArgs<'js>,
    ) -> rquickjs::Result<()> {
        match self.function(ctx, name) {
            Some(function) => function.call::<_, Value<'js>>(arguments).map(drop),
            None => Ok(()),
        }
    }

    /// True if nothing was thrown; what was is reported.
    fn succeeded(&self, ctx: &Ctx<'_>, result: rquickjs::Result<()>) -> bool {
        if result.is_err() {
            let error = ctx.catch();
            let report = self.function(ctx, "report");
            if report.is_none_or(|report| report.call::<_, ()>((error,)).is_err()) {
                self.natives.print_error(&format!("{:?}", ctx.catch()));
            }
        }
        result.is_ok()
    }
}

fn evaluate<'js, T: FromJs<'js>>(ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<T> {
    let mut options = EvalOptions::default();
    options.strict = false;
    options.filename = Some(name.to_owned());
    ctx.eval_with_options(source, options)
}

/// The modules of [`modules`](crate::modules).
struct Files;

impl Resolver for Files {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        resolve(name, base)
            .map(String::from)
            .map_err(|message| Exception::throw_type(ctx, &message))
    }
}

impl Loader for Files {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js>> {
        let attribute = match attributes {
            Some(attributes) => attributes.get_type()?,
            None => None,
        };
        let read = Url::parse(name)
            .map_err(|error| error.to_string())
            .and_then(|url| read(&url, attribute.as_deref()));
        match read {
            Ok((ModuleType::JavaScript, source)) => declare(ctx, name, &source),
            Ok((ModuleType::Json, source)) => declare_json(ctx, name, &source),
            Err(message) => Err(Exception::throw_type(ctx, &message)),
        }
    }
}

fn declare<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<Module<'js>> {
    let module = Module::declare(ctx.clone(), name, source)?;
    module.meta()?.set("url", name)?;
    Ok(module)
}

/// A module whose default export is the value of a text.
fn declare_json<'js>(ctx: &Ctx<'js>, name: &str, source: &str) -> rquickjs::Result<Module<'js>> {
    if ctx.json_parse(source).is_err() {
        let error = ctx.catch();
        let message = error.as_exception().and_then(Exception::message);
        let message = format!("{name}: {}", message.unwrap_or_default());
        return Err(Exception::throw_syntax(ctx, &message));
    }
    // Quoted as a string of script's.
    let source = ctx.json_stringify(source)?;
    let quoted = source.map(|text| text.to_string()).transpose()?;
    let quoted = quoted.unwrap_or_default();
    Module::declare(
        ctx.clone(),
        name,
        format!("export default JSON.parse({quoted})"),
    )
}

impl Script for QuickJs {
    fn prepare(&self, name: &str, source: &str) -> bool {
        self.page.run(|ctx| {
            let result = self.try_prepare(&ctx, name, source);
            self.succeeded(&ctx, result)
        })
    }

    fn evaluate(&self, name: &str, source: &str, taker: Option<&str>) -> bool {
        self.page.run(|ctx| {
            let result = evaluate::<Value<'_>>(&ctx, name, source);
            let result = result.and_then(|value| match taker {
                Some(taker) => self.call_kept(&ctx, taker, (value,)),
                None => Ok(()),
            });
            self.succeeded(&ctx, result)
        })
    }

    fn install_streams(&self) -> bool {
        match self.page.install_streams() {
            Ok(is_there) => is_there,
            Err(error) => {
                self.natives.print_error(&error);
                false
            }
        }
    }

    fn call(&self, function: &str, argument: &str) {
        self.page.run(|ctx| {
            let result = self.call_kept(&ctx, function, (argument,));
            self.succeeded(&ctx, result);
        });
    }

    fn notify_about_rejected_promises(&self) {
        let rejections = take(&mut *self.rejections.borrow_mut());
        if rejections.is_empty() {
            return;
        }
        self.page.run(|ctx| {
            for (promise, reason) in rejections {
                let restored = reason
                    .restore(&ctx)
                    .and_then(|reason| Ok((reason, promise.restore(&ctx)?)));
                let result = restored.and_then(|both| self.call_kept(&ctx, "rejected", both));
                self.succeeded(&ctx, result);
            }
        });
    }

    fn modules(&self) -> Option<&dyn Modules> {
        Some(self)
    }
}

impl Modules for QuickJs {
    fn evaluate_module(&self, name: &str, source: &str, taker: &str) -> bool {
        self.page.run(|ctx| {
            let promise = declare(&ctx, name, source).and_then(Module::eval);
            let result = promise.and_then(|(_, promise)| self.call_kept(&ctx, taker, (promise,)));
            self.succeeded(&ctx, result)
        })
    }
}
