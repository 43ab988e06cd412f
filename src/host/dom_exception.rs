//! `DOMException` (WebIDL section 4.3).

use super::call::{Call, Completion};
use super::engine::Engine;
use super::idl::interface;
use super::language::{ErrorKind, Type};
use super::native::Interface;
use super::object::{construct, create, hidden};
use super::property::Key;
use super::realm::{RealmSlot, realm, realm_slot};
use super::string::DomString;
use crate::dom::WebSocketCloseInfo;
use std::rc::Rc;

interface! {
    interface DOMException {
        constructor(0) => constructor;
        constants CODES;
        this: Exception;

        attribute name => |cx, this| cx.dom_string(&this.name);
        attribute message => |cx, this| cx.dom_string(&this.message);
        attribute code => |cx, this| Ok(cx.number(this.name.as_str().map_or(0, code_of).into()));
    }
}

/// The legacy codes.
const CODES: &[(&str, u16)] = &[
    ("INDEX_SIZE_ERR", 1),
    ("DOMSTRING_SIZE_ERR", 2),
    ("HIERARCHY_REQUEST_ERR", 3),
    ("WRONG_DOCUMENT_ERR", 4),
    ("INVALID_CHARACTER_ERR", 5),
    ("NO_DATA_ALLOWED_ERR", 6),
    ("NO_MODIFICATION_ALLOWED_ERR", 7),
    ("NOT_FOUND_ERR", 8),
    ("NOT_SUPPORTED_ERR", 9),
    ("INUSE_ATTRIBUTE_ERR", 10),
    ("INVALID_STATE_ERR", 11),
    ("SYNTAX_ERR", 12),
    ("INVALID_MODIFICATION_ERR", 13),
    ("NAMESPACE_ERR", 14),
    ("INVALID_ACCESS_ERR", 15),
    ("VALIDATION_ERR", 16),
    ("TYPE_MISMATCH_ERR", 17),
    ("SECURITY_ERR", 18),
    ("NETWORK_ERR", 19),
    ("ABORT_ERR", 20),
    ("URL_MISMATCH_ERR", 21),
    ("QUOTA_EXCEEDED_ERR", 22),
    ("TIMEOUT_ERR", 23),
    ("INVALID_NODE_TYPE_ERR", 24),
    ("DATA_CLONE_ERR", 25),
];

/// WebIDL "DOMException names table".
fn code_of(name: &str) -> u16 {
    match name {
        "IndexSizeError" => 1,
        "HierarchyRequestError" => 3,
        "WrongDocumentError" => 4,
        "InvalidCharacterError" => 5,
        "NoModificationAllowedError" => 7,
        "NotFoundError" => 8,
        "NotSupportedError" => 9,
        "InUseAttributeError" => 10,
        "InvalidStateError" => 11,
        "SyntaxError" => 12,
        "InvalidModificationError" => 13,
        "NamespaceError" => 14,
        "InvalidAccessError" => 15,
        "TypeMismatchError" => 17,
        "SecurityError" => 18,
        "NetworkError" => 19,
        "AbortError" => 20,
        "URLMismatchError" => 21,
        "QuotaExceededError" => 22,
        "TimeoutError" => 23,
        "InvalidNodeTypeError" => 24,
        "DataCloneError" => 25,
        _ => 0,
    }
}

/// The host-defined value of a `DOMException`.
pub(super) struct Exception {
    name: DomString,
    message: DomString,
    /// What a `WebSocketError` is beside that.
    close_info: Option<WebSocketCloseInfo>,
}

impl Exception {
    pub(super) fn close_info(&self) -> Option<&WebSocketCloseInfo> {
        self.close_info.as_ref()
    }

    /// One that is a `WebSocketError`.
    pub(super) fn with_close_info(message: DomString, close_info: WebSocketCloseInfo) -> Self {
        Self {
            name: "WebSocketError".into(),
            message,
            close_info: Some(close_info),
        }
    }
}

/// A new exception of the realm's.
pub(super) fn new<E: Engine>(cx: &mut E, name: &str, message: &str) -> Completion<E> {
    if realm(cx).is_foreign(Interface::DOMException) {
        let object = realm_slot(cx, RealmSlot::InterfaceObject(Interface::DOMException));
        let message = cx.string(message)?;
        let name = cx.string(name)?;
        return cx.construct(&object, &[message, name]);
    }
    let exception = Exception {
        name: name.into(),
        message: message.into(),
        close_info: None,
    };
    let exception = create(cx, Interface::DOMException, Rc::new(exception))?;
    define_stack(cx, &exception)?;
    Ok(exception)
}

/// A new exception, to throw.
pub(super) fn throw<E: Engine>(cx: &mut E, name: &str, message: &str) -> E::Exception {
    match new(cx, name, message) {
        Ok(exception) => cx.throw(exception),
        Err(exception) => exception,
    }
}

/// Throws what a method of the object threw.
pub(super) fn rethrow<E: Engine>(cx: &mut E, exception: &crate::DomException) -> E::Exception {
    throw(cx, exception.name(), exception.message())
}

/// WebIDL: an implementation that gives error objects a `stack` should give exceptions one too.
pub(super) fn define_stack<E: Engine>(
    cx: &mut E,
    exception: &E::Value,
) -> Result<(), E::Exception> {
    let error = cx.new_error(ErrorKind::Error, "")?;
    let stack = cx.get(&error, Key::Name("stack"))?;
    if cx.type_of(&stack) == Type::String {
        cx.define(exception, Key::Name("stack"), hidden(stack, true, true))?;
    }
    Ok(())
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    let message = match call.optional(cx, 0) {
        Some(message) => cx.to_dom_string(&message)?,
        None => DomString::default(),
    };
    let name = match call.optional(cx, 1) {
        Some(name) => cx.to_dom_string(&name)?,
        None => DomString::from("Error"),
    };
    let exception = construct(cx, new_target, Interface::DOMException, || {
        Rc::new(Exception {
            name,
            message,
            close_info: None,
        })
    })?;
    define_stack(cx, &exception)?;
    Ok(exception)
}
