//! `WebSocketError` (WebSocketStream).

use super::call::{Call, Completion};
use super::close_info::to_close_info;
use super::dom_exception::{self, Exception, define_stack};
use super::engine::Engine;
use super::idl::interface;
use super::native::Interface;
use super::object::{create, prototype_from};
use super::string::DomString;
use crate::dom::WebSocketCloseInfo;
use crate::edition::Edition;
use std::rc::Rc;

interface! {
    interface WebSocketError: DOMException {
        constructor(0) => constructor;
        this: Exception as WebSocketCloseInfo => Exception::close_info;

        attribute closeCode => |cx, this| Ok(match this.close_code {
            Some(code) => cx.number(code.into()),
            None => cx.null(),
        });
        attribute reason => |cx, this| cx.string(&this.reason);
    }
}

/// A new error of the realm's.
pub(super) fn new<E: Engine>(
    cx: &mut E,
    message: &str,
    close_info: WebSocketCloseInfo,
) -> Completion<E> {
    let error = Exception::with_close_info(message.into(), close_info);
    let error = create(cx, Interface::WebSocketError, Rc::new(error))?;
    define_stack(cx, &error)?;
    Ok(error)
}

/// What a value says about closing, if it implements `WebSocketError`.
pub(super) fn close_info_of<E: Engine>(cx: &mut E, value: &E::Value) -> Option<WebSocketCloseInfo> {
    let exception = cx.host_defined(value)?.downcast::<Exception>().ok()?;
    exception.close_info().cloned()
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let message = match call.optional(cx, 0) {
        Some(message) => cx.to_dom_string(&message)?,
        None => DomString::default(),
    };
    let init = call.argument(cx, 1);
    let mut init = to_close_info(cx, &init)?;
    // The prototype is asked for before the constructor's own steps.
    let prototype = prototype_from(cx, new_target, Interface::WebSocketError)?;
    // Step 5.
    Edition::Living
        .check_close(init.close_code, &init.reason)
        .map_err(|argument| dom_exception::rethrow(cx, &argument.into()))?;
    // Step 6.
    if !init.reason.is_empty() {
        init.close_code.get_or_insert(1000);
    }
    let error = Exception::with_close_info(message, init);
    let error = cx.new_host_object(&prototype, Rc::new(error))?;
    define_stack(cx, &error)?;
    Ok(error)
}
