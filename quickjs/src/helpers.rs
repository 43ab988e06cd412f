//! What rquickjs has no safe way to.

/// What has to be done in the language itself, with the functions that the realm has before any script
/// could replace them.
pub(crate) const HELPERS: &str = r"(() => {
    'use strict';
    const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
    const { freeze } = Object;
    const typeError = TypeError.prototype;
    const { isView } = ArrayBuffer;
    const getter = (object, name) => getOwnPropertyDescriptor(object, name)?.get;
    // undefined where the object is not of the getter's kind. Nothing else that is thrown is an answer:
    // the stack or the memory may be at its end.
    const attempt = (get, object) => {
        if (!get) return undefined;
        try {
            return apply(get, object, []);
        } catch (error) {
            const isObject = typeof error === 'object' && error !== null;
            if (isObject && getPrototypeOf(error) === typeError) return undefined;
            throw error;
        }
    };
    const typed = getPrototypeOf(Uint8Array.prototype);
    const typedName = getter(typed, Symbol.toStringTag);
    const view = DataView.prototype;
    const plain = ArrayBuffer.prototype;
    const shared = typeof SharedArrayBuffer === 'function' ? SharedArrayBuffer.prototype : {};
    const [typedBuffer, typedOffset, typedLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(typed, name));
    const [viewBuffer, viewOffset, viewLength] =
        ['buffer', 'byteOffset', 'byteLength'].map((name) => getter(view, name));
    const plainLength = getter(plain, 'byteLength');
    const sharedLength = getter(shared, 'byteLength');
    const detached = getter(plain, 'detached');
    const resizable = getter(plain, 'resizable');
    const growable = getter(shared, 'growable');
    // Of a value that is a view.
    const isTyped = (view) => apply(typedName, view, []) !== undefined;
    const bufferOf = (view) => apply(isTyped(view) ? typedBuffer : viewBuffer, view, []);
    return {
        objectPrototype: Object.prototype,
        errorPrototype: Error.prototype,
        Error,
        TypeError,
        RangeError,
        Uint8Array,
        freeze,
        getPrototypeOf,
        toStringTag: Symbol.toStringTag,
        resizable,
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
        // The buffer of a source, and where in it the bytes are: none if it is shared, detached or too short.
        range(source) {
            const isOfView = isView(source);
            const buffer = isOfView ? bufferOf(source) : source;
            const length = attempt(plainLength, buffer);
            if (length === undefined || attempt(detached, buffer)) return [buffer, 0, 0];
            if (!isOfView) return [buffer, 0, length];
            const [getOffset, getLength] =
                isTyped(source) ? [typedOffset, typedLength] : [viewOffset, viewLength];
            return [buffer, attempt(getOffset, source) ?? 0, attempt(getLength, source) ?? 0];
        },
    };
})()";

/// Slots of the registry that are the engine's own.
#[derive(Clone, Copy)]
pub(crate) enum Helper {
    ObjectPrototype = 40,
    ErrorPrototype,
    Error,
    TypeError,
    RangeError,
    Uint8Array,
    Freeze,
    GetPrototypeOf,
    ToStringTag,
    Kind,
    Range,
    Resizable,
}

pub(crate) const HELPER_NAMES: [(Helper, &str); 12] = [
    (Helper::ObjectPrototype, "objectPrototype"),
    (Helper::ErrorPrototype, "errorPrototype"),
    (Helper::Error, "Error"),
    (Helper::TypeError, "TypeError"),
    (Helper::RangeError, "RangeError"),
    (Helper::Uint8Array, "Uint8Array"),
    (Helper::Freeze, "freeze"),
    (Helper::GetPrototypeOf, "getPrototypeOf"),
    (Helper::ToStringTag, "toStringTag"),
    (Helper::Kind, "kind"),
    (Helper::Range, "range"),
    (Helper::Resizable, "resizable"),
];

/// Code units as a JSON string, in quotes.
pub(crate) fn escape(units: &[u16]) -> String {
    let mut json = String::with_capacity(units.len() + 16);
    json.push('"');
    for unit in char::decode_utf16(units.iter().copied()) {
        match unit {
            Ok(unit @ ('"' | '\\')) => json.extend(['\\', unit]),
            Ok(unit @ '\0'..' ') => escape_unit(&mut json, unit as u32),
            Ok(unit) => json.push(unit),
            Err(unpaired) => escape_unit(&mut json, unpaired.unpaired_surrogate().into()),
        }
    }
    json.push('"');
    json
}

fn escape_unit(json: &mut String, unit: u32) {
    json.push_str("\\u");
    let digits = [12, 8, 4, 0].map(|shift| char::from_digit((unit >> shift) & 15, 16));
    json.extend(digits.into_iter().flatten());
}

/// The code units of a JSON string, in quotes.
pub(crate) fn unescape(json: &str) -> Vec<u16> {
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
