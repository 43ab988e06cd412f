//! What rquickjs has no safe way to.

/// What has to be done in the language itself, with the functions that the realm has before any script
/// could replace them.
pub(super) const HELPERS: &str = r"(() => {
    'use strict';
    const { apply, construct, defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { freeze } = Object;
    const { isView } = ArrayBuffer;
    const { toBase64 } = Uint8Array.prototype;
    const Bytes = Uint8Array;
    const getter = (object, name) => getOwnPropertyDescriptor(object, name)?.get;
    const attempt = (get, object) => {
        if (!get) return undefined;
        try { return apply(get, object, []); } catch { return undefined; }
    };
    const typed = getPrototypeOf(Uint8Array.prototype);
    const view = DataView.prototype;
    const plain = ArrayBuffer.prototype;
    const shared = typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer.prototype : {};
    const [typedBuffer, typedOffset, typedLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(typed, name));
    const [viewBuffer, viewOffset, viewLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(view, name));
    const plainLength = getter(plain, 'byteLength');
    const sharedLength = getter(shared, 'byteLength');
    const resizable = getter(plain, 'resizable');
    const growable = getter(shared, 'growable');
    const bufferOf = (source) => attempt(typedBuffer, source) ?? attempt(viewBuffer, source);
    return {
        objectPrototype: Object.prototype,
        errorPrototype: Error.prototype,
        Error,
        TypeError,
        RangeError,
        Uint8Array,
        freeze,
        toStringTag: Symbol.toStringTag,
        // 0, or 1 for a buffer and 2 for a view, and 4 if it is shared, 8 if it is resizable.
        kind(source) {
            const isOfView = isView(source);
            const buffer = isOfView ? bufferOf(source) : source;
            const kind = isOfView ? 2 : 1;
            if (attempt(plainLength, buffer) !== undefined) {
                return kind | (attempt(resizable, buffer) ? 8 : 0);
            }
            if (attempt(sharedLength, buffer) !== undefined) {
                return kind | 4 | (attempt(growable, buffer) ? 8 : 0);
            }
            return 0;
        },
        base64(source) {
            if (!isView(source)) {
                return apply(toBase64, construct(Bytes, [source]), []);
            }
            const isTyped = attempt(typedBuffer, source) !== undefined;
            const offset = attempt(isTyped ? typedOffset : viewOffset, source);
            const length = attempt(isTyped ? typedLength : viewLength, source);
            if (!length) return '';
            return apply(toBase64, construct(Bytes, [bufferOf(source), offset, length]), []);
        },
        define(object, key, get, set, enumerable, configurable) {
            defineProperty(object, key,
                { __proto__: null, get, set, enumerable, configurable });
        },
    };
})()";

/// Slots of the registry that are the engine's own.
#[derive(Clone, Copy)]
pub(super) enum Helper {
    ObjectPrototype = 40,
    ErrorPrototype,
    Error,
    TypeError,
    RangeError,
    Uint8Array,
    Freeze,
    ToStringTag,
    Kind,
    Base64,
    Define,
}

pub(super) const HELPER_NAMES: [(Helper, &str); 11] = [
    (Helper::ObjectPrototype, "objectPrototype"),
    (Helper::ErrorPrototype, "errorPrototype"),
    (Helper::Error, "Error"),
    (Helper::TypeError, "TypeError"),
    (Helper::RangeError, "RangeError"),
    (Helper::Uint8Array, "Uint8Array"),
    (Helper::Freeze, "freeze"),
    (Helper::ToStringTag, "toStringTag"),
    (Helper::Kind, "kind"),
    (Helper::Base64, "base64"),
    (Helper::Define, "define"),
];

/// The code units of a JSON string, in quotes.
pub(super) fn unescape(json: &str) -> Vec<u16> {
    let mut units = Vec::new();
    let json = json.strip_prefix('"').unwrap_or(json);
    let json = json.strip_suffix('"').unwrap_or(json);
    let mut rest = json.encode_utf16();
    while let Some(unit) = rest.next() {
        if unit != u16::from(b'\\') {
            units.push(unit);
            continue;
        }
        let escape = rest.next().and_then(|unit| u8::try_from(unit).ok());
        units.push(match escape {
            Some(b'u') => rest.by_ref().take(4).fold(0, |unit, digit| {
                let digit = char::from_u32(digit.into()).and_then(|digit| digit.to_digit(16));
                unit * 16 + digit.unwrap_or(0) as u16
            }),
            Some(b'b') => 8,
            Some(b't') => 9,
            Some(b'n') => 10,
            Some(b'f') => 12,
            Some(b'r') => 13,
            Some(escaped) => escaped.into(),
            None => break,
        });
    }
    units
}
