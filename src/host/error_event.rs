//! `ErrorEvent` (HTML section 8.1.4.6).

use super::call::{Call, Completion};
use super::convert::{member, string_member, unsigned_member};
use super::engine::Engine;
use super::event::construct_event;
use super::event_data::{DATA, ErrorEventData, EventData, EventKind};
use super::idl::interface;
use super::native::Interface;

interface! {
    interface ErrorEvent: Event {
        constructor(1) => constructor;
        this: EventData as ErrorEventData => EventData::error;

        attribute message => |cx, this| cx.dom_string(&this.message);
        attribute filename => |cx, this| cx.string(&this.filename);
        attribute lineno => |cx, this| Ok(cx.number(this.lineno.into()));
        attribute colno => |cx, this| Ok(cx.number(this.colno.into()));
        attribute error => |cx, this| {
            let undefined = cx.undefined();
            Ok(cx.slot(this.object(), DATA).unwrap_or(undefined))
        };
    }
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    construct_event(cx, call, new_target, Interface::ErrorEvent, |cx, init| {
        let mut data = ErrorEventData::default();
        let mut slots = Vec::new();
        if let Some(init) = init {
            data.colno = unsigned_member(cx, init, "colno", 32)?;
            if let Some(error) = member(cx, init, "error")? {
                slots.push((DATA, error));
            }
            if let Some(filename) = string_member(cx, init, "filename")? {
                data.filename = filename.into_usv_string();
            }
            data.lineno = unsigned_member(cx, init, "lineno", 32)?;
            if let Some(message) = string_member(cx, init, "message")? {
                data.message = message;
            }
        }
        Ok((EventKind::Error(data), slots))
    })
}
