//! `WebSocket`: on the global object, and as the module `websocket`.

use crate::uncaught;
use dom_websocket::host::Options;
use dom_websocket_quickjs::{Page, install_in};
use futures::future::FutureExt;
use rquickjs::module::{Declarations, Exports, ModuleDef};
use rquickjs::{AsyncContext, Ctx, Exception, Object, Result, Value};

/// What the module exports, and the global object has.
const NAMES: [&str; 5] = [
    "WebSocket",
    "CloseEvent",
    "MessageEvent",
    "Event",
    "EventTarget",
];

/// Brings the interfaces. The page is the host's to keep: when it goes, the sockets close.
pub(crate) fn init(ctx: &Ctx<'_>, context: &AsyncContext, options: Options) -> Result<Page> {
    let entered = context.clone();
    let enter = move |visit: &mut dyn FnMut(Ctx<'_>)| {
        // The loop turns where nobody is in the runtime, so that its lock is free.
        let _ = entered.with(&mut *visit).now_or_never();
    };
    let page = install_in(ctx, options, enter)
        .map_err(|error| Exception::throw_message(ctx, &error.to_string()))?;
    page.set_reporter(&uncaught::reporter(ctx)?)?;
    Ok(page)
}

/// `import { WebSocket } from "websocket"`.
pub(crate) struct WebSocketModule;

impl ModuleDef for WebSocketModule {
    fn declare(declarations: &Declarations<'_>) -> Result<()> {
        for name in NAMES {
            declarations.declare(name)?;
        }
        declarations.declare("default")?;
        Ok(())
    }

    fn evaluate<'js>(ctx: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let globals = ctx.globals();
        let default = Object::new(ctx.clone())?;
        for name in NAMES {
            let interface: Value<'js> = globals.get(name)?;
            default.set(name, interface.clone())?;
            exports.export(name, interface)?;
        }
        exports.export("default", default)?;
        Ok(())
    }
}
