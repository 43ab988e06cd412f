//! What the C API has no way to.

/// The script that makes the helpers.
pub(crate) const HELPERS: &str = include_str!("helpers.js");

/// Where in what the script makes each of them lies.
#[derive(Clone, Copy)]
pub(crate) enum Helper {
    ObjectPrototype,
    FunctionPrototype,
    ErrorPrototype,
    Uint8Array,
    Error,
    TypeError,
    RangeError,
    Iterator,
    ToStringTag,
    Freeze,
    GetPrototypeOf,
    Kind,
    Copy,
    DataProperty,
    AccessorProperty,
    Function,
    Number,
    HostObject,
    Holder,
    Event,
    Apply,
}

/// Those that all realms of an engine have to have of one: they know each other's objects.
pub(crate) const SHARED: [Helper; 3] = [Helper::HostObject, Helper::Holder, Helper::Event];
