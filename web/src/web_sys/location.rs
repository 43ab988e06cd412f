//! `Location`, as far as it is read.

use crate::event_loop::document;
use crate::js_sys::Object;
use crate::wasm_bindgen::{Host, JsCast, JsValue, class};
use std::any::Any;
use url::Url;
use url::quirks;

class! {
    /// The address of the page, which [`set_document`](crate::set_document) sets: `about:blank` until then.
    ///
    /// It can be read; there is nothing that could go elsewhere.
    Location: Object;
    |value| value.host::<LocationHost>().is_some()
}

struct LocationHost;

impl Host for LocationHost {
    fn class(&self) -> &'static str {
        "Location"
    }

    fn attribute(&self, name: &str) -> Option<JsValue> {
        let url = page_url();
        let part = match name {
            "href" => url.as_str(),
            "origin" => return Some(page_origin().into()),
            "protocol" => quirks::protocol(&url),
            "host" => quirks::host(&url),
            "hostname" => quirks::hostname(&url),
            "port" => quirks::port(&url),
            "pathname" => quirks::pathname(&url),
            "search" => quirks::search(&url),
            "hash" => quirks::hash(&url),
            _ => return None,
        };
        Some(part.into())
    }

    fn text(&self) -> Option<String> {
        Some(page_url().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn page_url() -> Url {
    let document = document();
    let address = document.as_ref().and_then(|document| document.url());
    let address = address.unwrap_or("about:blank");
    Url::parse(address).expect("a document has a URL")
}

pub(super) fn page_origin() -> String {
    document().map_or_else(
        || "null".to_owned(),
        |document| document.origin().to_owned(),
    )
}

impl Location {
    pub(super) fn new() -> Self {
        JsValue::of(LocationHost).unchecked_into()
    }
}

macro_rules! parts {
    ($($part:ident $example:literal;)*) => {
        impl Location {$(
            #[doc = concat!("Such as `\"", $example, "\"`.")]
            ///
            /// # Errors
            ///
            /// None.
            pub fn $part(&self) -> Result<String, JsValue> {
                let part = LocationHost.attribute(stringify!($part));
                Ok(part.unwrap_or_default().to_js_string())
            }
        )*}
    };
}

parts! {
    href "https://example.com:8443/page?query#fragment";
    origin "https://example.com:8443";
    protocol "https:";
    host "example.com:8443";
    hostname "example.com";
    port "8443";
    pathname "/page";
    search "?query";
    hash "#fragment";
}
