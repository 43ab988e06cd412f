//! `WebSocketCloseInfo`, for script.

use super::call::Completion;
use super::convert::{dictionary, enforced_unsigned_short, member, string_member};
use super::engine::Engine;
use super::language::Intrinsic;
use super::property::{Key, Property, PropertyContent};
use crate::dom::WebSocketCloseInfo;

/// WebIDL "convert to a dictionary".
pub(super) fn to_close_info<E: Engine>(
    cx: &mut E,
    value: &E::Value,
) -> Result<WebSocketCloseInfo, E::Exception> {
    let Some(dictionary) = dictionary(cx, value)? else {
        return Ok(WebSocketCloseInfo::default());
    };
    let close_code = match member(cx, &dictionary, "closeCode")? {
        Some(code) => Some(enforced_unsigned_short(cx, &code)?),
        None => None,
    };
    let reason = string_member(cx, &dictionary, "reason")?;
    Ok(WebSocketCloseInfo {
        close_code,
        reason: reason.unwrap_or_default().into_usv_string(),
    })
}

/// WebIDL "convert a dictionary to an ECMAScript value".
pub(super) fn create_close_info<E: Engine>(cx: &mut E, info: &WebSocketCloseInfo) -> Completion<E> {
    let mut members = Vec::new();
    if let Some(code) = info.close_code {
        members.push(("closeCode", cx.number(code.into())));
    }
    members.push(("reason", cx.string(&info.reason)?));
    create_dictionary(cx, members)
}

/// A plain object with these members.
pub(super) fn create_dictionary<E: Engine>(
    cx: &mut E,
    members: impl IntoIterator<Item = (&'static str, E::Value)>,
) -> Completion<E> {
    let prototype = cx.intrinsic(Intrinsic::ObjectPrototype);
    let object = cx.new_object(&prototype)?;
    for (name, value) in members {
        let property = Property {
            content: PropertyContent::Data {
                value,
                writable: true,
            },
            enumerable: true,
            configurable: true,
        };
        cx.define(&object, Key::Name(name), property)?;
    }
    Ok(object)
}
