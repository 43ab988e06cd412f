//! The page, or worker, that the program runs in.

use js_sys::{JsString, Reflect, global};
use url::Url;
use wasm_bindgen::{JsCast, JsValue};

/// HTML "API base URL": a document's base URL, a worker's address. There is none where neither is one that could be a base.
pub(crate) fn base_url() -> Option<Url> {
    let global = global().into();
    let address = member(&global, "document")
        .and_then(|document| member(&document, "baseURI"))
        .or_else(|| member(&member(&global, "location")?, "href"))?;
    let address: String = address.dyn_into::<JsString>().ok()?.into();
    Url::parse(&address)
        .ok()
        .filter(|url| !url.cannot_be_a_base())
}

fn member(of: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(of, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
