//! `WebSocket` as an extension of boa_runtime.

use boa_engine::realm::Realm;
use boa_engine::{Context, JsNativeError, JsResult};
use boa_runtime::RuntimeExtension;
use dom_websocket::host::Options;
use dom_websocket_boa::{Loan, Page, install_in};
use std::fmt;

/// Brings `WebSocket` and what belongs to it, beside what the realm has.
pub(crate) struct WebSocketExtension {
    /// The loop, and what sockets take from their surroundings.
    pub(crate) options: Options,
    /// How the loop's tasks get at the context.
    pub(crate) loan: Loan,
}

/// Leaves the page: connections end, and no event reaches script any more.
pub(crate) fn leave_page(context: &mut Context) {
    context.remove_data::<Page>();
}

impl RuntimeExtension for WebSocketExtension {
    fn register(self, realm: Option<Realm>, context: &mut Context) -> JsResult<()> {
        let before = realm.map(|realm| context.enter_realm(realm));
        let loan = self.loan;
        let installed = install_in(context, self.options, move |visit| loan.enter(visit));
        if let Some(before) = before {
            context.enter_realm(before);
        }
        let page =
            installed.map_err(|error| JsNativeError::error().with_message(error.to_string()))?;
        // It goes when the context does. It has a way in there, and does not keep it.
        context.insert_data(page);
        Ok(())
    }
}

impl fmt::Debug for WebSocketExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketExtension").finish_non_exhaustive()
    }
}
