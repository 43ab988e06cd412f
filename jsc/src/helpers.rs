//! What the C API has no way to.

/// The script that makes the helpers.
pub(crate) const HELPERS: &str = include_str!("helpers.js");

/// How many there are.
pub(crate) const HELPER_COUNT: u32 = 20;

/// Slots of the registry that are the engine's own, in the order of `helpers.js`.
#[derive(Clone, Copy)]
pub(crate) enum Helper {
    ObjectPrototype = 40,
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
}

/// Those that all realms of an engine have to have of one: they know each other's objects.
pub(crate) const SHARED: [Helper; 3] = [Helper::HostObject, Helper::Holder, Helper::Event];

impl Helper {
    /// Where it lies in what the script made.
    pub(crate) fn index(self) -> u32 {
        self as u32 - Self::ObjectPrototype as u32
    }
}
