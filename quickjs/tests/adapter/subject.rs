//! QuickJS under test.

use dom_websocket::host::Options;
use dom_websocket::host::conformance::Subject;
use dom_websocket_quickjs::{Page, install};
use rquickjs::{CatchResultExt, Coerced, Context, Function, Persistent, Runtime, Value};
use std::any::Any;

pub(crate) struct QuickJs {
    // Before the runtime, which asserts that nothing of it is left.
    pub(crate) page: Page,
    pub(crate) context: Context,
}

impl Subject for QuickJs {
    fn open(script: &str, options: Options) -> Self {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        context.with(|cx| cx.eval::<(), _>(script)).unwrap();
        let page = install(&context, options).unwrap();
        Self { page, context }
    }

    fn open_beside(&self, options: Options) -> Option<Self> {
        let context = Context::full(self.context.runtime()).unwrap();
        let page = install(&context, options).unwrap();
        let other = context.with(|cx| Persistent::save(&cx, cx.globals()));
        self.context
            .with(|cx| cx.globals().set("other", other.restore(&cx)))
            .unwrap();
        Some(Self { page, context })
    }

    fn install_again(&self, options: Options) -> Box<dyn Any> {
        Box::new(install(&self.context, options).unwrap())
    }

    fn evaluate(&self, script: &str) -> Result<String, String> {
        self.page.run(|cx| {
            let value = cx.eval::<Value<'_>, _>(script);
            let text = value.and_then(|value| value.get::<Coerced<String>>());
            let text = text.catch(&cx).map_err(|error| error.to_string())?;
            Ok(text.0)
        })
    }

    fn define(&self, name: &str, function: Box<dyn Fn()>) {
        self.page.run(|cx| {
            let function = Function::new(cx.clone(), function).unwrap();
            cx.globals().set(name, function).unwrap();
        });
    }

    fn set_reporter(&self, name: &str) {
        self.page.run(|cx| {
            let function: Function<'_> = cx.globals().get(name).unwrap();
            self.page.set_reporter(&function).unwrap();
        });
    }

    fn collect_garbage(&self) {
        self.context.runtime().run_gc();
    }
}
