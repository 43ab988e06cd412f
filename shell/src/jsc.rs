//! A realm in JavaScriptCore.

use crate::natives::Natives;
use crate::script::{PRELUDE, Reporter, Script, Settings};
use dom_websocket::EventLoop;
use dom_websocket::host::{Engine, Options, ScriptError};
use dom_websocket_jsc::{Context, Page, Persistent, Scope, Value, install};
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::mem::take;
use std::rc::{Rc, Weak};

/// Calls a function with the name and the value of each property of an object.
const EACH: &str = "(() => {
    const { keys } = Object;
    return (object, call) => { for (const key of keys(object)) call(key, object[key]); };
})()";

/// Says where a syntax error is, which has no stack.
const LOCATE: &str = "(() => {
    const { defineProperty } = Object;
    return (error) => {
        if (error?.sourceURL && !error.stack) {
            const value = `    at ${error.sourceURL}:${error.line}`;
            defineProperty(error, 'stack', { value, writable: true, configurable: true });
        }
    };
})()";

pub(crate) fn open(
    settings: &Settings,
    natives: Natives,
) -> Result<(EventLoop, Box<dyn Script>), Box<dyn Error>> {
    let event_loop = EventLoop::with_host(Reporter(natives.clone()));
    let options = settings.apply(Options::new(&event_loop));
    let page = install(&Context::new(), options)?;
    let rejections = Rejections::default();
    let functions = page.run(|scope| {
        functions(scope, Rc::downgrade(&rejections))
            .map_err(|exception| ScriptError::new(scope, exception))
    });
    let [each, locate, track] = functions?;
    page.set_rejection_handler(&track)?;
    let script = Jsc {
        functions: RefCell::default(),
        each,
        locate,
        rejections,
        page,
        natives,
    };
    if !script.prepare("realm.js", PRELUDE) {
        return Err("realm.js threw".into());
    }
    if let Some(report) = script.function("report") {
        script.page.set_reporter(&report)?;
    }
    Ok((event_loop, Box::new(script)))
}

/// Promises that nobody had handled when microtasks were done, with their reasons. The engine does not tell of those that
/// are handled later.
type Rejections = Rc<RefCell<Vec<[Persistent; 2]>>>;

struct Jsc {
    functions: RefCell<HashMap<String, Persistent>>,
    each: Persistent,
    locate: Persistent,
    rejections: Rejections,
    page: Page,
    natives: Natives,
}

/// Those that are [`EACH`] and [`LOCATE`], and one that hears of rejections.
fn functions<'js>(
    scope: &mut Scope<'js>,
    rejections: Weak<RefCell<Vec<[Persistent; 2]>>>,
) -> Result<[Persistent; 3], Value<'js>> {
    let each = scope.evaluate("each", EACH)?;
    let locate = scope.evaluate("locate", LOCATE)?;
    let track = scope.new_closure("track", 2, move |scope, arguments| {
        if let (Some(rejections), [promise, reason]) = (rejections.upgrade(), arguments) {
            let kept = [promise, reason].map(|value| scope.save(value));
            rejections.borrow_mut().push(kept);
        }
        Ok(scope.undefined())
    })?;
    Ok([scope.save(&each), scope.save(&locate), scope.save(&track)])
}

type Completion<'js> = Result<Value<'js>, Value<'js>>;

impl Jsc {
    fn try_prepare<'js>(
        &self,
        scope: &mut Scope<'js>,
        name: &str,
        source: &str,
    ) -> Completion<'js> {
        let natives = self.natives.clone();
        let native = scope.new_closure("native", 0, move |scope, arguments| {
            let strings = arguments
                .iter()
                .map(|argument| Ok(scope.to_dom_string(argument)?.into_usv_string()))
                .collect::<Result<Vec<_>, _>>()?;
            match natives.call(&strings) {
                Some(text) => scope.string(&text),
                None => Ok(scope.undefined()),
            }
        })?;
        let kept = Rc::<RefCell<Vec<_>>>::default();
        let keeping = kept.clone();
        let keep = scope.new_closure("keep", 2, move |scope, arguments| {
            if let [name, function] = arguments {
                let name = scope.to_dom_string(name)?.into_usv_string();
                keeping.borrow_mut().push((name, scope.save(function)));
            }
            Ok(scope.undefined())
        })?;
        let undefined = scope.undefined();
        let prelude = scope.evaluate(name, source)?;
        let functions = scope.call(&prelude, &undefined, &[native])?;
        let done = self.call(scope, &self.each, &[functions, keep]);
        self.functions
            .borrow_mut()
            .extend(take(&mut *kept.borrow_mut()));
        done
    }

    fn function(&self, name: &str) -> Option<Persistent> {
        self.functions.borrow().get(name).cloned()
    }

    fn call<'js>(
        &self,
        scope: &mut Scope<'js>,
        function: &Persistent,
        arguments: &[Value<'js>],
    ) -> Completion<'js> {
        let undefined = scope.undefined();
        match scope.restore(function) {
            Some(function) => scope.call(&function, &undefined, arguments),
            None => Ok(undefined),
        }
    }

    /// Calls a function that was kept, if there is such a one.
    fn call_kept<'js>(
        &self,
        scope: &mut Scope<'js>,
        name: &str,
        arguments: &[Value<'js>],
    ) -> Completion<'js> {
        match self.function(name) {
            Some(function) => self.call(scope, &function, arguments),
            None => Ok(scope.undefined()),
        }
    }

    /// True if nothing was thrown; what was is reported.
    fn succeeded<'js>(&self, scope: &mut Scope<'js>, result: Completion<'js>) -> bool {
        let Err(error) = result else {
            return true;
        };
        // Where it can't be said, it is not.
        let _ = self.call(scope, &self.locate, std::slice::from_ref(&error));
        let reported = match self.function("report") {
            Some(report) => self.call(scope, &report, &[error]),
            None => Err(error),
        };
        if let Err(error) = reported {
            self.natives.print_error(&scope.describe(error).0);
        }
        false
    }
}

impl Script for Jsc {
    fn run_as_one(&self, calls: &mut dyn FnMut()) {
        self.page.run(|_| calls());
    }

    fn prepare(&self, name: &str, source: &str) -> bool {
        self.page.run(|scope| {
            let result = self.try_prepare(scope, name, source);
            self.succeeded(scope, result)
        })
    }

    fn evaluate(&self, name: &str, source: &str, taker: Option<&str>) -> bool {
        self.page.run(|scope| {
            let result = scope.evaluate(name, source);
            let result = result.and_then(|value| match taker {
                Some(taker) => self.call_kept(scope, taker, &[value]),
                None => Ok(value),
            });
            self.succeeded(scope, result)
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
        self.page.run(|scope| {
            let result = match scope.string(argument) {
                Ok(argument) => self.call_kept(scope, function, &[argument]),
                Err(exception) => Err(exception),
            };
            self.succeeded(scope, result);
        });
    }

    fn notify_about_rejected_promises(&self) {
        let rejections = take(&mut *self.rejections.borrow_mut());
        if rejections.is_empty() {
            return;
        }
        self.page.run(|scope| {
            for [promise, reason] in rejections {
                let restored = (scope.restore(&reason), scope.restore(&promise));
                let (Some(reason), Some(promise)) = restored else {
                    continue;
                };
                let result = self.call_kept(scope, "rejected", &[reason, promise]);
                self.succeeded(scope, result);
            }
        });
    }
}
