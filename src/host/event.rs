//! `Event` (DOM section 2.2; in March 2010 DOM Level 2, and what Level 3 had added by then).

use super::call::{self, Call, Completion};
use super::convert::{boolean_member, dictionary};
use super::engine::Engine;
use super::event_data::{DATA, EventData, EventKind, MessageEventData, TARGET};
use super::idl::interface;
use super::native::Interface;
use super::object::{construct, create, slot_or_null};
use super::property::{Key, Property, PropertyContent};
use super::realm::{RealmSlot, realm, realm_slot, set_realm_slot};
use super::string::DomString;
use std::rc::Rc;

interface! {
    interface Event {
        constructor(1) => constructor;
        constants &[("NONE", 0), ("CAPTURING_PHASE", 1), ("AT_TARGET", 2), ("BUBBLING_PHASE", 3)];
        function IS_TRUSTED => is_trusted;
        this: EventData;

        attribute type => |cx, this| cx.dom_string(&this.type_());
        attribute target => target;
        [Living] attribute srcElement => target;
        attribute currentTarget => current_target;
        [Living] operation composedPath(0) => composed_path;
        attribute eventPhase => event_phase;
        operation stopPropagation(0) => stop_propagation;
        [Living] attribute cancelBubble => cancel_bubble, set_cancel_bubble;
        [Living] operation stopImmediatePropagation(0) => stop_immediate_propagation;
        attribute bubbles => |cx, this| Ok(cx.boolean(this.bubbles.get()));
        attribute cancelable => |cx, this| Ok(cx.boolean(this.cancelable.get()));
        [Living] attribute returnValue => return_value, set_return_value;
        [Html5] attribute timeStamp => time_stamp;
        operation preventDefault(0) => prevent_default;
        attribute defaultPrevented => |cx, this| Ok(cx.boolean(this.state.is_canceled()));
        [Living] attribute composed => |cx, this| Ok(cx.boolean(this.composed));
        [Living] attribute timeStamp => time_stamp;
        [Living] operation initEvent(1) => init_event;
        [Html5] operation initEvent(3) => init_event;
        [Html5] operation stopImmediatePropagation(0) => stop_immediate_propagation;
    }
}

type This<'a, E> = call::This<'a, E, EventData, EventData>;

/// "Create an event", trusted, with the interface's own prototype; and what lies in its first slots.
pub(super) fn create_trusted<E: Engine>(
    cx: &mut E,
    data: Rc<EventData>,
    target: Option<E::Value>,
    value: Option<E::Value>,
) -> Completion<E> {
    let prototype = RealmSlot::Prototype(data.kind.interface());
    let of_registry = [prototype, RealmSlot::IsTrusted].map(RealmSlot::number);
    let mut slots = [None, None];
    slots[TARGET] = target;
    slots[DATA] = value;
    cx.new_event(of_registry, data, slots)
}

/// Has an engine with hidden classes keep those of message events.
pub(super) fn keep_layouts<E: Engine>(cx: &mut E) -> Result<(), E::Exception> {
    let bare = create(cx, Interface::MessageEvent, Rc::new(()))?;
    set_realm_slot(cx, RealmSlot::BareLayout, bare);
    let kind = EventKind::Message(MessageEventData::default());
    let data = EventData::trusted(0.0, DomString::default(), kind);
    let whole = create_trusted(cx, Rc::new(data), None, None)?;
    set_realm_slot(cx, RealmSlot::WholeLayout, whole);
    Ok(())
}

/// The constructor of any event: `read` converts what its dictionary has beside `EventInit`, and tells
/// what goes into slots.
pub(super) fn construct_event<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    new_target: &E::Value,
    interface: Interface,
    read: impl FnOnce(
        &mut E,
        Option<&E::Value>,
    ) -> Result<(EventKind, Vec<(usize, E::Value)>), E::Exception>,
) -> Completion<E> {
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let init = call.argument(cx, 1);
    let init = dictionary(cx, &init)?;
    let mut flags = [false; 3];
    if let Some(init) = &init {
        for (flag, name) in flags.iter_mut().zip(["bubbles", "cancelable", "composed"]) {
            *flag = boolean_member(cx, init, name)?.unwrap_or(false);
        }
    }
    let (kind, slots) = read(cx, init.as_ref())?;
    let now = realm(cx).now();
    let event = construct(cx, new_target, interface, || {
        let [bubbles, cancelable, composed] = flags;
        Rc::new(EventData {
            bubbles: bubbles.into(),
            cancelable: cancelable.into(),
            composed,
            is_trusted: false.into(),
            ..EventData::trusted(now, type_, kind)
        })
    })?;
    for (slot, value) in slots {
        cx.set_slot(&event, slot, Some(value));
    }
    define_is_trusted(cx, &event)?;
    Ok(event)
}

/// [LegacyUnforgeable]: every event has the attribute as a property of its own.
fn define_is_trusted<E: Engine>(cx: &mut E, event: &E::Value) -> Result<(), E::Exception> {
    let get = realm_slot(cx, RealmSlot::IsTrusted);
    let property = Property {
        content: PropertyContent::Accessor { get, set: None },
        enumerable: true,
        configurable: false,
    };
    cx.define(event, Key::Name("isTrusted"), property)
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>, new_target: &E::Value) -> Completion<E> {
    construct_event(cx, call, new_target, Interface::Event, |_, _| {
        Ok((EventKind::Plain, Vec::new()))
    })
}

fn is_trusted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = call.host_defined::<EventData>(cx)?;
    Ok(cx.boolean(event.is_trusted.get()))
}

fn target<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    Ok(slot_or_null(cx, this.object(), TARGET))
}

fn current_target<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    match this.state.is_being_dispatched() {
        true => target(cx, this),
        false => Ok(cx.null()),
    }
}

fn composed_path<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let path = match this.state.is_being_dispatched() {
        true => cx.slot(this.object(), TARGET),
        false => None,
    };
    cx.new_array(path.as_slice(), false)
}

fn event_phase<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    // A target without a parent is at both its passes AT_TARGET.
    let phase = if this.state.is_being_dispatched() {
        2.0
    } else {
        0.0
    };
    Ok(cx.number(phase))
}

fn stop_propagation<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    this.state.stop_propagation();
    Ok(cx.undefined())
}

fn cancel_bubble<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    Ok(cx.boolean(this.state.propagation_is_stopped()))
}

fn set_cancel_bubble<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let value = this.value(cx);
    if cx.to_boolean(&value) {
        this.state.stop_propagation();
    }
    Ok(cx.undefined())
}

fn stop_immediate_propagation<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    this.state.stop_immediate_propagation();
    Ok(cx.undefined())
}

fn return_value<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    Ok(cx.boolean(!this.state.is_canceled()))
}

fn set_return_value<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let value = this.value(cx);
    if !cx.to_boolean(&value) {
        this.cancel();
    }
    Ok(cx.undefined())
}

fn prevent_default<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    this.cancel();
    Ok(cx.undefined())
}

fn time_stamp<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    Ok(cx.number(this.time_stamp))
}

fn init_event<E: Engine>(cx: &mut E, this: This<'_, E>) -> Completion<E> {
    let init = InitArguments::read(cx, this.call)?;
    init.initialize(cx, this.call, &this);
    Ok(cx.undefined())
}

/// The arguments that `initEvent` and its kin have in common.
pub(super) struct InitArguments {
    type_: DomString,
    bubbles: bool,
    cancelable: bool,
}

impl InitArguments {
    pub(super) fn read<E: Engine>(cx: &mut E, call: &Call<E>) -> Result<Self, E::Exception> {
        let type_ = call.argument(cx, 0);
        let type_ = cx.to_dom_string(&type_)?;
        let [bubbles, cancelable] = [1, 2].map(|index| {
            let value = call.argument(cx, index);
            cx.to_boolean(&value)
        });
        Ok(Self {
            type_,
            bubbles,
            cancelable,
        })
    }

    /// DOM `initEvent`, its steps. False if the event is being dispatched, which leaves it as it is.
    pub(super) fn initialize<E: Engine>(
        self,
        cx: &mut E,
        call: &Call<E>,
        event: &EventData,
    ) -> bool {
        if event.state.is_being_dispatched() {
            return false;
        }
        event.initialize(self.type_, self.bubbles, self.cancelable);
        cx.set_slot(&call.this, TARGET, None);
        true
    }
}
