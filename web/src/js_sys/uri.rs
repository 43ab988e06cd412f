//! `encodeURI` and `encodeURIComponent`.

use super::JsString;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is no letter, digit, nor one of `-_.!~*'()`.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Nor one that separates the parts of a URI.
const WHOLE: &AsciiSet = &COMPONENT
    .remove(b';')
    .remove(b'/')
    .remove(b'?')
    .remove(b':')
    .remove(b'@')
    .remove(b'&')
    .remove(b'=')
    .remove(b'+')
    .remove(b'$')
    .remove(b',')
    .remove(b'#');

/// `encodeURIComponent(decoded)`: for a value in a URL's query.
pub fn encode_uri_component(decoded: &str) -> JsString {
    utf8_percent_encode(decoded, COMPONENT).to_string().into()
}

/// `encodeURI(decoded)`: leaves what separates the parts of a URI.
pub fn encode_uri(decoded: &str) -> JsString {
    utf8_percent_encode(decoded, WHOLE).to_string().into()
}
