//! The attribute `#[wasm_bindgen]` of `dom-websocket-web`, which re-exports it: see there.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod export;
mod import;

use proc_macro::TokenStream;
use syn::{Item, parse_macro_input};

/// `#[wasm_bindgen]` where there is no JavaScript.
///
/// What it exports stays as it is, its attributes taken off: a start function is an ordinary function. One that is called
/// `main` runs the event loop (`dom_websocket_web::run`, and if it is `async`, until its future has ended too).
///
/// What it imports can be `console`'s methods, `setTimeout` and its like, and `queueMicrotask`, with the options `js_namespace`
/// (of the block too), `js_name`, `catch` and `variadic`. It can be a `type` (`extends`, `js_name`): any object, whose members
/// (`method`, `getter`, `setter`, `structural`, `final`) are looked for by their names when they are asked for; of some the
/// library has a `constructor` (`js_class`). Anything else is an error of the compiler.
#[proc_macro_attribute]
pub fn wasm_bindgen(attribute: TokenStream, item: TokenStream) -> TokenStream {
    let options = proc_macro2::TokenStream::from(attribute);
    let expanded = match parse_macro_input!(item as Item) {
        Item::ForeignMod(block) => import::items(options, block),
        item => export::item(&options, item),
    };
    expanded
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
