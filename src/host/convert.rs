//! WebIDL conversions (section 3.2).

use super::call::type_error;
use super::engine::Engine;
use super::language::Type;
use super::property::Key;
use super::string::DomString;

/// 2^53 - 1: ECMA-262 `Number.MAX_SAFE_INTEGER`, which bounds WebIDL's types of 64 bits.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;

/// WebIDL `boolean` of a dictionary member, if it is present.
pub(super) fn boolean_member<E: Engine>(
    cx: &mut E,
    dictionary: &E::Value,
    name: &str,
) -> Result<Option<bool>, E::Exception> {
    let value = member(cx, dictionary, name)?;
    Ok(value.map(|value| cx.to_boolean(&value)))
}

/// WebIDL "convert to a dictionary": the object whose members are read, or `None` for one that has
/// none.
pub(super) fn dictionary<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<Option<E::Value>, E::Exception> {
    match cx.type_of(value) {
        Type::Undefined | Type::Null => Ok(None),
        Type::Object => Ok(Some(value.clone())),
        _ => Err(type_error(cx, "the options are not an object")),
    }
}

/// A dictionary's member, if it is present.
pub(super) fn member<E: Engine>(
    cx: &mut E,
    dictionary: &E::Value,
    name: &str,
) -> Result<Option<E::Value>, E::Exception> {
    let value = cx.get(dictionary, Key::Name(name))?;
    Ok((cx.type_of(&value) != Type::Undefined).then_some(value))
}

/// WebIDL `DOMString` of a dictionary member.
pub(super) fn string_member<E: Engine>(
    cx: &mut E,
    dictionary: &E::Value,
    name: &str,
) -> Result<Option<DomString>, E::Exception> {
    match member(cx, dictionary, name)? {
        Some(value) => cx.to_dom_string(&value).map(Some),
        None => Ok(None),
    }
}

/// WebIDL `unsigned long` or `unsigned short` of a dictionary member; 0 if it is absent.
pub(super) fn unsigned_member<E: Engine>(
    cx: &mut E,
    dictionary: &E::Value,
    name: &str,
    bits: u32,
) -> Result<u32, E::Exception> {
    match member(cx, dictionary, name)? {
        Some(value) => unsigned(cx, &value, bits),
        None => Ok(0),
    }
}

/// WebIDL `USVString`.
pub(super) fn usv_string<E: Engine>(cx: &mut E, value: &E::Value) -> Result<String, E::Exception> {
    Ok(cx.to_dom_string(value)?.into_usv_string())
}

/// WebIDL "ConvertToInt", for an unsigned type of up to 32 bits without an extended attribute.
fn unsigned<E: Engine>(cx: &mut E, value: &E::Value, bits: u32) -> Result<u32, E::Exception> {
    let number = cx.to_number(value)?;
    if !number.is_finite() {
        return Ok(0);
    }
    let modulus = (1_u64 << bits) as f64;
    Ok(number.trunc().rem_euclid(modulus) as u32)
}

/// WebIDL `[Clamp] unsigned short`.
pub(super) fn clamped_unsigned_short<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<u16, E::Exception> {
    let number = cx.to_number(value)?;
    // NaN becomes 0; ties go to the even number.
    Ok(number.clamp(0.0, 65535.0).round_ties_even() as u16)
}

/// WebIDL `[Clamp] long long`.
pub(super) fn clamped_long_long<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<i64, E::Exception> {
    let number = cx.to_number(value)?;
    Ok(number.clamp(-MAX_SAFE, MAX_SAFE).round_ties_even() as i64)
}

/// WebIDL `[EnforceRange] unsigned long long`.
pub(super) fn enforced_unsigned_long_long<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<u64, E::Exception> {
    Ok(enforced(cx, value, MAX_SAFE)? as u64)
}

/// WebIDL `[EnforceRange] unsigned short`.
pub(super) fn enforced_unsigned_short<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<u16, E::Exception> {
    Ok(enforced(cx, value, 65535.0)? as u16)
}

/// WebIDL "ConvertToInt" with `[EnforceRange]`, for an unsigned type.
fn enforced<E: Engine>(cx: &mut E, value: &E::Value, most: f64) -> Result<f64, E::Exception> {
    let number = cx.to_number(value)?.trunc();
    if !(0.0..=most).contains(&number) {
        return Err(type_error(cx, "the number is out of range"));
    }
    Ok(number)
}

/// ECMA-262 `GetMethod`.
pub(super) fn method<E: Engine>(
    cx: &mut E,
    object: &E::Value,
    key: Key<'_>,
) -> Result<Option<E::Value>, E::Exception> {
    let method = cx.get(object, key)?;
    match cx.type_of(&method) {
        Type::Undefined | Type::Null => Ok(None),
        _ if cx.is_callable(&method) => Ok(Some(method)),
        _ => Err(type_error(cx, "the method is not a function")),
    }
}

/// WebIDL "create a sequence from an iterable": each value is converted before the next is asked for.
pub(super) fn sequence<E: Engine, T>(
    cx: &mut E,
    iterable: &E::Value,
    iterator_method: &E::Value,
    mut convert: impl FnMut(&mut E, E::Value) -> Result<T, E::Exception>,
) -> Result<Vec<T>, E::Exception> {
    let iterator = cx.call(iterator_method, iterable, &[])?;
    if cx.type_of(&iterator) != Type::Object {
        return Err(type_error(cx, "the iterator is not an object"));
    }
    let next = cx.get(&iterator, Key::Name("next"))?;
    let mut items = Vec::new();
    loop {
        let result = cx.call(&next, &iterator, &[])?;
        if cx.type_of(&result) != Type::Object {
            return Err(type_error(cx, "the iterator's result is not an object"));
        }
        let done = cx.get(&result, Key::Name("done"))?;
        if cx.to_boolean(&done) {
            return Ok(items);
        }
        let value = cx.get(&result, Key::Name("value"))?;
        items.push(convert(cx, value)?);
    }
}

/// WebIDL "convert to a sequence".
pub(super) fn to_sequence<E: Engine, T>(
    cx: &mut E,
    value: &E::Value,
    convert: impl FnMut(&mut E, E::Value) -> Result<T, E::Exception>,
) -> Result<Vec<T>, E::Exception> {
    if cx.type_of(value) == Type::Object {
        if let Some(iterator) = method(cx, value, Key::Iterator)? {
            return sequence(cx, value, &iterator, convert);
        }
    }
    Err(type_error(cx, "the value is not iterable"))
}
