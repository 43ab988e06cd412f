//! What a page's script finds beside the library's objects, the same in every engine. A noun is a file of script; what that
//! asks of Rust, if anything, is a file of the same name beside it.

mod base64;
mod bytes;
mod crypto;
mod encoding;
pub(crate) mod fetch;
mod performance;
mod url;

use crate::natives::Natives;
use serde_json::json;
use std::thread::available_parallelism;

/// One function of them all: it takes `native`, a function that takes a name and strings and answers a string or
/// undefined, and returns the functions that Rust calls.
macro_rules! joined {
    ($($file:literal)*) => {
        concat!(
            "(function (native) {\nconst page = { native };\n",
            $(include_str!($file), "(page);\n",)*
            "return page.calls;\n})"
        )
    };
}

/// The function that makes a page of a realm. What a file uses of others' stands above it here.
pub(crate) const PRELUDE: &str = joined!(
    "webidl.js"
    "inspect.js"
    "performance.js"
    "console.js"
    "report.js"
    "timers.js"
    "url.js"
    "location.js"
    "navigator.js"
    "base64.js"
    "encoding.js"
    "crypto.js"
    "custom_event.js"
    "message_channel.js"
    "structured_clone.js"
    "headers.js"
    "body.js"
    "request.js"
    "response.js"
    "fetch.js"
);

/// The name by which the page's script and its requests go.
pub(crate) const USER_AGENT: &str = concat!("dom-websocket-shell/", env!("CARGO_PKG_VERSION"));

/// Answers what the files ask for, but for `fetch.js`. `address` is the page's, and so is `origin`.
pub(crate) fn define(natives: &Natives, address: String, origin: String) {
    base64::define(natives);
    crypto::define(natives);
    encoding::define(natives);
    performance::define(natives);
    url::define(natives);
    natives.define("address", move |_| Some(address.clone()));
    natives.define("origin", move |_| Some(origin.clone()));
    natives.define("navigator", |_| {
        let processors = available_parallelism().map_or(1, usize::from);
        let navigator = json!({ "userAgent": USER_AGENT, "hardwareConcurrency": processors });
        Some(navigator.to_string())
    });
}
