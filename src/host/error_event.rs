//! `ErrorEvent` (HTML section 8.1.4.6).

use super::convert::{member, string_member};
use super::engine::Engine;
use super::event::{DATA, EventData, Kind, construct_event, unsigned_member};
use super::interface::{Id, Interface, Member};
use super::native::{Call, Completion, natives, this};
use super::string::DomString;
use std::rc::Rc;

natives! { ErrorEvent:
    Construct => constructor,
    Message => message,
    Filename => filename,
    Lineno => lineno,
    Colno => colno,
    Error => error,
}

pub(super) const INTERFACE: Interface = Interface {
    id: Id::ErrorEvent,
    name: "ErrorEvent",
    parent: Some(Id::Event),
    constructor: Native::Construct.id(),
    constructor_length: 1,
    constants: &[],
    statics: &[],
    members: &[
        Member::Attribute("message", Native::Message.id(), None),
        Member::Attribute("filename", Native::Filename.id(), None),
        Member::Attribute("lineno", Native::Lineno.id(), None),
        Member::Attribute("colno", Native::Colno.id(), None),
        Member::Attribute("error", Native::Error.id(), None),
    ],
};

/// What an `ErrorEvent` has beside its slot.
#[derive(Default)]
pub(super) struct ErrorInfo {
    message: DomString,
    filename: String,
    lineno: u32,
    colno: u32,
}

fn this_error<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<EventData>, E::Exception> {
    this(cx, call, |event: &EventData| {
        matches!(event.kind, Kind::Error(_))
    })
}

fn info(event: &EventData) -> Option<&ErrorInfo> {
    match &event.kind {
        Kind::Error(info) => Some(info),
        _ => None,
    }
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    construct_event(cx, call, Id::ErrorEvent, "ErrorEvent", |cx, init| {
        let mut info = ErrorInfo::default();
        let mut slots = Vec::new();
        if let Some(init) = init {
            info.colno = unsigned_member(cx, init, "colno", 32)?;
            if let Some(error) = member(cx, init, "error")? {
                slots.push((DATA, error));
            }
            if let Some(filename) = string_member(cx, init, "filename")? {
                info.filename = filename.into_usv_string();
            }
            info.lineno = unsigned_member(cx, init, "lineno", 32)?;
            if let Some(message) = string_member(cx, init, "message")? {
                info.message = message;
            }
        }
        Ok((Kind::Error(info), slots))
    })
}

fn message<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_error(cx, call)?;
    let message = info(&event).map(|info| info.message.clone());
    cx.dom_string(&message.unwrap_or_default())
}

fn filename<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_error(cx, call)?;
    cx.string(info(&event).map_or("", |info| &info.filename))
}

fn lineno<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_error(cx, call)?;
    Ok(cx.number(info(&event).map_or(0.0, |info| f64::from(info.lineno))))
}

fn colno<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_error(cx, call)?;
    Ok(cx.number(info(&event).map_or(0.0, |info| f64::from(info.colno))))
}

fn error<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_error(cx, call)?;
    match cx.slot(&call.this, DATA) {
        Some(error) => Ok(error),
        None => Ok(cx.undefined()),
    }
}
