//! A realm in QuickJS.

use crate::natives::Natives;
use crate::script::{PRELUDE, Reporter, Script, Settings};
use dom_websocket::EventLoop;
use dom_websocket::host::Options;
use dom_websocket_quickjs::{Page, install};
use rquickjs::context::EvalOptions;
use rquickjs::function::Rest;
use rquickjs::{Context, Ctx, FromJs, Function, Object, Persistent, Runtime, Value};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::mem::take;
use std::rc::Rc;

pub(crate) fn open(
    settings: &Settings,
    natives: Natives,
) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>> {
    let event_loop = EventLoop::with_host(Reporter(natives.clone()));
    let runtime = Runtime::new()?;
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

impl Script for QuickJs {
    fn prepare(&self, name: &str, source: &str) -> bool {
        self.page.run(|ctx| {
            let result = self.try_prepare(&ctx, name, source);
            self.succeeded(&ctx, result)
        })
    }

    fn evaluate(&self, name: &str, source: &str) -> bool {
        self.page.run(|ctx| {
            let result = evaluate::<Value<'_>>(&ctx, name, source);
            self.succeeded(&ctx, result.map(drop))
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
            if let Some(function) = self.function(&ctx, function) {
                let result = function.call::<_, Value<'_>>((argument,));
                self.succeeded(&ctx, result.map(drop));
            }
        });
    }

    fn notify_about_rejected_promises(&self) {
        let rejections = take(&mut *self.rejections.borrow_mut());
        if rejections.is_empty() {
            return;
        }
        self.page.run(|ctx| {
            for (_, reason) in rejections {
                let (Some(rejected), Ok(reason)) =
                    (self.function(&ctx, "rejected"), reason.restore(&ctx))
                else {
                    continue;
                };
                let result = rejected.call::<_, Value<'_>>((reason,));
                self.succeeded(&ctx, result.map(drop));
            }
        });
    }
}
