//! What script threw and nobody caught.

use rquickjs::{CatchResultExt, CaughtError, Coerced, Ctx, Function, JsLifetime, Result, Value};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// Takes lines: of the console, or about what was not caught.
pub(crate) type Printer = Rc<dyn Fn(&str)>;

/// It is the runtime's userdata: so the values in it go with the runtime, and before its heap does.
#[derive(JsLifetime)]
struct Uncaught<'js> {
    print: Printer,
    count: Rc<Cell<usize>>,
    /// What nobody has handled.
    rejected: RefCell<Vec<Rejection<'js>>>,
}

#[derive(JsLifetime)]
struct Rejection<'js> {
    promise: Value<'js>,
    reason: Value<'js>,
}

/// `count` is how often nobody caught something.
pub(crate) fn init(ctx: &Ctx<'_>, print: Printer, count: Rc<Cell<usize>>) -> Result<()> {
    let uncaught = Uncaught {
        print,
        count,
        rejected: RefCell::default(),
    };
    ctx.store_userdata(uncaught).map(drop).map_err(|error| {
        rquickjs::Error::new_into_js_message("Uncaught", "userdata", error.to_string())
    })
}

/// HTML "report an exception".
pub(crate) fn report<'js>(ctx: &Ctx<'js>, value: &Value<'js>) {
    report_as(ctx, "Uncaught", value);
}

/// What a function reports with, that of a page.
pub(crate) fn reporter<'js>(ctx: &Ctx<'js>) -> Result<Function<'js>> {
    Function::new(ctx.clone(), |ctx: Ctx<'js>, value: Value<'js>| {
        report(&ctx, &value);
    })
}

/// Reports what a call has thrown, if it has.
pub(crate) fn check<'js, T>(ctx: &Ctx<'js>, result: Result<T>) {
    match result.catch(ctx) {
        Ok(_) => {}
        Err(CaughtError::Exception(exception)) => report(ctx, &exception.into_value()),
        Err(CaughtError::Value(value)) => report(ctx, &value),
        Err(CaughtError::Error(error)) => print(ctx, &format!("Uncaught {error}")),
    }
}

fn report_as<'js>(ctx: &Ctx<'js>, how: &str, value: &Value<'js>) {
    let text = match value.get::<Coerced<String>>().catch(ctx) {
        Ok(text) => text.0,
        Err(_) => "what is no string".to_owned(),
    };
    let stack = value.as_exception().and_then(|exception| exception.stack());
    let stack = stack.unwrap_or_default();
    print(ctx, format!("{how} {text}\n{stack}").trim_end());
}

fn print(ctx: &Ctx<'_>, text: &str) {
    if let Some(uncaught) = ctx.userdata::<Uncaught<'_>>() {
        uncaught.count.set(uncaught.count.get() + 1);
        (uncaught.print)(text);
    }
}

/// ECMA-262 `HostPromiseRejectionTracker`.
pub(crate) fn track_rejection<'js>(
    ctx: Ctx<'js>,
    promise: Value<'js>,
    reason: Value<'js>,
    is_handled: bool,
) {
    if let Some(uncaught) = ctx.userdata::<Uncaught<'js>>() {
        let mut rejected = uncaught.rejected.borrow_mut();
        match is_handled {
            true => rejected.retain(|other| other.promise != promise),
            false => rejected.push(Rejection { promise, reason }),
        }
    }
}

/// HTML "notify about rejected promises".
pub(crate) fn notify_about_rejected_promises(ctx: &Ctx<'_>) {
    let rejected = match ctx.userdata::<Uncaught<'_>>() {
        Some(uncaught) => uncaught.rejected.take(),
        None => return,
    };
    for Rejection { reason, .. } in rejected {
        report_as(ctx, "Uncaught (in promise)", &reason);
    }
}
