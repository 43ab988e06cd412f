//! `Event` (DOM section 2.2).

use super::convert::{boolean_member, dictionary, unsigned};
use super::engine::{Engine, Key, Property, PropertyContent};
use super::interface::{Id, Interface, Member, construct, create, new_target};
use super::native::{Call, Completion, natives, realm, this};
use super::realm::{RealmSlot, realm_slot};
use super::string::DomString;
use crate::dom::EventState;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

natives! { Event:
    Construct => constructor,
    Type => type_,
    Target => target,
    CurrentTarget => current_target,
    ComposedPath => composed_path,
    EventPhase => event_phase,
    StopPropagation => stop_propagation,
    CancelBubble => cancel_bubble,
    SetCancelBubble => set_cancel_bubble,
    StopImmediatePropagation => stop_immediate_propagation,
    Bubbles => bubbles,
    Cancelable => cancelable,
    ReturnValue => return_value,
    SetReturnValue => set_return_value,
    PreventDefault => prevent_default,
    DefaultPrevented => default_prevented,
    Composed => composed,
    IsTrusted => is_trusted,
    TimeStamp => time_stamp,
    InitEvent => init_event,
}

/// The getter of `isTrusted`, which every event has as a property of its own: [LegacyUnforgeable].
pub(super) const IS_TRUSTED: super::native::Native = Native::IsTrusted.id();

const PHASES: &[(&str, u16)] = &[
    ("NONE", 0),
    ("CAPTURING_PHASE", 1),
    ("AT_TARGET", 2),
    ("BUBBLING_PHASE", 3),
];

const LIVING: Interface = Interface {
    id: Id::Event,
    name: "Event",
    parent: None,
    constructor: Native::Construct.id(),
    constructor_length: 1,
    constants: PHASES,
    statics: &[],
    members: &[
        Member::Attribute("type", Native::Type.id(), None),
        Member::Attribute("target", Native::Target.id(), None),
        Member::Attribute("srcElement", Native::Target.id(), None),
        Member::Attribute("currentTarget", Native::CurrentTarget.id(), None),
        Member::Operation("composedPath", 0, Native::ComposedPath.id()),
        Member::Attribute("eventPhase", Native::EventPhase.id(), None),
        Member::Operation("stopPropagation", 0, Native::StopPropagation.id()),
        Member::Attribute(
            "cancelBubble",
            Native::CancelBubble.id(),
            Some(Native::SetCancelBubble.id()),
        ),
        Member::Operation(
            "stopImmediatePropagation",
            0,
            Native::StopImmediatePropagation.id(),
        ),
        Member::Attribute("bubbles", Native::Bubbles.id(), None),
        Member::Attribute("cancelable", Native::Cancelable.id(), None),
        Member::Attribute(
            "returnValue",
            Native::ReturnValue.id(),
            Some(Native::SetReturnValue.id()),
        ),
        Member::Operation("preventDefault", 0, Native::PreventDefault.id()),
        Member::Attribute("defaultPrevented", Native::DefaultPrevented.id(), None),
        Member::Attribute("composed", Native::Composed.id(), None),
        Member::Attribute("timeStamp", Native::TimeStamp.id(), None),
        Member::Operation("initEvent", 1, Native::InitEvent.id()),
    ],
};

/// DOM Level 2, and what Level 3 had added by 2010.
const HTML5: Interface = Interface {
    members: &[
        Member::Attribute("type", Native::Type.id(), None),
        Member::Attribute("target", Native::Target.id(), None),
        Member::Attribute("currentTarget", Native::CurrentTarget.id(), None),
        Member::Attribute("eventPhase", Native::EventPhase.id(), None),
        Member::Attribute("bubbles", Native::Bubbles.id(), None),
        Member::Attribute("cancelable", Native::Cancelable.id(), None),
        Member::Attribute("timeStamp", Native::TimeStamp.id(), None),
        Member::Operation("stopPropagation", 0, Native::StopPropagation.id()),
        Member::Operation("preventDefault", 0, Native::PreventDefault.id()),
        Member::Operation("initEvent", 3, Native::InitEvent.id()),
        Member::Operation(
            "stopImmediatePropagation",
            0,
            Native::StopImmediatePropagation.id(),
        ),
        Member::Attribute("defaultPrevented", Native::DefaultPrevented.id(), None),
    ],
    ..LIVING
};

pub(super) fn interface(is_html5: bool) -> &'static Interface {
    if is_html5 { &HTML5 } else { &LIVING }
}

/// The payload of an event. What it has of values lies in slots.
pub(super) struct EventData {
    type_: RefCell<Rc<DomString>>,
    bubbles: Cell<bool>,
    cancelable: Cell<bool>,
    composed: bool,
    is_initialized: Cell<bool>,
    pub(super) is_trusted: Cell<bool>,
    time_stamp: f64,
    pub(super) state: EventState,
    pub(super) kind: Kind,
}

/// What an event is beside an `Event`.
pub(super) enum Kind {
    Plain,
    Message(super::message_event::Message),
    Close(super::close_event::Close),
    Error(super::error_event::ErrorInfo),
}

/// Slots of an event.
pub(super) const TARGET: usize = 0;
pub(super) const CURRENT_TARGET: usize = 1;
/// `data` of a `MessageEvent`, `error` of an `ErrorEvent`.
pub(super) const DATA: usize = 2;
pub(super) const SOURCE: usize = 3;
pub(super) const PORTS: usize = 4;

/// DOM `EventInit`.
#[derive(Default)]
pub(super) struct EventInit {
    bubbles: bool,
    cancelable: bool,
    composed: bool,
}

impl EventInit {
    /// WebIDL "convert to a dictionary", the members of `EventInit`.
    pub(super) fn read<E: Engine>(cx: &mut E, init: &E::Value) -> Result<Self, E::Exception> {
        Ok(Self {
            bubbles: boolean_member(cx, init, "bubbles")?.unwrap_or(false),
            cancelable: boolean_member(cx, init, "cancelable")?.unwrap_or(false),
            composed: boolean_member(cx, init, "composed")?.unwrap_or(false),
        })
    }
}

impl EventData {
    pub(super) fn new(
        time_stamp: f64,
        type_: DomString,
        init: &EventInit,
        is_trusted: bool,
        kind: Kind,
    ) -> Rc<Self> {
        Rc::new(Self {
            type_: RefCell::new(Rc::new(type_)),
            bubbles: Cell::new(init.bubbles),
            cancelable: Cell::new(init.cancelable),
            composed: init.composed,
            is_initialized: Cell::new(true),
            is_trusted: Cell::new(is_trusted),
            time_stamp,
            state: EventState::default(),
            kind,
        })
    }

    pub(super) fn type_(&self) -> Rc<DomString> {
        self.type_.borrow().clone()
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.is_initialized.get()
    }

    pub(super) fn cancel(&self) {
        self.state.cancel(self.cancelable.get());
    }

    /// DOM "initialize".
    fn initialize(&self, type_: DomString, bubbles: bool, cancelable: bool) {
        self.is_initialized.set(true);
        self.state.reset();
        self.is_trusted.set(false);
        *self.type_.borrow_mut() = Rc::new(type_);
        self.bubbles.set(bubbles);
        self.cancelable.set(cancelable);
    }
}

/// "Create an event", trusted, with the interface's own prototype.
pub(super) fn create_trusted<E: Engine>(
    cx: &mut E,
    id: Id,
    type_: &str,
    kind: Kind,
) -> Result<(E::Value, Rc<EventData>), E::Exception> {
    let now = realm(cx).now();
    let data = EventData::new(now, type_.into(), &EventInit::default(), true, kind);
    let event = create(cx, id, data.clone())?;
    define_is_trusted(cx, &event)?;
    Ok((event, data))
}

/// The constructor of any event: `read` converts what its dictionary has beside `EventInit`, and tells
/// what goes into slots.
pub(super) fn construct_event<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    id: Id,
    name: &str,
    read: impl FnOnce(&mut E, Option<&E::Value>) -> Result<(Kind, Vec<(usize, E::Value)>), E::Exception>,
) -> Completion<E> {
    let new_target = new_target(cx, call, name)?;
    call.require(cx, 1)?;
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let init = call.argument(cx, 1);
    let init = dictionary(cx, &init)?;
    let event_init = match &init {
        Some(init) => EventInit::read(cx, init)?,
        None => EventInit::default(),
    };
    let (kind, slots) = read(cx, init.as_ref())?;
    let now = realm(cx).now();
    let event = construct(cx, &new_target, id, || {
        EventData::new(now, type_, &event_init, false, kind)
    })?;
    for (slot, value) in slots {
        cx.set_slot(&event, slot, Some(value));
    }
    define_is_trusted(cx, &event)?;
    Ok(event)
}

fn define_is_trusted<E: Engine>(cx: &mut E, event: &E::Value) -> Result<(), E::Exception> {
    let get = realm_slot(cx, RealmSlot::IsTrusted, 0);
    let property = Property {
        content: PropertyContent::Accessor { get, set: None },
        enumerable: true,
        configurable: false,
    };
    cx.define(event, Key::Name("isTrusted"), property)
}

/// The slot of an event, or null.
pub(super) fn slot_or_null<E: Engine>(cx: &mut E, event: &E::Value, slot: usize) -> E::Value {
    match cx.slot(event, slot) {
        Some(value) => value,
        None => cx.null(),
    }
}

/// The event that `this` is.
pub(super) fn this_event<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
) -> Result<Rc<EventData>, E::Exception> {
    this(cx, call, |_: &EventData| true)
}

fn constructor<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    construct_event(cx, call, Id::Event, "Event", |_, _| {
        Ok((Kind::Plain, Vec::new()))
    })
}

fn type_<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let type_ = this_event(cx, call)?.type_();
    cx.dom_string(&type_)
}

fn target<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?;
    Ok(slot_or_null(cx, &call.this, TARGET))
}

fn current_target<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?;
    Ok(slot_or_null(cx, &call.this, CURRENT_TARGET))
}

fn composed_path<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?;
    let path: Vec<_> = cx.slot(&call.this, CURRENT_TARGET).into_iter().collect();
    cx.new_array(&path, false)
}

fn event_phase<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    // A target without a parent is at both its passes AT_TARGET.
    let phase = if event.state.is_being_dispatched() {
        2.0
    } else {
        0.0
    };
    Ok(cx.number(phase))
}

fn stop_propagation<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?.state.stop_propagation();
    Ok(cx.undefined())
}

fn cancel_bubble<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.state.propagation_is_stopped()))
}

fn set_cancel_bubble<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    let value = call.argument(cx, 0);
    if cx.to_boolean(&value) {
        event.state.stop_propagation();
    }
    Ok(cx.undefined())
}

fn stop_immediate_propagation<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?.state.stop_immediate_propagation();
    Ok(cx.undefined())
}

fn bubbles<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.bubbles.get()))
}

fn cancelable<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.cancelable.get()))
}

fn return_value<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(!event.state.is_canceled()))
}

fn set_return_value<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    let value = call.argument(cx, 0);
    if !cx.to_boolean(&value) {
        event.cancel();
    }
    Ok(cx.undefined())
}

fn prevent_default<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    this_event(cx, call)?.cancel();
    Ok(cx.undefined())
}

fn default_prevented<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.state.is_canceled()))
}

fn composed<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.composed))
}

fn is_trusted<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.boolean(event.is_trusted.get()))
}

fn time_stamp<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    Ok(cx.number(event.time_stamp))
}

fn init_event<E: Engine>(cx: &mut E, call: &Call<E>) -> Completion<E> {
    let event = this_event(cx, call)?;
    initialize(cx, call, &event, 1)?;
    Ok(cx.undefined())
}

/// What `initEvent` and its kin have in common: their first three arguments are converted, and
/// `rest` converts the others before anything changes. False if the event is being dispatched, which
/// leaves it as it is.
pub(super) fn initialize<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    event: &EventData,
    required: usize,
) -> Result<bool, E::Exception> {
    let required = match realm(cx).edition() {
        crate::Edition::Html5 => required.max(3),
        _ => required,
    };
    call.require(cx, required)?;
    let type_ = call.argument(cx, 0);
    let type_ = cx.to_dom_string(&type_)?;
    let bubbles = call.argument(cx, 1);
    let bubbles = cx.to_boolean(&bubbles);
    let cancelable = call.argument(cx, 2);
    let cancelable = cx.to_boolean(&cancelable);
    Ok(initialize_with(cx, call, event, type_, bubbles, cancelable))
}

/// DOM `initEvent`, its steps.
pub(super) fn initialize_with<E: Engine>(
    cx: &mut E,
    call: &Call<E>,
    event: &EventData,
    type_: DomString,
    bubbles: bool,
    cancelable: bool,
) -> bool {
    if event.state.is_being_dispatched() {
        return false;
    }
    event.initialize(type_, bubbles, cancelable);
    cx.set_slot(&call.this, TARGET, None);
    true
}

/// WebIDL `unsigned long` or `unsigned short` of a dictionary member; 0 if it is absent.
pub(super) fn unsigned_member<E: Engine>(
    cx: &mut E,
    init: &E::Value,
    name: &str,
    bits: u32,
) -> Result<u32, E::Exception> {
    match super::convert::member(cx, init, name)? {
        Some(value) => unsigned(cx, &value, bits),
        None => Ok(0),
    }
}
