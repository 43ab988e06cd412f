//! `CloseEvent` (WebSockets section 6; r4820 section 10.3.3.1).

use super::convert::{boolean_member, string_member};
use super::engine::Engine;
use super::event::{EventData, Kind, construct_event, initialize, unsigned_member};
use super::interface::{Id, Interface, Member};
use super::native::{Call, Completion, natives, this};
use std::cell::Cell;
use std::rc::Rc;

natives! { CloseEvent:
    Construct => constructor,
    WasClean => was_clean,
    Code => code,
    Reason => reason,
    Init => init_close_event,
}

const LIVING: Interface = Interface {
    id: Id::CloseEvent,
    name: "CloseEvent",
    parent: Some(Id::Event),
    constructor: Native::Construct.id(),
    constructor_length: 1,
    constants: &[],
    statics: &[],
    members: &[
        Member::Attribute("wasClean", Native::WasClean.id(), None),
        Member::Attribute("code", Native::Code.id(), None),
        Member::Attribute("reason", Native::Reason.id(), None),
    ],
};

const HTML5: Interface = Interface {
    members: &[
        Member::Attribute("wasClean", Native::WasClean.id(), None),
        Member::Operation("initCloseEvent", 4, Native::Init.id()),
    ],
    ..LIVING
};

pub(super) fn interface(is_html5: bool) -> &'static Interface {
    if is_html5 { &HTML5 } else { &LIVING }
}

/// What a `CloseEvent` has.
#[derive(Default)]
pub(super) struct Close {
    pub(super) was_clean: Cell<bool>,
    pub(super) code: u16,
    pub(super) reason: String,
}

fn this_close<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Rc<EventData>, E::Exception> {
    this(cx, call, |event: &EventData| {
        matches!(event.kind, Kind::Close(_))
    })
}

fn close(event: &EventData) -> Option<&Close> {
    match &event.kind {
        Kind::Close(close) => Some(close),
        _ => None,
    }
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    construct_event(cx, call, Id::CloseEvent, "CloseEvent", |cx, init| {
        let mut close = Close::default();
        if let Some(init) = init {
            close.code = unsigned_member(cx, init, "code", 16)? as u16;
            if let Some(reason) = string_member(cx, init, "reason")? {
                close.reason = reason.into_usv_string();
            }
            let was_clean = boolean_member(cx, init, "wasClean")?;
            close.was_clean.set(was_clean.unwrap_or(false));
        }
        Ok((Kind::Close(close), Vec::new()))
    })
}

fn was_clean<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_close(cx, call)?;
    Ok(cx.boolean(close(&event).is_some_and(|close| close.was_clean.get())))
}

fn code<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_close(cx, call)?;
    Ok(cx.number(close(&event).map_or(0.0, |close| f64::from(close.code))))
}

fn reason<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_close(cx, call)?;
    cx.string(close(&event).map_or("", |close| &close.reason))
}

fn init_close_event<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_close(cx, call)?;
    let was_clean = call.argument(cx, 3);
    let was_clean = cx.to_boolean(&was_clean);
    if initialize(cx, call, &event, 4)? {
        if let Some(close) = close(&event) {
            close.was_clean.set(was_clean);
        }
    }
    Ok(cx.undefined())
}
