//! `CloseEvent` (WebSockets section 6; r4820 section 10.3.3.1).

use super::call::{self, Call, Completion};
use super::convert::{boolean_member, string_member, unsigned_member};
use super::engine::Engine;
use super::event::{InitArguments, construct_event};
use super::event_data::{EventData, EventKind};
use super::idl::interface;
use super::native::Interface;
use crate::dom::CloseEventInit;
use std::cell::RefCell;

interface! {
    interface CloseEvent: Event {
        constructor(1) => constructor;
        this: EventData as RefCell<CloseEventInit> => EventData::close;

        attribute wasClean => |cx, this| Ok(cx.boolean(this.borrow().was_clean));
        [Living] attribute code => |cx, this| Ok(cx.number(this.borrow().code.into()));
        [Living] attribute reason => |cx, this| cx.string(&this.borrow().reason);
        [Html5] operation initCloseEvent(4) => init_close_event;
    }
}

type This<'a, E> = call::This<'a, E, EventData, RefCell<CloseEventInit>>;

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    construct_event(cx, call, new_target, Interface::CloseEvent, |cx, init| {
        let mut close = CloseEventInit::default();
        if let Some(init) = init {
            close.code = unsigned_member(cx, init, "code", 16)? as u16;
            if let Some(reason) = string_member(cx, init, "reason")? {
                close.reason = reason.into_usv_string();
            }
            close.was_clean = boolean_member(cx, init, "wasClean")?.unwrap_or(false);
        }
        Ok((EventKind::Close(RefCell::new(close)), Vec::new()))
    })
}

fn init_close_event<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let init = InitArguments::read(cx, this.call)?;
    let was_clean = this.call.argument(cx, 3);
    let was_clean = cx.to_boolean(&was_clean);
    if init.initialize(cx, this.call, this.host_defined) {
        this.borrow_mut().was_clean = was_clean;
    }
    Ok(cx.undefined())
}
